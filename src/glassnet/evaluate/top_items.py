"""How well scores rank the items that users later chose before all others.

Every item that a user doesn't have yet is ranked, as metrics on a sample of them can put the worse
of two recommenders first. Source: Krichene & Rendle 2020, "On sampled metrics for item
recommendation".
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from glassnet.core.arrays import Array

BLOCK = 512  # users that are ranked at once
_LEAST = float(np.finfo(np.float64).min)
Scores = Callable[[Array], Array]  # of all items, from what users have: (N, I) -> (N, I)


@dataclass(frozen=True, eq=False)
class UserMetrics:
    """The metrics of each user, (N,), and how many items are in somebody's top k.

    With rel of the relevant items among the top k, at ranks r from 1:
    NDCG = Σ 1/log₂(r + 1) / Σ of the same for ranks 1 to min(k, relevant items);
    recall = rel / relevant items; hit = 1 if rel > 0; MRR = 1 / the first rank of a relevant item,
    whether it is among the k or not.
    """

    ndcg: Array
    recall: Array
    hit: Array
    mrr: Array
    covered: int


def user_metrics(scores: Scores, x: Array, y: Array, popularity: Array, k: int) -> UserMetrics:
    """Rank the items that are 0 in x (N, I), where those that are 1 in y (N, I) are relevant.

    Items with equal scores are ranked by `popularity` (I,), then by their number. NaN is ranked
    last.
    """
    ndcg, recall, hit, mrr = (np.zeros(len(x)) for _ in range(4))
    recommended = np.zeros(x.shape[1], bool)
    discounts = 1 / np.log2(np.arange(2, k + 2))
    most = np.append(0, discounts.cumsum())  # by the number of relevant items
    for start, order, _ in ranked(scores, x, popularity):
        rows = slice(start, start + len(order))
        relevant = np.take_along_axis(y[rows] == 1, order, axis=1)
        count, top = relevant.sum(axis=1), relevant[:, :k]
        gained = top @ discounts[: top.shape[1]] / most[np.minimum(count, k)]
        ndcg[rows] = np.minimum(gained, 1)  # sums in another order differ by rounding
        recall[rows] = top.sum(axis=1) / count
        hit[rows] = top.any(axis=1)
        mrr[rows] = 1 / (relevant.argmax(axis=1) + 1)
        left = np.arange(k) < (x[rows] == 0).sum(axis=1, keepdims=True)  # others have them all
        recommended[order[:, :k][left[:, : order.shape[1]]]] = True
    return UserMetrics(ndcg, recall, hit, mrr, int(recommended.sum()))


def ranked(
    scores: Scores, x: Array, popularity: Array, had: Array | None = None
) -> Iterator[tuple[int, Array, Array]]:
    """Yield (first user, items in their order, scores) of blocks of users; the items that users
    have come last: those in `had` (N, I) or, without it, in x.
    """
    had = x if had is None else had
    for start in range(0, len(x), BLOCK):
        block = x[start : start + BLOCK]
        outputs = np.asarray(scores(block), np.float64)
        values = np.nan_to_num(outputs, nan=_LEAST, neginf=_LEAST)  # still before what users have
        values[had[start : start + BLOCK] == 1] = -np.inf
        ties = np.broadcast_to(-popularity, values.shape)
        yield start, np.lexsort((ties, -values), axis=1), outputs
