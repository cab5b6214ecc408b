"""The learning-rate range test: how the loss answers to a rising rate.

Smith, L. N. (2017). Cyclical Learning Rates for Training Neural Networks. WACV 2017.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.core.arrays import Array, length
from glassnet.core.errors import GlassnetError
from glassnet.data.splits import first_batches
from glassnet.engines.state import Engine

SMOOTHING = 0.95  # share of the old mean in each step's new one
DIVERGED = 4.0  # times the lowest smoothed loss
CHUNK = 10  # steps between two looks at the loss
SETTLED = 20  # steps until the mean, of few losses at first, is no longer mostly noise
LEAST = 50
RULE = "where the smoothed loss falls fastest with the logarithm of the rate"


@dataclass(frozen=True)
class RangeTest:
    """The loss of each step, at a rate that rises by the same factor from step to step."""

    rates: Array
    losses: Array
    smoothed: Array
    suggestion: float
    diverged: bool  # or all steps were done

    def to_dict(self) -> dict[str, Any]:
        return {**vars(self), "rule": RULE}


def rising(low: float, high: float, steps: int) -> Array:
    """Rates from `low` to `high`, each the same factor above the one before."""
    if not (0 < low < high < np.inf and steps >= LEAST):
        what = f"needs 0 < low < high and at least {LEAST} steps: {low}, {high}, {steps}."
        raise GlassnetError(what, where="learning-rate range test")
    found: Array = np.geomspace(low, high, steps)
    return found


def range_test(
    engine: Engine, x: Any, y: Any, batch_size: int, rates: Sequence[float] | Array, seed: int
) -> RangeTest:
    """Take a step at each rate, in the order of a training, until the loss has diverged.

    It has where its smoothed value is above 4 times the lowest one, or is no number.
    """
    losses: list[float] = []
    batches = list(first_batches(length(x), batch_size, seed, len(rates)))
    for start in range(0, len(rates), CHUNK):
        part = slice(start, start + CHUNK)
        found = engine.run(x, y, batches[part], [float(rate) for rate in rates[part]])
        losses += found.losses[: None if found.finite else -1].tolist()
        if not found.finite:
            return _found(rates, losses, True)
        means = smoothed(losses)
        if means[-1] > DIVERGED * means.min():
            return _found(rates, losses, True)
    return _found(rates, losses, False)


def smoothed(losses: Sequence[float]) -> Array:
    """The running mean mᵢ = β mᵢ₋₁ + (1 − β) lᵢ, divided by 1 − βⁱ as it begins at 0."""
    means, mean = np.empty(len(losses)), 0.0
    for i, loss in enumerate(losses):
        mean = SMOOTHING * mean + (1 - SMOOTHING) * loss
        means[i] = mean / (1 - SMOOTHING ** (i + 1))
    return means


def steepest(rates: Array, means: Array) -> float:
    """The rate where the means fall fastest with log rate, before their lowest point."""
    part = slice(SETTLED, SETTLED + int(means[SETTLED:].argmin()) + 1)
    rates, means = rates[part], means[part]
    if len(means) < 3:
        raise GlassnetError(
            "the loss never falls.",
            where="learning-rate range test",
            fix="Begin at a lower rate, or look at data and network: glassnet doctor.",
        )
    slopes = np.gradient(means, np.log(rates))
    return float(rates[int(slopes.argmin())])


def _found(rates: Any, losses: list[float], diverged: bool) -> RangeTest:
    done = np.asarray(rates[: len(losses)])
    means = smoothed(losses)
    if len(losses) <= SETTLED:
        raise GlassnetError(
            f"the loss diverged after {len(losses)} steps.",
            where="learning-rate range test",
            fix="Begin at a lower rate.",
        )
    return RangeTest(done, np.array(losses), means, steepest(done, means), diverged)
