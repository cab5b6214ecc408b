"""Integrated gradients: the gradient integrated on the path from a baseline to the example."""

import numpy as np

from glassnet.core.arrays import Array
from glassnet.explain.score import Score

STEPS = 32
MAX_INTERVALS = 1024
SUM_ERROR = 0.005  # largest |sum of errors|, as a share of the change of the score
ABSOLUTE_ERROR = 0.1  # largest sum of |errors|, as a share of the total variation of the score


def integrated_gradients(
    score: Score,
    x: Array,
    baseline: Array,
    exact: bool = True,
    steps: int = STEPS,
    most: int = MAX_INTERVALS,
) -> Array:
    """φ = (x − b) ⊙ ∫₀¹ ∇s(b + t (x − b)) dt.   x, b and φ have the same shape

    By the midpoint rule on `steps` equal intervals of the path. What each interval should add to Σφ
    is known: the change of s over it. If `exact`, the intervals with the largest errors are halved
    until the errors sum to less than 0.5% of the whole change of s, and their absolute values to
    less than 10% of the total variation of s, or until there are `most` intervals or more. The
    intervals thus become small where the gradient of a ReLU network jumps.
    Source: Sundararajan, Taly & Yan 2017, "Axiomatic attribution for deep networks".
    """
    path = _Path(score, x, baseline)
    edges = np.linspace(0, 1, steps + 1)
    while True:
        middles, widths = (edges[1:] + edges[:-1]) / 2, np.diff(edges)
        gradients = path.at("gradients", middles)
        if exact:
            changes = np.diff(path.at("values", edges))
            errors = (gradients * (x - baseline)).reshape(len(middles), -1).sum(axis=1) * widths
            errors -= changes
            enough = abs(errors.sum()) <= SUM_ERROR * abs(changes.sum())
            enough &= abs(errors).sum() <= ABSOLUTE_ERROR * abs(changes).sum()
        if not exact or enough or len(middles) >= most:
            return (x - baseline) * np.tensordot(widths, gradients, 1)
        new_edges = middles[abs(errors) >= abs(errors).mean()]
        edges = np.sort(np.concatenate([edges, new_edges]))


class _Path:
    """Scores and gradients at b + t (x − b), each computed once."""

    def __init__(self, score: Score, x: Array, baseline: Array) -> None:
        self.score, self.x, self.baseline = score, x, baseline
        self.cache: dict[tuple[str, float], Array] = {}

    def at(self, kind: str, t: Array) -> Array:
        """Return the `Score.values` or the `Score.gradients` at these places on the path."""
        new = [value for value in t if (kind, value) not in self.cache]
        if new:
            steps = np.array(new).reshape(-1, *(1,) * self.x.ndim)
            points = (self.baseline + steps * (self.x - self.baseline)).astype(self.x.dtype)
            results = getattr(self.score, kind)(points).astype(np.float64)
            self.cache |= {(kind, value): y for value, y in zip(new, results, strict=True)}
        return np.stack([self.cache[kind, value] for value in t])


def completeness_error(score: Score, values: Array, x: Array, baseline: Array) -> float:
    """|Σφ − Δs| / |Δs|, Δs = s(x) − s(b): 0 if the attributions sum to the change."""
    at_x, at_baseline = score.values(np.stack([x, baseline])).astype(np.float64)
    change = at_x - at_baseline
    return float(abs(values.sum() - change) / max(abs(change), np.finfo(x.dtype).tiny))
