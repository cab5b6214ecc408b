"""Permutation importance: how much a network's error grows if a column's values are shuffled."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.core.arrays import Array, whole_number
from glassnet.core.errors import GlassnetError
from glassnet.core.intervals import half_width
from glassnet.data.splits import epoch_order

Group = int | Sequence[int]  # an input, or features of the first one: places on its last axis


@dataclass(frozen=True)
class Importance:
    """The increase of the error without what the values of a group tell about the rows.

    The interval is that of the mean over all permutations of these rows; other rows vary more.
    """

    name: str
    mean: float
    interval: tuple[float, float]  # 95%
    increases: tuple[float, ...]  # one for each permutation


def permutation_importance(
    error: Callable[[Any], float],
    x: Any,
    groups: Mapping[str, Group],
    repeats: int = 10,
    seed: int = 0,
) -> tuple[Importance, ...]:
    """The importance of each group of features, the largest first.

    `error(x)` is any metric of the network's outputs for inputs x, the smaller the better, such as
    the RMSE, or 1 minus the accuracy. x is an array (N, ...) or a tuple of arrays. The features of
    a group, such as those of one column of a table, move to other rows together, and all groups by
    the same permutations. If the other groups contain what a group tells, its importance is small,
    even if the network uses it. Raises GlassnetError for features that do not exist, fewer than two
    rows or repeats, and a non-finite error. Source: Breiman 2001, "Random forests", section 10.
    """
    inputs = x if isinstance(x, tuple) else (x,)
    rows = len(inputs[0])
    whole_number(repeats, "repeats", 2)
    if rows < 2:
        raise GlassnetError(f"has {rows} rows, which have no permutations.", where="x")
    orders = [epoch_order(rows, seed, repeat) for repeat in range(repeats)]
    without_change = float(error(x))
    if not math.isfinite(without_change):
        raise GlassnetError(f"is {without_change}, without any permutation.", where="error")

    def increase(group: Group, order: Array) -> float:
        moved = _moved(inputs, group, order)
        return float(error(moved if isinstance(x, tuple) else moved[0])) - without_change

    importances = []
    for name, group in groups.items():
        _check(inputs, name, group)
        increases = tuple(increase(group, order) for order in orders)
        mean, half = float(np.mean(increases)), half_width(increases)
        importances.append(Importance(name, mean, (mean - half, mean + half), increases))
    return tuple(sorted(importances, key=lambda importance: -importance.mean))


def _moved(inputs: Sequence[Array], group: Group, order: Array) -> tuple[Array, ...]:
    """Return the inputs with the values of the group in another order of rows."""
    if isinstance(group, int):
        return (*inputs[:group], inputs[group][order], *inputs[group + 1 :])
    first, features = inputs[0].copy(), list(group)
    first[..., features] = first[..., features][order]
    return (first, *inputs[1:])


def _check(inputs: Sequence[Array], name: str, group: Group) -> None:
    """Raise unless the input or the features of a group exist."""
    if isinstance(group, int):
        places, size, what = [group], len(inputs), "inputs"
    else:
        places, size, what = [*group], inputs[0].shape[-1], "features"
    if not places or not all(0 <= place < size for place in places):
        raise GlassnetError(f"{group!r:.80} is not among the {size} {what}.", where=f"group {name}")
