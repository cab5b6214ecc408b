"""How good is a network on data it is not learning from?"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from glassnet.core.arrays import each, length
from glassnet.core.trees import Array, Tree
from glassnet.engines.memory import held_by
from glassnet.layers import INFERENCE, Call, Layer
from glassnet.losses import spread
from glassnet.training.criterion import Goal, pair
from glassnet.training.running_means import OF_WEIGHTS, Means
from glassnet.training.step import Task

BLOCK = 1000  # examples at a time: enough for the products of small networks to run at full speed
HELD = 2**26  # bytes that a block may hold on to; what is needed for a moment comes on top
FEW = 16  # so few examples are one block, unmeasured


def block_size(network: Layer, params: Tree, x: Any, dtype: str) -> int:
    """How many examples at a time: BLOCK, or fewer if one's activations take much memory."""
    if length(x) <= FEW:
        return FEW
    one = next(blocks_of(x, dtype, 1))
    held = held_by(lambda: network.forward(params, one, Call()))
    return max(1, min(BLOCK, HELD // max(held, 1)))


def outputs_of(network: Layer, params: Tree, x: Any, dtype: str, size: int) -> Iterator[Any]:
    """The network's outputs for x, block by block."""
    for block in blocks_of(x, dtype, size):
        yield network.forward(params, block, INFERENCE)[0]


def blocks_of(x: Any, dtype: str, size: int = BLOCK) -> Iterator[Any]:
    """The examples, so many at a time, as numbers that a network computes with."""
    for start in range(0, length(x), size):
        yield each(lambda a, s=start: a[s : s + size].astype(dtype, copy=False), x)


def judge(
    task: Task, params: Tree, x: Any, y: Any, dtype: str, size: int | None = None
) -> dict[str, float]:
    """Loss (weight penalties included, as in training) and metrics over a whole data set.

    Of sequences with padding, the means over all steps that are none, as if all were one batch.
    """
    judged, start = [_Judged(goal) for goal in task.goal.parts], 0
    size = size or block_size(task.network, params, x, dtype)
    for block in blocks_of(x, dtype, size):
        outputs, mask, _ = task.forward(params, block, Call())
        count = length(outputs)
        part = each(lambda a, s=start, n=count: a[s : s + n], y)
        for one, given in zip(judged, task.goal.split(outputs, part, mask), strict=True):
            one.add(*given)
        start += count
    found = task.goal.together([one.logs() for one in judged])
    return {"loss": found.pop("loss") + float(task.penalty(params)[0]), **found}


class _Judged:
    """What was seen of a goal so far."""

    def __init__(self, goal: Goal) -> None:
        self.goal, self.means = goal, Means()
        self.kept: list[tuple[Array, ...]] = []  # for the metrics of all examples together

    def add(self, outputs: Array, y: Any, mask: Array | None) -> None:
        """Add a block."""
        targets, weights = pair(y)
        found = {"loss": self.goal.loss(outputs, targets, weights, mask)[0]}
        found |= self.goal.measured(outputs, targets, weights, mask)
        if mask is not None:  # a block counts by its steps that are not padding
            share = mask.mean()
            found |= {"loss": found["loss"] * share, "loss" + OF_WEIGHTS: share}
        sizes = np.array([len(outputs)])
        self.means.add(sizes, {name: np.array([float(v)]) for name, v in found.items()})
        if self.goal.whole:
            self.kept.append(_without_padding(mask, outputs, targets, weights))

    def logs(self) -> dict[str, float]:
        """The numbers of all blocks, the loss without weight penalties."""
        whole = map(np.concatenate, zip(*self.kept, strict=True))
        return self.means.logs() | (self.goal.whole_measured(*whole) if self.kept else {})


def _without_padding(
    mask: Array | None, outputs: Array, targets: Array, weights: Array | None
) -> tuple[Array, ...]:
    """Outputs, targets and weights, if any; a row for each step that is not padding."""
    arrays = (outputs, targets) if weights is None else (outputs, targets, weights)
    if mask is None:
        return arrays
    filled = (a if a.ndim > 1 else np.broadcast_to(spread(a, mask), mask.shape) for a in arrays)
    return tuple(a[mask] for a in filled)
