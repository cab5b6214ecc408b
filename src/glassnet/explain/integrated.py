"""Integrated gradients: the gradient, collected on the way from a baseline to the example."""

import numpy as np

from glassnet.core.arrays import Array
from glassnet.explain.score import Score

STEPS = 32
MOST = 1024
SUM = 0.005  # of the change of the score: what all parts together may miss it by
SIZES = 0.1  # of all ups and downs of the score on the way: what the parts may miss one by one


def integrated_gradients(score: Score, x: Array, baseline: Array, exact: bool = True) -> Array:
    """φ = (x − b) ⊙ ∫₀¹ ∇s(b + t (x − b)) dt.   x, b and φ have one shape

    By the midpoint rule on 32 equal parts of the way. What each part should add to Σφ is known,
    the change of s over it: if `exact`, parts that miss it most are halved until all misses
    together are below 0.5% of the whole change, and their sizes below 10% of its ups and downs.
    So a network of relus, whose gradient jumps at places that no rule knows, is looked at closely
    just there.
    Source: Sundararajan, Taly & Yan 2017, "Axiomatic attribution for deep networks".
    """
    way = _Way(score, x, baseline)
    edges = np.linspace(0, 1, STEPS + 1)
    while True:
        middles, widths = (edges[1:] + edges[:-1]) / 2, np.diff(edges)
        gradients = way.gradients(middles)
        if exact:
            scores = way.scores(edges)
            moved = np.diff(scores)
            missed = (gradients * (x - baseline)).reshape(len(middles), -1).sum(axis=1) * widths
            missed -= moved
            enough = abs(missed.sum()) <= SUM * abs(moved.sum())
            enough &= abs(missed).sum() <= SIZES * abs(moved).sum()
        if not exact or enough or len(middles) >= MOST:
            parts: Array = (x - baseline) * np.tensordot(widths, gradients, 1)
            return parts
        halved = middles[abs(missed) >= abs(missed).mean()]
        edges = np.sort(np.concatenate([edges, halved]))


class _Way:
    """Scores and gradients at b + t (x − b), each computed once."""

    def __init__(self, score: Score, x: Array, baseline: Array) -> None:
        self.score, self.x, self.baseline = score, x, baseline
        self.known: dict[tuple[str, float], Array] = {}

    def scores(self, t: Array) -> Array:
        return self._at("values", t)

    def gradients(self, t: Array) -> Array:
        return self._at("gradients", t)

    def _at(self, kind: str, t: Array) -> Array:
        new = [one for one in t if (kind, one) not in self.known]
        if new:
            steps = np.array(new).reshape(-1, *(1,) * self.x.ndim)
            points = (self.baseline + steps * (self.x - self.baseline)).astype(self.x.dtype)
            found = getattr(self.score, kind)(points).astype(np.float64)
            self.known |= {(kind, one): value for one, value in zip(new, found, strict=True)}
        return np.stack([self.known[kind, one] for one in t])


def completeness_error(score: Score, values: Array, x: Array, baseline: Array) -> float:
    """|Σφ − Δs| / |Δs|, Δs = s(x) − s(b): 0 if the attributions share out all of the change."""
    at_x, at_baseline = score.values(np.stack([x, baseline])).astype(np.float64)
    change = at_x - at_baseline
    return float(abs(values.sum() - change) / max(abs(change), np.finfo(x.dtype).tiny))
