"""Does the score live where the attribution says? Take those places away and see it fall."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.explain.score import Score
from glassnet.trees import Array

STEPS = 20
ORDERS = 8


@dataclass(frozen=True, eq=False)
class Deletion:
    """The score as more and more places are set to the baseline, and the same in random order."""

    shares: Array  # of the places taken away, from 0 to 1
    most_first: Array  # s after each share, the most attributed places first
    at_random: Array  # the mean over 8 random orders

    @property
    def area(self) -> float:
        """The mean of s in random order minus s with the most attributed first: in logits."""
        return float(np.trapezoid(self.at_random - self.most_first, self.shares))

    @property
    def passed(self) -> bool:
        """Whether the attribution found what the score lives on better than chance does."""
        return self.area > 0

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON values."""
        return {name: array.tolist() for name, array in vars(self).items()} | {"area": self.area}


def deletion(score: Score, x: Array, baseline: Array, values: Array) -> Deletion:
    """The deletion curve of an attribution.   A pixel is one place, with all its channels.

    Source: Petsiuk, Das & Saenko 2018, "RISE: randomized input sampling for explanation", with the
    score in place of the probability, and random order beside it.
    """
    worth = by_place(values, x).reshape(-1)
    orders = [np.argsort(-worth, kind="stable")]
    orders += [np.random.default_rng(seed).permutation(worth.size) for seed in range(ORDERS)]
    shares = np.linspace(0, 1, STEPS + 1)
    counts = np.round(shares * worth.size)
    curves = []
    for order in orders:
        ranks = np.argsort(order)  # at which turn each place goes
        gone = (ranks < counts[:, None]).reshape(len(counts), *by_place(values, x).shape)
        gone = gone.reshape(*gone.shape, *(1,) * (x.ndim + 1 - gone.ndim))
        curves.append(score.values(np.where(gone, baseline, x)))
    return Deletion(counts / worth.size, curves[0], np.mean(curves[1:], axis=0))


def by_place(values: Array, x: Array) -> Array:
    """The values of an example's places: of a picture with channels, their sum.   -> x.shape[:2]"""
    return values.sum(axis=-1) if values.ndim == 3 else values
