"""Evaluation: loss, metrics and outputs of a network for a data set, computed block by block."""

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from glassnet.core.arrays import length, map_arrays, spread
from glassnet.core.errors import GlassnetError
from glassnet.core.memory import result_bytes
from glassnet.core.protocols import Array
from glassnet.core.trees import Tree
from glassnet.layers import CallContext, Layer
from glassnet.layers.call import PREDICTION
from glassnet.training.batches import Batches, warn_if_endless
from glassnet.training.callbacks.callback_list import CallbackList
from glassnet.training.criterion import Criterion, pair
from glassnet.training.examples import Examples
from glassnet.training.running_means import OF_WEIGHTS, Means
from glassnet.training.step import Objective, activity

BLOCK = 1000  # examples at a time: enough for the products of small networks to run at full speed
BLOCK_BYTES = 2**26  # of the activations that a block holds; temporary arrays are not counted
BATCH = 32  # examples in a batch, as in Keras, for callbacks and losses of whole batches
EACH_BATCH = ("on_test_batch_begin", "on_test_batch_end")
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
        yield network.forward(params, block, PREDICTION)[0]


def blocks_of(x: Any, dtype: str, size: int = BLOCK) -> Iterator[Any]:
    """Yield blocks of `size` examples, cast to `dtype`."""
    for start in range(0, length(x), size):
        yield map_arrays(lambda a, s=start: a[s : s + size].astype(dtype, copy=False), x)


def inputs_of(data: Any, dtype: str) -> Iterator[Any]:
    """Yield the inputs in blocks, of arrays or batches, for layers that adapt to them."""
    if not isinstance(data, Batches):
        return blocks_of(data, dtype)
    if data.once or data.endless:
        raise GlassnetError(
            "adapts to all inputs before training, but x can't be read twice.",
            where="Normalization",
            fix="Give it mean and variance, or pass data with __iter__, or a PyDataset.",
        )
    return (_cast(batch.x, dtype) for batch in data.read())


def _cast(x: Any, dtype: str) -> Any:
    return map_arrays(lambda a: a.astype(dtype, copy=False), x)


def limited(blocks: Iterable[Any], steps: int | None, what: str) -> Iterator[Any]:
    """Yield the first `steps` blocks, or all; warn if there are fewer, raise if there are none."""
    count = 0
    for block in islice(blocks, steps):
        yield block
        count += 1
        if steps is None:
            warn_if_endless(count - 1, count, "steps")
    if not count:
        raise GlassnetError(
            "has no batches left.",
            where=what,
            fix="Data that are read again have __iter__ or are a PyDataset; a generator is read "
            "once.",
        )
    if steps is not None and count < steps:
        warnings.warn(f"{what} has only {count} batches, of {steps} steps.", stacklevel=2)


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Evaluates weights on data, arrays or batches; `steps` limits the batches, as in Keras.

    Arrays are cut into blocks that fit memory; if a callback is called for each batch, or the loss
    is one of whole batches, into batches of `batch_size`, or else `usual_size`.
    """

    objective: Objective
    data: Examples | Batches
    dtype: str
    what: str = "x"
    batch_size: int | None = None
    steps: int | None = None
    usual_size: int = BATCH

    def __call__(self, params: Tree, callbacks: CallbackList) -> dict[str, float]:
        """Return loss and metrics of these weights; tell the callbacks."""
        blocks = self._blocks(params, callbacks)
        return evaluated(self.objective, params, blocks, callbacks)

    def _blocks(self, params: Tree, callbacks: CallbackList) -> Iterator[tuple[Any, Any]]:
        data, dtype = self.data, self.dtype
        if isinstance(data, Batches):
            batches = ((_cast(batch.x, dtype), batch.y) for batch in data.epoch())
            return limited(batches, self.steps, self.what)
        size = self.batch_size
        parts = self.objective.criterion.parts
        needs_batches = any(criterion.loss.depends_on_batches for criterion in parts)
        if size is None and (self.steps or needs_batches or callbacks.defines(*EACH_BATCH)):
            size = self.usual_size
        size = size or block_size(self.objective.network, params, data.x, dtype)
        blocks = examples_in_blocks(data, dtype, size)
        return limited(blocks, self.steps, self.what) if self.steps else blocks


def examples_in_blocks(examples: Examples, dtype: str, size: int) -> Iterator[tuple[Any, Any]]:
    """Yield (x, y) of blocks of `size` examples."""
    for i, block in enumerate(blocks_of(examples.x, dtype, size)):
        yield block, map_arrays(lambda a, s=i * size: a[s : s + size], examples.y)


def evaluated(
    objective: Objective,
    params: Tree,
    blocks: Iterable[tuple[Any, Any]],
    callbacks: CallbackList,
) -> dict[str, float]:
    """Return loss (with penalties, as in training) and metrics over blocks of (x, y).

    For sequences with padding, these are the means over all steps that are not padding, as if all
    examples were one batch. Losses of whole batches are averaged over the blocks.
    """
    totals = [_Totals(criterion) for criterion in objective.criterion.parts]
    penalty, activities, count = float(objective.penalty(params)[0]), 0.0, 0

    def logs() -> dict[str, float]:
        logs = objective.criterion.combined_logs([total.logs() for total in totals])
        return {"loss": logs.pop("loss") + penalty + activities / max(count, 1), **logs}

    for i, (x, y) in enumerate(blocks):
        callbacks.batch("on_test_batch_begin", i, dict)
        call = CallContext(differentiable=False)
        outputs, mask, _ = objective.forward(params, x, call)
        size = length(outputs)
        activities, count = activities + size * float(activity(call)), count + size
        batches = objective.criterion.split_by_output(outputs, y, mask)
        for total, batch in zip(totals, batches, strict=True):
            total.add(*batch)
        callbacks.batch("on_test_batch_end", i + 1, logs)
    return logs()


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
