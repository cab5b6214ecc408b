"""`glassnet twin`: check engine parity for the network and data of the settings."""

import logging
import math
import time
from collections.abc import Iterator, Sequence
from typing import Any

from glassnet.core.arrays import Array, take
from glassnet.core.errors import unknown
from glassnet.core.trees import map_leaves
from glassnet.data.splits import first_batches
from glassnet.runs.build import new_model
from glassnet.runs.data import TrainingData
from glassnet.training.checks.targets import checked_targets
from glassnet.verify.twin.compare import TOLERANCE, EngineParity, twin
from glassnet.verify.twin.steppers import Setup

log = logging.getLogger(__name__)

MESSAGE_SECONDS = 5.0  # between two progress messages


def run_twin(
    data: TrainingData, engines: Sequence[str], dtype: str, steps: int, tolerance: float | None
) -> list[EngineParity]:
    """Compare the engines over `steps` steps in float32, float64 or both."""
    if dtype not in (*TOLERANCE, "both"):
        raise unknown("dtype", dtype, (*TOLERANCE, "both"), where="--dtype")
    settings, x, targets = data.settings, data.train.x, data.train.y
    model = new_model(data)
    assert model.loss is not None
    assert model.optimizer is not None
    verdicts = []
    for precision in TOLERANCE if dtype == "both" else (dtype,):
        y = checked_targets(targets, len(targets), model.output_shape, model.loss, precision)
        params = map_leaves(lambda leaf, to=precision: leaf.astype(to), model.params)
        setup = Setup(
            model.network, model.input_shape, params, model.loss, model.optimizer, precision,
            settings.seed,
        )  # fmt: skip

        def batches(y: Array = y, precision: str = precision) -> Iterator[tuple[Any, Array]]:
            last_message = -math.inf
            row_batches = first_batches(len(y), data.batch_size, settings.seed, steps)
            for step, rows in enumerate(row_batches, 1):
                if time.monotonic() - last_message > MESSAGE_SECONDS:
                    log.info(f"{', '.join(engines)} in {precision}: step {step} of {steps}")
                    last_message = time.monotonic()
                yield take(x, rows), y[rows]

        verdicts += twin(setup, engines, batches, tolerance)
    return verdicts
