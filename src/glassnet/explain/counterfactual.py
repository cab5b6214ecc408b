"""Counterfactuals: small edits of an example that change the prediction."""

from dataclasses import dataclass
from itertools import count

import numpy as np

from glassnet.core.arrays import Array
from glassnet.explain.score import Score

_CANDIDATES = 32  # input values tried in each step
_HALVINGS = 12


@dataclass(frozen=True, eq=False)
class Counterfactual:
    """An edited example, for which the network predicts the class `answer`."""

    edited: Array
    answer: int
    changed: int  # the number of input values that differ
    size: float  # Σ|change| / Σ range of each input value


def find_counterfactual(
    score: Score,
    x: Array,
    goal: int,
    bounds: tuple[Array, Array],
    whole: bool = False,
    most: int | None = None,
) -> Counterfactual | None:
    """Change few input values, within their bounds, so that the network predicts class `goal`.

    Greedy: the gradient of z_goal − max z_other tells which
    values, moved to a bound, should help most; they are tried, and the best change is applied. Once
    the prediction is the goal, each change that isn't needed is undone, and the others are scaled
    down together as far as possible. With `whole`, values stay integers. `most` limits the steps.
    Returns None if no edit was found; a smaller one than the result may exist.
    Source: Papernot et al. 2016, "The limitations of deep learning in adversarial settings".
    """
    low, high = bounds
    search = _Search(score, x, goal, low, high, whole)
    full = search.search(most)
    if full is None:
        return None
    edited = search.scaled_down(search.without_needless(full))
    change = np.abs(edited - x)
    size = float((change / np.maximum(high - low, 1e-30)).sum() / x.size)
    return Counterfactual(edited, goal, int((change > 0).sum()), size)


@dataclass(frozen=True, eq=False)
class _Search:
    score: Score
    x: Array
    goal: int
    low: Array
    high: Array
    whole: bool

    def margins(self, x: Array) -> Array:
        """z_goal − max z_other of each example, (N,); above 0, the prediction is the goal."""
        logits = self.score.logits(x).astype(np.float64)
        z_goal = logits[:, self.goal].copy()
        logits[:, self.goal] = -np.inf
        return z_goal - logits.max(axis=1)

    def slopes(self, x: Array) -> Array:
        """The gradient of the margin with respect to x."""
        logits = self.score.logits(x[None])[0].astype(np.float64)
        logits[self.goal] = -np.inf
        weights = np.zeros_like(self.score.weights)
        weights[self.goal], weights[int(logits.argmax())] = 1, -1
        return Score(self.score.network, self.score.params, weights).gradients(x[None])[0]

    def search(self, most: int | None) -> Array | None:
        """Return x with values moved to a bound, for which the prediction is the goal, or None."""
        steps = count() if most is None else range(most)
        x = self.x
        margin = float(self.margins(x[None])[0])
        free = np.ones(x.shape, bool)
        for _ in steps:
            if margin > 0 or not free.any():
                break
            slopes = self.slopes(x)
            moved = np.where(slopes > 0, self.high, self.low)
            gains = np.where(free, slopes * (moved - x), -np.inf)
            at = np.argsort(-gains, axis=None)[:_CANDIDATES]
            at = at[np.isfinite(gains.reshape(-1)[at])]
            candidates = np.repeat(x[None], len(at), axis=0).reshape(len(at), -1)
            candidates[np.arange(len(at)), at] = moved.reshape(-1)[at]
            margins = self.margins(candidates.reshape(len(at), *x.shape))
            best = int(margins.argmax())
            free.reshape(-1)[at[best]] = False
            if margins[best] > margin:
                x, margin = candidates[best].reshape(x.shape), float(margins[best])
            else:  # none of them helps alone
                free.reshape(-1)[at] = False
        return x if margin > 0 else None

    def without_needless(self, edited: Array) -> Array:
        """Undo the changes that aren't needed, the smallest first."""
        change = np.abs(edited - self.x).reshape(-1)
        for at in sorted(np.flatnonzero(change), key=lambda i: change[i]):
            without = edited.copy()
            without.reshape(-1)[at] = self.x.reshape(-1)[at]
            if self.margins(without[None])[0] > 0:
                edited = without
        return edited

    def scaled_down(self, edited: Array) -> Array:
        """Scale all changes by the smallest factor for which the prediction stays the goal."""
        low, high, best = 0.0, 1.0, edited
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            scaled = self.x + middle * (edited - self.x)
            scaled = (np.rint(scaled) if self.whole else scaled).astype(self.x.dtype)
            if self.margins(scaled[None])[0] > 0:
                high, best = middle, scaled
            else:
                low = middle
        return best
