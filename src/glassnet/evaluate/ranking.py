"""How well scores rank examples with a label before those without it."""

import math

import numpy as np

from glassnet.core.arrays import Array, ranks_of
from glassnet.evaluate.classification import interval

Share = tuple[float, tuple[float, float]]  # a share and its 95% interval
_UNDEFINED: Share = math.nan, (0.0, 1.0)


def auc(present: Array, scores: Array) -> Share:
    """The area under the ROC curve, and its 95% interval; NaN if all examples are of one kind.

    It is the probability that an example with the label has a higher score than one without; ties
    count half.   present (N,) bool, scores (N,)

    The interval is Wilson's for as many trials as give a proportion the variance of DeLong, DeLong
    & Clarke-Pearson 1988, but at most 4 m n/(m + n) for m and n examples of the two kinds. This
    keeps it from vanishing at an area of 1, and covers the truth in 90 to 100 of 100 (docs/log.md).
    """
    with_label, without = scores[present], scores[~present]
    m, n = len(with_label), len(without)
    if not m or not n:
        return _UNDEFINED
    ranks = ranks_of(scores)
    above = (ranks[present] - ranks_of(with_label)) / n  # share of the others that each is above
    below = 1 - (ranks[~present] - ranks_of(without)) / m
    area, trials = float(above.mean()), 4 * m * n / (m + n)
    if min(m, n) > 1 and (variance := above.var(ddof=1) / m + below.var(ddof=1) / n) > 0:
        trials = min(trials, area * (1 - area) / variance)
    return area, interval(area * trials, trials)


def average_precision(present: Array, scores: Array) -> Share:
    """The area under the steps of precision by recall, Σₖ (Rₖ − Rₖ₋₁) Pₖ, and its 95% interval.

    Precision and recall are those at each different score as the threshold. NaN without examples
    of the label. The interval is Wilson's for as many trials as examples with the label, like the
    logit interval of Boyd, Eng & Page 2013; it is rather too wide than too narrow.
    """
    if not (m := int(present.sum())):
        return _UNDEFINED
    order = np.argsort(-scores, kind="stable")
    last = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)  # of equal scores
    correct = np.cumsum(present[order])[last]
    area = float((np.diff(correct, prepend=0) * (correct / (last + 1))).sum() / m)
    return area, interval(area * m, m)
