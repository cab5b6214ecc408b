"""Does the score live where the attribution says? Take those places away and see it fall."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.core.arrays import Array
from glassnet.explain.score import Score

STEPS = 10
ORDERS = 19  # one that is as good as random is the best of 20 in 1 of 20 cases


@dataclass(frozen=True, eq=False)
class Deletion:
    """The score as more and more places are set to the baseline, and the same in other orders."""

    shares: Array  # of the places taken away, from 0 to 1
    most_first: Array  # s after each share, the most attributed places first
    at_random: Array  # (19, shares), in random orders
    by_random_weights: Array  # (n, shares), in the orders that random weights would give

    @property
    def area(self) -> float:
        """The mean of s in random order minus s with the most attributed first: in logits."""
        return float(np.trapezoid(self.at_random.mean(axis=0) - self.most_first, self.shares))

    @property
    def beaten(self) -> int:
        """How many of the random orders take less from the score."""
        return self._beaten(self.at_random)

    @property
    def beaten_weights(self) -> int:
        """How many of the orders by random weights take less from the score."""
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
    """The deletion curve of an attribution, beside 19 random orders and other attributions.

    A pixel is one place, with all its channels. Source: Petsiuk, Das & Saenko 2018, "RISE:
    randomized input sampling for explanation", with the score in place of the probability.
    """
    places = by_place(values, x).shape
    ranked = [np.argsort(-by_place(one, x).reshape(-1), kind="stable") for one in (values, *others)]
    size = ranked[0].size
    orders = [np.random.default_rng(seed).permutation(size) for seed in range(ORDERS)]
    shares = np.linspace(0, 1, STEPS + 1)
    counts = np.round(shares * size)
    curves = []
    for order in (*ranked, *orders):
        ranks = np.argsort(order)  # at which turn each place goes
        gone = (ranks < counts[:, None]).reshape(len(counts), *places)
        gone = gone.reshape(*gone.shape, *(1,) * (x.ndim + 1 - gone.ndim))
        curves.append(score.values(np.where(gone, baseline, x)))
    own, by_weights, at_random = curves[0], curves[1 : len(ranked)], curves[len(ranked) :]
    made = np.array(by_weights).reshape(-1, len(shares))
    return Deletion(counts / size, own, np.array(at_random), made)


def by_place(values: Array, x: Array) -> Array:
    """The values of an example's places: of a picture with channels, their sum.   -> x.shape[:2]"""
    return values.sum(axis=-1) if values.ndim == 3 else values
