"""The errors of predicted ratings, beside those of the biases of users and items."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.intervals import half_width
from glassnet.evaluate.estimates import Estimate
from glassnet.evaluate.regression import Regression, TargetErrors, regression, shown

_USERS, _ITEMS = 10.0, 5.0  # the penalties λ and μ: docs/log.md
_PASSES = 10


@dataclass(frozen=True)
class RatingErrors(Regression):
    """The errors of predicted ratings, and those of biases; test rows are the same."""

    biases: TargetErrors
    advantage: Estimate  # the mean squared error of the biases minus that of the network

    about = (
        "biases: mean rating + bias of the user + bias of the item. baselines: always predict the "
        "training median (MAE) or the training mean (RMSE)"
    )

    def headline(self) -> str:
        """The errors in one line."""
        return f"{super().headline()}; biases: RMSE {shown(self.biases.rmse)}"

    def rows(self) -> list[tuple[str, ...]]:
        """The table of errors, the heading first."""
        biases = Regression((self.biases,), (), self.loss, self.count, 0).rows()[1]
        return [*super().rows(), ("biases", *biases[1:])]

    def notes(self) -> Iterator[str]:
        """What the numbers say, and what limits them, as sentences."""
        yield from super().notes()
        value, interval = self.advantage.value, self.advantage.interval
        by = f"the mean squared error differs by {shown(self.advantage, 4)}."
        if interval is None or not interval[0] * interval[1] > 0:
            yield f"The network is not distinguishable from the biases: {by}"
        elif value > 0:
            yield f"The network beats the biases: {by}"
        else:
            yield f"The network loses to the biases: {by}"


def rating_errors(
    errors: Regression, y: Array, predictions: Array, train: Array, users: Array, items: Array
) -> RatingErrors:
    """Return the errors of a network's `predictions` (N,) for the ratings y (N,), beside biases.

    The biases are fitted to the ratings `train` (M,). `users` and `items`, (M + N,), are numbers
    from 0; the training rows come first.
    """
    of_biases = biases(train, users, items)[len(train) :]
    (target,) = errors.targets
    baseline = regression(y, of_biases, errors.loss, (target.name,), train).targets[0]
    gaps = np.square(of_biases - y) - np.square(predictions - y)
    mean = float(gaps.mean())
    half = half_width(gaps) if len(gaps) > 1 else np.nan
    interval = (mean - half, mean + half) if np.isfinite(half) else None
    return RatingErrors(**vars(errors), biases=baseline, advantage=Estimate(mean, interval))


def biases(ratings: Array, users: Array, items: Array) -> Array:
    """Return m + bᵤ + cᵢ for the user u and the item i of each row; the first rows have `ratings`.

    b and c minimize Σ (r − m − bᵤ − cᵢ)² + λ Σ bᵤ² + μ Σ cᵢ², by alternating least squares, where m
    is the mean rating; they are 0 for users and items without ratings. Source: Koren 2010, "Factor
    in the neighbors: scalable and accurate collaborative filtering", section 2.1.
    """
    u, i = users[: len(ratings)], items[: len(ratings)]
    centered = ratings - ratings.mean()
    of_users, of_items = (np.zeros(int(numbers.max()) + 1) for numbers in (users, items))
    for _ in range(_PASSES):
        of_items = _shrunk(centered - of_users[u], i, len(of_items), _ITEMS)
        of_users = _shrunk(centered - of_items[i], u, len(of_users), _USERS)
    result: Array = ratings.mean() + of_users[users] + of_items[items]
    return result


def _shrunk(values: Array, groups: Array, count: int, penalty: float) -> Array:
    """Return Σ values / (penalty + n) of each group of n values."""
    sums = np.bincount(groups, values, minlength=count)
    shrunk: Array = sums / (penalty + np.bincount(groups, minlength=count))
    return shrunk
