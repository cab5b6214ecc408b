"""Who is examined: a network with its loss and the examples that it is to learn from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from glassnet.core.arrays import Array, as_tuple, length, map_arrays
from glassnet.core.trees import Tree, leaves
from glassnet.layers import Graph, Layer, Sequential
from glassnet.layers.graph import select
from glassnet.losses import BinaryCrossentropy, BinaryFocalCrossentropy, Crossentropy, Loss
from glassnet.optimizers import Optimizer
from glassnet.training.examples import Examples
from glassnet.training.loop import Plan
from glassnet.training.step import Objective

SAMPLE = 64  # examples that a network is looked at with
_BLOCK = 1000  # examples that are hashed at a time


@dataclass(frozen=True, eq=False)
class Part:
    """Some of the examples: to train on, held out, or to test on.

    `rows` are their places in the data set, where they are not simply the first ones; `texts` is
    what the inputs were made of, where they were texts.
    """

    x: Any
    y: Array
    name: str  # of the inputs, as people know them
    labels_name: str = "y"
    rows: Array | None = None
    texts: Sequence[str] = ()

    def __len__(self) -> int:
        return length(self.x)

    def row(self, i: Any) -> int:
        """The example's row in the data set."""
        return int(i if self.rows is None else self.rows[i])

    @cached_property
    def digests(self) -> Array:
        """A 64-bit hash of each example's inputs: equal ones are equal examples.

        Of the 32-bit words w, the upper halves of two sums Σ rᵢ wᵢ mod 2⁶⁴ with random r: two
        examples have the same one by chance in one of 2⁶² cases. Source: Lemire & Kaser 2014,
        "Strongly universal string hashing is fast".
        """
        if self.texts:
            return np.array([hash(text) for text in self.texts])
        rng, sums = np.random.default_rng(0), np.zeros((len(self), 2), np.uint64)
        for array in as_tuple(self.x):
            rows = np.ascontiguousarray(array).reshape(len(self), -1).view(np.uint8)
            rest = -rows.shape[1] % 4
            factors = rng.integers(0, 2**64, ((rows.shape[1] + rest) // 4, 2), np.uint64)
            for start in range(0, len(rows), _BLOCK):
                block = rows[start : start + _BLOCK]
                words = (np.pad(block, ((0, 0), (0, rest))) if rest else block).view(np.uint32)
                sums[start : start + _BLOCK] += words.astype(np.uint64) @ factors
        half = np.uint64(32)
        return (sums[:, 0] >> half << half) | (sums[:, 1] >> half)

    @cached_property
    def originals(self) -> Array:
        """Of each example, the first one that is equal: itself, or one before it."""
        _, first, which = np.unique(self.digests, return_index=True, return_inverse=True)
        return first[which]

    def sample(self, count: int = SAMPLE) -> Array:
        """So many rows from all over the part: files are often sorted."""
        return np.unique(np.linspace(0, len(self) - 1, min(count, len(self))).astype(np.int64))


@dataclass(frozen=True, eq=False)
class Subject:
    """Everything that a check may look at. Targets are as the loss takes them."""

    network: Layer
    loss: Loss
    objective: Objective
    params: Tree
    optimizer: Optimizer
    plan: Plan
    train: Part
    held_out: Part | None = None
    test: Part | None = None
    class_names: tuple[str, ...] = ()
    tokens: str = ""  # the kind of text, where the inputs are ids
    weighted: bool = False  # classes or examples count differently
    seed: int = 0

    @classmethod
    def of(
        cls, network: Layer, loss: Loss, objective: Objective, params: Tree, optimizer: Optimizer,
        plan: Plan, examples: Examples, held_out: Examples | None = None,
    ) -> Self:  # fmt: skip
        """What `Model.fit` was given."""
        train = Part(examples.x, examples.targets, "x", "y")
        watched = held_out and Part(held_out.x, held_out.targets, "validation x", "validation y")
        parts = train, watched or None
        weighted = examples.weights is not None
        return cls(network, loss, objective, params, optimizer, plan, *parts, weighted=weighted)

    @cached_property
    def outputs(self) -> tuple[Any, ...]:
        """The shape of one example's outputs."""
        return self.network.output_shape(map_arrays(lambda a: a.shape[1:], self.train.x))

    @property
    def steps(self) -> int:
        """Of the whole training."""
        return self.plan.epochs * -(-len(self.train) // self.plan.batch_size)

    @property
    def classes(self) -> int:
        """How many classes exclude each other, two where one output says yes or no; else 0."""
        if not isinstance(self.loss, Crossentropy) or len(self.outputs) != 1:
            return 0
        if isinstance(self.loss, BinaryCrossentropy | BinaryFocalCrossentropy):
            return 2 if self.outputs[-1] == 1 else 0
        return int(self.outputs[-1])

    def labels(self, part: Part | None) -> Array | None:
        """The class of each example, where each has one."""
        if part is None or not self.classes:
            return None
        if self.loss.labels:
            return part.y
        yes_or_no = part.y.shape[-1] == 1
        return (part.y[:, 0] > 0.5).astype(np.int64) if yes_or_no else part.y.argmax(axis=-1)

    def class_name(self, number: Any) -> str:
        """The class as people know it."""
        named = number < len(self.class_names) and self.class_names[number] != str(number)
        return f"{number} ({self.class_names[number]})" if named else str(number)

    @cached_property
    def batch(self) -> tuple[Any, Array]:
        """(inputs as numbers, targets) from all over the training part."""
        rows, dtype = self.train.sample(), next(iter(leaves(self.params))).dtype
        return map_arrays(lambda a: a[rows].astype(dtype), self.train.x), self.train.y[rows]

    @cached_property
    def arriving(self) -> tuple[str, Layer, Any] | None:
        """(name, layer, inputs) of the first layer that learns, for the batch."""
        return next(_learning(self.network, self.params, self.batch[0], ""), None)


def _learning(layer: Layer, params: Tree, x: Any, path: str) -> Iterator[tuple[str, Layer, Any]]:
    """The layers that learn and the inputs that come to them through those that don't."""
    if isinstance(layer, Sequential):
        for name, part in layer.parts:
            inner = params.get(name, {})
            if part.learns:
                yield from _learning(part, inner, x, f"{path}{name}/")
                return
            x = part.forward(inner, x)[0]
    elif isinstance(layer, Graph):
        values = list(as_tuple(x))
        for name, part, _, sources in layer.calls:
            given = select(values, sources)
            if part.learns:
                yield from _learning(part, params.get(name, {}), given, f"{path}{name}/")
                return
            values.append(part.forward(params.get(name, {}), given)[0])
    elif layer.learns:
        yield path.rstrip("/"), layer, x
