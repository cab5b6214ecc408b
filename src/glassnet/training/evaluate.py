"""Evaluation: loss, metrics and outputs of a network for a data set, computed block by block."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from glassnet.core.arrays import length, map_arrays, spread
from glassnet.core.memory import result_bytes
from glassnet.core.protocols import Array
from glassnet.core.trees import Tree
from glassnet.layers import INFERENCE, CallContext, Layer
from glassnet.training.criterion import Criterion, pair
from glassnet.training.running_means import OF_WEIGHTS, Means
from glassnet.training.step import Objective

BLOCK = 1000  # examples at a time: enough for the products of small networks to run at full speed
BATCH = 32  # examples, as in Keras, for losses of whole batches
BLOCK_BYTES = 2**26  # of the activations that a block holds; temporary arrays are not counted
SMALL = 16  # this many examples or fewer are one block; their memory is not measured


def block_size(network: Layer, params: Tree, x: Any, dtype: str) -> int:
    """Return the examples per block: BLOCK, or fewer if one's activations take much memory."""
    if length(x) <= SMALL:
        return SMALL
    example = next(blocks_of(x, dtype, 1))
    activation_bytes = result_bytes(lambda: network.forward(params, example, CallContext()))
    return max(1, min(BLOCK, BLOCK_BYTES // max(activation_bytes, 1)))


def outputs_of(network: Layer, params: Tree, x: Any, dtype: str, size: int) -> Iterator[Any]:
    """Yield the network's outputs for x, block by block."""
    for block in blocks_of(x, dtype, size):
        yield network.forward(params, block, INFERENCE)[0]


def blocks_of(x: Any, dtype: str, size: int = BLOCK) -> Iterator[Any]:
    """Yield blocks of `size` examples, cast to `dtype`."""
    for start in range(0, length(x), size):
        yield map_arrays(lambda a, s=start: a[s : s + size].astype(dtype, copy=False), x)


def evaluate_batches(
    objective: Objective,
    params: Tree,
    x: Any,
    y: Any,
    dtype: str,
    size: int | None = None,
    batch_size: int = BATCH,
) -> dict[str, float]:
    """Return loss (with weight penalties, as in training) and metrics over a whole data set.

    For sequences with padding, these are the means over all steps that are not padding, as if all
    examples were one batch. Losses of whole batches are averaged over batches of `size`,
    or `batch_size` if it is None.
    """
    totals, start = [_Totals(criterion) for criterion in objective.criterion.parts], 0
    if size is None and any(c.loss.depends_on_batches for c in objective.criterion.parts):
        size = batch_size
    size = size or block_size(objective.network, params, x, dtype)
    for block in blocks_of(x, dtype, size):
        outputs, mask, _ = objective.forward(params, block, CallContext())
        count = length(outputs)
        targets = map_arrays(lambda a, s=start, n=count: a[s : s + n], y)
        batches = objective.criterion.split_by_output(outputs, targets, mask)
        for total, batch in zip(totals, batches, strict=True):
            total.add(*batch)
        start += count
    logs = objective.criterion.combined_logs([total.logs() for total in totals])
    return {"loss": logs.pop("loss") + float(objective.penalty(params)[0]), **logs}


class _Totals:
    """The loss and metrics of one output, over the blocks so far."""

    def __init__(self, criterion: Criterion) -> None:
        self.criterion, self.means = criterion, Means()
        self.blocks: list[tuple[Array, ...]] = []  # for the metrics of the whole data set

    def add(self, outputs: Array, y: Any, mask: Array | None) -> None:
        """Add a block."""
        targets, weights = pair(y)
        means = {"loss": self.criterion.loss.forward(outputs, targets, weights, mask)[0]}
        means |= self.criterion.metric_means(outputs, targets, weights, mask)
        share = self.criterion.loss.share(targets, weights, mask)
        if share is not None:  # a block counts by its steps that are not padding, or its weights
            means |= {"loss": means["loss"] * share, "loss" + OF_WEIGHTS: share}
        sizes = np.array([len(outputs)])
        self.means.add(sizes, {name: np.array([float(v)]) for name, v in means.items()})
        if self.criterion.per_dataset:
            self.blocks.append(_without_padding(mask, outputs, targets, weights))

    def logs(self) -> dict[str, float]:
        """Return loss and metrics of all blocks, the loss without weight penalties."""
        per_dataset = map(np.concatenate, zip(*self.blocks, strict=True))
        return self.means.logs() | (
            self.criterion.dataset_metrics(*per_dataset) if self.blocks else {}
        )


def _without_padding(
    mask: Array | None, outputs: Array, targets: Array, weights: Array | None
) -> tuple[Array, ...]:
    """Return outputs, targets and weights, if any, with a row per step that is not padding."""
    arrays = (outputs, targets) if weights is None else (outputs, targets, weights)
    if mask is None:
        return arrays
    filled = (a if a.ndim > 1 else np.broadcast_to(spread(a, mask), mask.shape) for a in arrays)
    return tuple(a[mask] for a in filled)
