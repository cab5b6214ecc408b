"""Which learning rate? A range test on a copy of the model."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

from glassnet.runs.train import KERAS_ENGINES
from glassnet.core.arrays import whole_number
from glassnet.core.errors import GlassnetError
from glassnet.engines import engine as new_engine
from glassnet.engines.state import State, beginning
from glassnet.runs.prepare import loaded
from glassnet.model.model import Model
from glassnet.runs.build import new_model, prepared, targets_for
from glassnet.runs.settings import Settings
from glassnet.training.checks.augmentation import checked_augmentation
from glassnet.training.lr_range import RangeTest, range_test, rising

LOW, HIGH, STEPS = 1e-6, 10.0, 200


def find_learning_rate(
    model: Model,
    x: Any,
    y: Any,
    batch_size: int = 32,
    *,
    steps: int = STEPS,
    low: float = LOW,
    high: float = HIGH,
    augment: Any = None,
    engine: str = "numpy",
) -> RangeTest:
    """The learning-rate range test of a compiled model, which stays as it was.

    Takes `steps` steps while the rate rises from `low` to `high`, each the same factor above the
    one before, until the smoothed loss is 4 times its lowest value. Suggests the rate where it
    falls fastest with log rate (Smith, 2017); for a schedule, as its peak. Raises where it never
    falls.
    """
    rates, size = rising(low, high, steps), whole_number(batch_size, "batch_size", 1)
    copy = deepcopy(model)
    optimizer, _ = copy._require_compiled()
    examples = copy.examples(x, y)
    shape, loss = copy.input_shape, copy.loss
    change = checked_augmentation(augment, copy.network, shape, loss, weighted=False)
    task, params = copy._task(change), copy._adapted(examples.x)
    state = State(0, params, beginning(task, optimizer, params).slots)
    running = new_engine(engine, task, optimizer, state, copy.seed)
    return range_test(running, examples.x, examples.y, size, rates, copy.seed)


def find_for(
    settings: Settings,
    *,
    data_dir: str | None = None,
    report: Callable[[str], None] = lambda line: None,
    plot: str | None = None,
    **options: Any,
) -> RangeTest:
    """The range test of what `train` would train; draws it if there is a path to draw to."""
    if settings.engine in KERAS_ENGINES:
        raise GlassnetError(
            "trains with Keras's own fit.", where="--engine", fix="Take numpy or jax."
        )
    data, rows, _ = prepared(settings, loaded(settings, data_dir, report), report)
    x, y = data.x_train[rows], targets_for(settings.loss, data)[0][rows]
    found = find_learning_rate(
        new_model(settings, data, x), x, y, settings.batch_size,
        augment=settings.augment, engine=settings.engine, **options,
    )  # fmt: skip
    if plot is not None:
        from glassnet.plots.rates import rate_curve
        from glassnet.plots.style import write_figure

        figure = rate_curve(found.rates, found.losses, found.smoothed, found.suggestion)
        write_figure(figure, Path(plot))
    return found
