"""`Subject`: what the doctor examines, a network with its loss and its data."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from glassnet.core.arrays import Array, as_tuple, length, map_arrays
from glassnet.core.trees import Tree, join_path, leaves
from glassnet.data.images.preprocessing import Preprocessing
from glassnet.layers import INFERENCE, Layer
from glassnet.layers.call import AGAIN
from glassnet.layers.network import unfolds
from glassnet.layers.shapes import select
from glassnet.losses import Crossentropy, Loss
from glassnet.optimizers import Optimizer
from glassnet.training.callbacks import Callback
from glassnet.training.examples import Examples
from glassnet.training.source import Plan
from glassnet.training.step import Objective

SAMPLE = 64  # examples in the batch of the traced step
_BLOCK = 1000  # examples hashed at a time


@dataclass(frozen=True, eq=False)
class Part:
    """The examples of one split: training, validation or test.

    `rows` are their indices in the data set, None if they are simply its first rows; or the numbers
    or paths of what the `unit` says: "line" or "file" of a file or folder. `texts` are the original
    texts, if the inputs are token ids.
    """

    x: Any
    y: Array
    name: str  # of the inputs, in messages
    labels_name: str = "y"
    rows: Array | None = None
    texts: Sequence[str] = ()
    unit: str = "row"

    def __len__(self) -> int:
        return length(self.x)

    def row(self, i: Any) -> str:
        """Return what people call example i: "row 3", or "line 17"."""
        return f"{self.unit} {i if self.rows is None else self.rows[i]}"

    @cached_property
    def digests(self) -> Array:
        """A 64-bit hash of each example's inputs; equal examples have equal hashes.

        Texts are equal if they have the same letters and digits, whatever is between them.

        With the 32-bit words w of an example, the hash is the upper halves of two sums
        Σ rᵢ wᵢ mod 2⁶⁴ with random r. Two different examples collide with probability 2⁻⁶².
        Source: Lemire & Kaser 2014, "Strongly universal string hashing is fast".
        """
        if self.texts:
            return np.array([hash(_words(text)) for text in self.texts])
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
        """For each example, the index of the first equal one: its own or an earlier one."""
        _, first, inverse = np.unique(self.digests, return_index=True, return_inverse=True)
        return first[inverse]

    def sample(self, count: int = SAMPLE) -> Array:
        """Return `count` evenly spaced rows, because files are often sorted."""
        return np.unique(np.linspace(0, len(self) - 1, min(count, len(self))).astype(np.int64))


def _words(text: str) -> str:
    """Return the lowercase words of a text; the text itself if it has none."""
    return re.sub(r"\W+", " ", text.casefold()).strip() or text


@dataclass(frozen=True)
class Origin:
    """What a fine-tuned network took over from a trained one."""

    drawn: tuple[str, ...] = ()  # the paths of the layers with some weights drawn at random
    common_classes: tuple[str, ...] = ()  # whose outputs were kept; () if classes have no names
    keeps_head: bool = False  # True if it has no other outputs
    images: tuple[Preprocessing, Preprocessing] | None = None  # the form of its images, and of ours
    rescaled: bool = False  # True if the scaling was fitted again to ours


@dataclass(frozen=True, eq=False)
class Subject:
    """Everything a check can use. Targets are in the form that the loss takes."""

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
    tokens: str = ""  # the tokenizer, if the inputs are token ids
    source: str = ""  # of the data, for messages
    features: tuple[str, ...] = ()  # the names of the columns of x, if they were made from a table
    weights: Array | None = None  # of the training examples, class weights included
    callbacks: Sequence[Callback] = ()
    seed: int = 0
    recurs: bool = False  # True if an example may be in training and in the test: the same user
    pictures: bool = False  # True if the inputs are pictures
    origin: Origin | None = None  # None if it is not known to have been trained before

    @classmethod
    def of(
        cls, network: Layer, loss: Loss, objective: Objective, params: Tree, optimizer: Optimizer,
        plan: Plan, examples: Examples, held_out: Examples | None = None,
        callbacks: Sequence[Callback] = (),
    ) -> Self:  # fmt: skip
        """Return the subject for the arguments of `Model.fit`."""
        train = Part(examples.x, examples.targets, "x", "y")
        validation = held_out and Part(held_out.x, held_out.targets, "validation x", "validation y")
        parts = train, validation or None
        return cls(
            network, loss, objective, params, optimizer, plan, *parts, weights=examples.weights,
            callbacks=callbacks, seed=plan.seed,
        )  # fmt: skip

    @property
    def weighted(self) -> bool:
        """True with class or sample weights."""
        return self.weights is not None

    @property
    def fine_tuned(self) -> bool:
        """True if the network was trained before, as one with frozen layers should have been."""
        return self.origin is not None or bool(self.objective.frozen)

    def is_frozen(self, path: str) -> bool:
        """True if training changes nothing in the layer at this path of its output."""
        return AGAIN.sub("", path) in self.objective.frozen

    @cached_property
    def layers(self) -> list[tuple[str, Layer]]:
        """(path, layer) of every layer of the network."""
        return list(self.network.walk())

    @cached_property
    def outputs(self) -> tuple[Any, ...]:
        """The shape of one example's outputs."""
        return self.network.output_shape(map_arrays(lambda a: a.shape[1:], self.train.x))

    @property
    def steps(self) -> int:
        """The number of steps of the whole training."""
        return self.plan.epochs * -(-len(self.train) // self.plan.batch_size)

    @property
    def penalty(self) -> float:
        """The sum of all weight penalties."""
        return float(self.objective.penalty(self.params)[0])

    @property
    def classes(self) -> int:
        """The number of mutually exclusive classes (2 for one binary output), or 0."""
        if not isinstance(self.loss, Crossentropy) or len(self.outputs) != 1:
            return 0
        if self.loss.fused_activation == "sigmoid":
            return 2 if self.outputs[-1] == 1 else 0
        return int(self.outputs[-1])

    def labels(self, part: Part | None) -> Array | None:
        """Return the class index of each example; None if most examples have more than one, or if
        the loss ignores some.
        """
        if part is None or not self.classes:
            return None
        if self.loss.labels:
            counted = self.loss.counted(part.y)
            return part.y if counted is None or counted.all() else None
        binary = part.y.shape[-1] == 1
        if not binary and self._has_shares:
            return None
        return (part.y[:, 0] > 0.5).astype(np.int64) if binary else part.y.argmax(axis=-1)

    @cached_property
    def _has_shares(self) -> bool:
        """True if most training examples have shares of multiple classes."""
        return bool(2 * (self.train.y.max(axis=-1) > 0.5).sum() < len(self.train))

    def class_name(self, number: Any) -> str:
        """Return the class index, followed by its name if it has one."""
        has_name = number < len(self.class_names) and self.class_names[number] != str(number)
        return f"{number} ({self.class_names[number]})" if has_name else str(number)

    @cached_property
    def batch(self) -> tuple[Any, Array]:
        """(inputs in the dtype of the weights, targets) of a sample of the training split."""
        rows, dtype = self.train.sample(), next(iter(leaves(self.params))).dtype
        return map_arrays(lambda a: a[rows].astype(dtype), self.train.x), self.train.y[rows]

    @cached_property
    def first_trainable(self) -> tuple[str, Layer, Any] | None:
        """(name, layer, inputs) of the first layer with trainable weights, for `batch`."""
        return _first_trainable("", self.network, self.params, self.batch[0])


def _first_trainable(
    path: str, layer: Layer, params: Tree, x: Any
) -> tuple[str, Layer, Any] | None:
    if not unfolds(layer):
        return (path, layer, x) if layer.learns else None
    values = list(as_tuple(x)) if layer.inputs > 1 else [x]
    for name, part, _, sources, _ in layer.calls:
        inputs, part_params = select(values, sources), params.get(name, {})
        if part.learns:
            return _first_trainable(join_path(path, name), part, part_params, inputs)
        values += part.outputs_of(part.forward(part_params, inputs, INFERENCE)[0])
    return None
