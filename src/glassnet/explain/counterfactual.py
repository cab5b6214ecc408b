"""The smallest edit found that turns the answer."""

from dataclasses import dataclass

import numpy as np

from glassnet.core.arrays import Array
from glassnet.explain.score import Score

_TRIED = 32  # numbers whose change is tried at each turn
_HALVINGS = 12


@dataclass(frozen=True, eq=False)
class Counterfactual:
    """An example after the edit, which the network itself calls `answer`."""

    edited: Array
    answer: int
    changed: int  # how many of its numbers
    size: float  # Σ|change| as a share of the range of all numbers


def smallest_edit(
    score: Score, x: Array, criterion: int, bounds: tuple[Array, Array], whole: bool = False
) -> Counterfactual | None:
    """Few numbers, changed within their bounds, after which the largest logit is the goal's.

    Greedy: the gradient of z_goal − max z_other says which numbers, moved to a bound, should help
    most; those are tried, and the one that does is kept. When the answer has turned, each change
    that isn't needed is taken back, and the rest are made as small as they can be together. None
    if no edit was found. With `whole`, numbers stay whole. No proof that nothing smaller exists.
    Source: Papernot et al. 2016, "The limitations of deep learning in adversarial settings".
    """
    search = _Search(score, x, criterion, bounds, whole)
    full = search.found()
    if full is None:
        return None
    edited = search.smaller(search.fewer(full))
    low, high = bounds
    change = np.abs(edited - x)
    size = float((change / np.maximum(high - low, 1e-30)).sum() / x.size)
    return Counterfactual(edited, criterion, int((change > 0).sum()), size)


class _Search:
    def __init__(
        self, score: Score, x: Array, criterion: int, bounds: tuple[Array, Array], whole: bool
    ) -> None:
        self.score, self.x, self.criterion, self.whole = score, x, criterion, whole
        self.low, self.high = bounds

    def margins(self, x: Array) -> Array:
        """z_goal − max z_other of each example: above 0, the answer is the goal."""
        logits = self.score.logits(x).astype(np.float64)
        criterion = logits[:, self.criterion].copy()
        logits[:, self.criterion] = -np.inf
        margins: Array = criterion - logits.max(axis=1)
        return margins

    def slopes(self, x: Array) -> Array:
        """The gradient of the margin."""
        logits = self.score.logits(x[None])[0].astype(np.float64)
        logits[self.criterion] = -np.inf
        weights = np.zeros_like(self.score.weights)
        weights[self.criterion], weights[int(logits.argmax())] = 1, -1
        score = Score(self.score.network, self.score.params, weights)
        slopes: Array = score.gradients(x[None])[0]
        return slopes

    def found(self) -> Array | None:
        """An edit that turns the answer, with each number it changes at a bound."""
        x: Array = self.x
        margin = float(self.margins(x[None])[0])
        free = np.ones(x.shape, bool)
        while margin <= 0 and free.any():
            slopes = self.slopes(x)
            moved: Array = np.where(slopes > 0, self.high, self.low)
            gains = np.where(free, slopes * (moved - x), -np.inf)
            at = np.argsort(-gains, axis=None)[:_TRIED]
            at = at[np.isfinite(gains.reshape(-1)[at])]
            tried = np.repeat(x[None], len(at), axis=0).reshape(len(at), -1)
            tried[np.arange(len(at)), at] = moved.reshape(-1)[at]
            margins = self.margins(tried.reshape(len(at), *x.shape))
            best = int(margins.argmax())
            free.reshape(-1)[at[best]] = False
            if margins[best] > margin:
                x, margin = tried[best].reshape(x.shape), float(margins[best])
            else:  # alone none of them helps
                free.reshape(-1)[at] = False
        return x if margin > 0 else None

    def fewer(self, edited: Array) -> Array:
        """The edit without the changes that it doesn't need, the smallest ones first."""
        change = np.abs(edited - self.x).reshape(-1)
        for at in sorted(np.flatnonzero(change), key=lambda i: change[i]):
            without = edited.copy()
            without.reshape(-1)[at] = self.x.reshape(-1)[at]
            if self.margins(without[None])[0] > 0:
                edited = without
        return edited

    def smaller(self, edited: Array) -> Array:
        """The edit with all its changes made smaller by one factor, as far as the answer holds."""
        low, high, best = 0.0, 1.0, edited
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            part = self.x + middle * (edited - self.x)
            part = (np.rint(part) if self.whole else part).astype(self.x.dtype)
            if self.margins(part[None])[0] > 0:
                high, best = middle, part
            else:
                low = middle
        return best
