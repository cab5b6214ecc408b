"""The learning-rate range test: the loss while the learning rate rises from step to step.

Smith, L. N. (2017). Cyclical Learning Rates for Training Neural Networks. WACV 2017.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.core.arrays import Array, length
from glassnet.core.errors import GlassnetError
from glassnet.core.terminal import paced
from glassnet.data.splits import first_batches
from glassnet.engines.state import Engine

log = logging.getLogger(__name__)

SMOOTHING = 0.95  # share of the previous mean in each step's new mean
DIVERGED = 4.0  # times the lowest smoothed loss
CHUNK = 10  # steps between two checks of the loss
SETTLED = 20  # steps until the running mean covers enough losses to be more than noise
LEAST = 50  # steps
RULE = "where the smoothed loss falls fastest with the logarithm of the rate"


@dataclass(frozen=True)
class RangeTest:
    """The loss of each step, at a rate that rises by the same factor every step."""

    rates: Array
    losses: Array
    smoothed: Array
    suggestion: float
    diverged: bool  # False if all steps were done

    def to_dict(self) -> dict[str, Any]:
        return {**vars(self), "rule": RULE}


def rising_rates(low: float, high: float, steps: int) -> Array:
    """Return rates from `low` to `high`, each the same factor above the previous one."""
    if not (0 < low < high < np.inf and steps >= LEAST):
        raise GlassnetError(
            f"needs 0 < low < high and at least {LEAST} steps, got low {low}, high {high} and "
            f"{steps} steps.",
            where="learning-rate range test",
        )
    return np.geomspace(low, high, steps)


def range_test(
    engine: Engine, x: Any, y: Any, batch_size: int, rates: Sequence[float] | Array, seed: int
) -> RangeTest:
    """Run one training step at each rate until the loss diverges; return the test's result.

    The batches come in the order of a training. The loss has diverged when it is non-finite or
    its smoothed value is above 4 times its lowest one.
    """
    losses: list[float] = []
    diverged = False
    batches = list(first_batches(length(x), batch_size, seed, len(rates)))
    progress = paced(log.info)
    for start in range(0, len(rates), CHUNK):
        progress(f"step {start} of {len(rates)}, learning rate {rates[start]:.2g}")
        part = slice(start, start + CHUNK)
        measures = engine.run(x, y, batches[part], [float(rate) for rate in rates[part]])
        losses += measures.losses[: None if measures.finite else -1].tolist()
        means = smoothed_losses(losses)
        diverged = not measures.finite or bool(means[-1] > DIVERGED * means.min())
        if diverged:
            break
    if len(losses) <= SETTLED:
        raise GlassnetError(
            f"the loss diverged after {len(losses)} steps.",
            where="learning-rate range test",
            fix="Start at a lower rate.",
        )
    rates = np.asarray(rates[: len(losses)])
    return RangeTest(rates, np.array(losses), means, steepest_rate(rates, means), diverged)


def smoothed_losses(losses: Sequence[float]) -> Array:
    """Return the running means mᵢ = β mᵢ₋₁ + (1 − β) lᵢ, divided by 1 − βⁱ because m₀ = 0."""
    means, mean = np.empty(len(losses)), 0.0
    for i, loss in enumerate(losses):
        mean = SMOOTHING * mean + (1 - SMOOTHING) * loss
        means[i] = mean / (1 - SMOOTHING ** (i + 1))
    return means


def steepest_rate(rates: Array, means: Array) -> float:
    """Return the rate where the means fall fastest with log rate, before their lowest point."""
    part = slice(SETTLED, SETTLED + int(means[SETTLED:].argmin()) + 1)
    rates, means = rates[part], means[part]
    if len(means) < 3:
        raise GlassnetError(
            "the loss never falls.",
            where="learning-rate range test",
            fix="Start at a lower rate, or check the data and the network: glassnet doctor.",
        )
    slopes = np.gradient(means, np.log(rates))
    return float(rates[int(slopes.argmin())])
