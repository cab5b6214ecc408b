"""The deletion test: the score must fall fast when the highest-ranked positions are removed."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np

from glassnet.core.arrays import Array
from glassnet.explain.score import Score

STEPS = 10
ALL = 6  # up to this many positions, all orders are tried: at most 720
MANY = 100  # above this many positions, a step costs more
ORDERS, FEWER = 199, 19  # random orders for up to MANY positions, and above
SHARE = 0.05  # of the orders: the most that may be better
_TIE = 0.02  # of the range of all areas: a smaller difference doesn't count
_BY_CHANCE = 3  # of 19 draws: with p = 1/20, more are better in 1 of 70 cases


@dataclass(frozen=True, eq=False)
class Deletion:
    """The score while positions are set to the baseline, in the attribution's and other orders."""

    shares: Array  # of positions removed, from 0 to 1
    most_first: Array  # s after each share, highest-ranked positions first
    at_random: Array  # (n, shares), s in random orders; of few positions, in all orders
    by_random_weights: Array  # (n, shares), s in the orders given by random weights
    positions: int

    @property
    def exhaustive(self) -> bool:
        """True if `at_random` are all orders."""
        return self.positions <= ALL

    @property
    def area(self) -> float:
        """The mean of s in random order minus s with the highest-ranked first, in logits."""
        return float(np.trapezoid(self.at_random.mean(axis=0) - self.most_first, self.shares))

    @property
    def beaten(self) -> int:
        """The number of random orders in which the score falls less."""
        return int((self._gaps(self.at_random) > 0).sum())

    @property
    def beaten_weights(self) -> int:
        """The number of orders given by random weights in which the score falls less."""
        return int((self._gaps(self.by_random_weights) > 0).sum())

    @property
    def no_better_than_random(self) -> bool:
        """True if the score falls further in more than 1 in 20 other orders, or on average.

        A single position has only one order, which is right.
        """
        if self.positions == 1:
            return False
        gaps = self._gaps(self.at_random)
        return bool((gaps < -self._tie).mean() > SHARE or gaps.mean() <= self._tie)

    @property
    def no_better_than_random_weights(self) -> bool:
        """True if the score falls further in an order given by random weights, or on average.

        Of few positions, the best order is often drawn by chance: a few draws may then be better.
        """
        gaps = self._gaps(self.by_random_weights)
        if not gaps.size or self.positions == 1:
            return False
        allowed = _BY_CHANCE if self.exhaustive else 0
        return bool((gaps < -self._tie).sum() > allowed or gaps.mean() <= self._tie)

    @property
    def _tie(self) -> float:
        gaps = [*self._gaps(self.at_random), *self._gaps(self.by_random_weights), 0.0]
        return _TIE * float(np.ptp(gaps))

    def _gaps(self, others: Array) -> Array:
        """The areas under other curves minus the area under the attribution's own."""
        areas = np.trapezoid(others, self.shares, axis=1) if len(others) else np.zeros(0)
        return areas - np.trapezoid(self.most_first, self.shares)

    def to_dict(self) -> dict[str, Any]:
        derived = ("area", "beaten", "beaten_weights")
        return {**vars(self), **{name: getattr(self, name) for name in derived}}


def deletion(
    score: Score, x: Array, baseline: Array, values: Array, others: Sequence[Array] = ()
) -> Deletion:
    """The deletion curves of an attribution, of `others`, and of random orders.

    Of up to 6 positions, all orders are tried in place of random ones. A pixel with all its
    channels is one position, and so is a token or a category with its vector. Source: Petsiuk, Das
    & Saenko 2018, "RISE: randomized input sampling for explanation", with the score in place of the
    probability.
    """
    layout = score.layout(x)
    ranked = [np.argsort(-layout.by_position(v), kind="stable") for v in (values, *others)]
    size = ranked[0].size
    if size <= ALL:
        orders = [np.array(order) for order in permutations(range(size))]
    else:
        count = ORDERS if size <= MANY else FEWER
        orders = [np.random.default_rng(seed).permutation(size) for seed in range(count)]
    counts = np.round(np.linspace(0, size, min(STEPS, size) + 1))
    curves = []
    for order in (*ranked, *orders):
        ranks = np.argsort(order)  # the step at which each position is removed
        removed = (ranks < counts[:, None])[:, layout.positions]
        curves.append(score.values(np.where(removed, baseline, x)))
    own, by_weights, at_random = curves[0], curves[1 : len(ranked)], curves[len(ranked) :]
    by_random_weights = np.array(by_weights).reshape(-1, len(counts))
    return Deletion(counts / size, own, np.array(at_random), by_random_weights, size)
