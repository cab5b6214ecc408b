"""The deletion test: the score must fall fast when the highest-ranked positions are removed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.core.arrays import Array
from glassnet.explain.score import Score

STEPS = 10
ORDERS = 19  # a random order is the best of 20 in 1 of 20 cases


@dataclass(frozen=True, eq=False)
class Deletion:
    """The score while positions are set to the baseline, in the attribution's and other orders."""

    shares: Array  # of positions removed, from 0 to 1
    most_first: Array  # s after each share, highest-ranked positions first
    at_random: Array  # (19, shares), s in random orders
    by_random_weights: Array  # (n, shares), s in the orders given by random weights

    @property
    def area(self) -> float:
        """The mean of s in random order minus s with the highest-ranked first, in logits."""
        return float(np.trapezoid(self.at_random.mean(axis=0) - self.most_first, self.shares))

    @property
    def beaten(self) -> int:
        """The number of random orders in which the score falls less."""
        return self._beaten(self.at_random)

    @property
    def beaten_weights(self) -> int:
        """The number of orders given by random weights in which the score falls less."""
        return self._beaten(self.by_random_weights)

    def _beaten(self, others: Array) -> int:
        areas = np.trapezoid(others, self.shares, axis=1) if len(others) else np.zeros(0)
        return int((areas > np.trapezoid(self.most_first, self.shares)).sum())

    def to_dict(self) -> dict[str, Any]:
        derived = ("area", "beaten", "beaten_weights")
        return {**vars(self), **{name: getattr(self, name) for name in derived}}


def deletion(
    score: Score, x: Array, baseline: Array, values: Array, others: Sequence[Array] = ()
) -> Deletion:
    """The deletion curves of an attribution, of `others`, and of 19 random orders.

    A pixel with all its channels is one position. Source: Petsiuk, Das & Saenko 2018, "RISE:
    randomized input sampling for explanation", with the score in place of the probability.
    """
    shape = by_position(values).shape
    ranked = [np.argsort(-by_position(v).reshape(-1), kind="stable") for v in (values, *others)]
    size = ranked[0].size
    orders = [np.random.default_rng(seed).permutation(size) for seed in range(ORDERS)]
    shares = np.linspace(0, 1, STEPS + 1)
    counts = np.round(shares * size)
    curves = []
    for order in (*ranked, *orders):
        ranks = np.argsort(order)  # the step at which each position is removed
        removed = (ranks < counts[:, None]).reshape(len(counts), *shape)
        removed = removed.reshape(*removed.shape, *(1,) * (x.ndim + 1 - removed.ndim))
        curves.append(score.values(np.where(removed, baseline, x)))
    own, by_weights, at_random = curves[0], curves[1 : len(ranked)], curves[len(ranked) :]
    by_random_weights = np.array(by_weights).reshape(-1, len(shares))
    return Deletion(counts / size, own, np.array(at_random), by_random_weights)


def by_position(values: Array) -> Array:
    """The values by position: channels of an image are summed.   (H, W, C) -> (H, W)"""
    return values.sum(axis=-1) if values.ndim == 3 else values
