"""Networks with embeddings or multiple inputs, as functions of one vector with a gradient."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from glassnet.core.arrays import as_tuple
from glassnet.core.errors import GlassnetError
from glassnet.core.protocols import Array, namespace
from glassnet.core.trees import Tree
from glassnet.explain.hook import Around
from glassnet.explain.layout import Layout
from glassnet.layers import (
    INFERENCE,
    CallContext,
    CategoryEmbedding,
    CategoryEncoding,
    Embedding,
    Layer,
    Permute,
    PiecewiseLinearEncoding,
)
from glassnet.layers.shapes import one_or_tuple
from glassnet.ops import Pullback


@dataclass
class _Slot:
    """What an embedding looks up in a call, and the vectors that stand in for it."""

    input: int  # the index of the input whose ids it takes
    params: Tree = field(default_factory=dict)
    looked_up: Any = None  # (N, ..., d)
    vectors: Any = None  # in their place; None for no others
    gradient: Any = None  # ∂s/∂vectors, once the pullback has run


@dataclass(frozen=True, eq=False)
class _Substitute(Around):
    """An embedding whose output are the vectors in its slot."""

    layer: Embedding | CategoryEmbedding
    slot: _Slot

    def called_with(self, arguments: Mapping[str, bool]) -> Layer:
        return self

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        y, back = self.layer.forward(params, x, context)
        slot, layer = self.slot, self.layer
        widths = layer.widths if isinstance(layer, CategoryEmbedding) else y.shape[-1:]
        start = y.shape[-1] - sum(widths)  # before it are the numbers that are not looked up
        slot.params, slot.looked_up, slot.gradient = params, y[..., start:], None
        if slot.vectors is None:
            return y, back
        vectors = slot.vectors
        y = vectors if not start else namespace(y).concat([y[..., :start], vectors], axis=-1)

        def pullback(dy: Array) -> tuple[Any, Tree]:
            slot.gradient = dy[..., start:]
            return (None, {}) if isinstance(layer, Embedding) else back(dy)

        return y, pullback


@dataclass(frozen=True, eq=False)
class Lifting:
    """An example of a network with embeddings or multiple inputs, and its baseline.

    `baseline` has an array for each input, or None: 0, and vectors of 0 for what is embedded. With
    `counts`, how many training rows have each value of the columns of a `CategoryEmbedding`, the
    baseline of these columns is the mean of their vectors.
    """

    network: Layer  # outputs logits
    x: tuple[np.ndarray, ...]
    baseline: tuple[np.ndarray | None, ...]
    counts: Sequence[Any] | None = None

    @cached_property
    def _hooked(self) -> tuple[Layer, tuple[_Substitute, ...]]:
        """The network with a substitute for each embedding of an input, and the substitutes."""
        network, substitutes = self.network, []
        for path, source, layer in _embeddings(self.network):
            substitutes.append(_Substitute(layer, _Slot(source), name=layer.name))
            network = network.with_layer(path, substitutes[-1])
        return network, tuple(substitutes)

    def at(self, params: Tree) -> tuple["Lifted", np.ndarray, np.ndarray]:
        """Return the network as a function of one vector, the example and the baseline as such.

        With other weights, the vectors are others, too.
        """
        network, substitutes = self._hooked
        own, base = self._looked_up(params, self.x), []
        pairs = [*zip(self.baseline, self.x, strict=True)]
        plain = [np.zeros_like(x) if b is None else b for b, x in pairs]
        others = self._looked_up(params, tuple(x if b is None else b for b, x in pairs))
        for substitute, vectors in zip(substitutes, others, strict=True):
            layer, slot = substitute.layer, substitute.slot
            if isinstance(layer, CategoryEmbedding) and self.counts is not None:
                base.append(layer.mean_vectors(slot.params, self.counts))
            elif self.baseline[slot.input] is None:
                base.append(np.zeros_like(vectors))
            else:
                base.append(vectors)
        shapes = tuple(x.shape for x in self.x)
        x = np.concatenate([array.reshape(-1) for array in (*self.x, *own)])
        b = np.concatenate([array.reshape(-1) for array in (*plain, *base)]).astype(x.dtype)
        free, owner = self._coordinates([vectors.shape for vectors in own])
        if not len(free):
            raise GlassnetError("is only padding, which has no explanation.", where="x")
        layout = Layout(shapes, owner[free])
        slots = tuple(substitute.slot for substitute in substitutes)
        parts = (*shapes, *(array.shape for array in own))
        return Lifted(network, slots, x, free, parts, layout, self), x[free], b[free]

    def _looked_up(self, params: Tree, x: tuple[np.ndarray, ...]) -> list[np.ndarray]:
        """Return the vectors that each embedding looks up for an example."""
        network, substitutes = self._hooked
        network.forward(params, one_or_tuple([array[None] for array in x]), INFERENCE)
        return [substitute.slot.looked_up[0] for substitute in substitutes]

    def _coordinates(self, vectors: Sequence[tuple[int, ...]]) -> tuple[np.ndarray, np.ndarray]:
        """Return (the numbers that have a gradient, the input value that each number belongs to).

        Ids have none, nor has padding.
        """
        starts = np.cumsum([0, *(array.size for array in self.x)])
        has_gradient = [np.ones(array.size, bool) for array in self.x]
        owners = [np.arange(starts[-1])]
        for substitute, shape in zip(self._hooked[1], vectors, strict=True):
            layer, source = substitute.layer, substitute.slot.input
            if isinstance(layer, CategoryEmbedding):
                has_gradient[source][list(layer.columns)] = False
                owner = np.repeat(layer.columns, layer.widths)
                free = np.ones(len(owner), bool)
            else:
                ids = self.x[source].reshape(-1)
                has_gradient[source][:] = False
                owner = np.repeat(np.arange(len(ids)), shape[-1])
                free = np.repeat(ids != 0, shape[-1]) if layer.mask_zero else owner >= 0
            owners.append(starts[source] + owner)
            has_gradient.append(free)
        return np.flatnonzero(np.concatenate(has_gradient)), np.concatenate(owners)


@dataclass(frozen=True, eq=False)
class Lifted(Layer):
    """A network as a function of all the numbers of one example that have a gradient.

    x (N, K) -> y (N, classes). The numbers are those of its inputs, but in place of ids the vectors
    that are looked up for them. Ids and masks stay those of the example.
    """

    network: Layer
    slots: tuple[_Slot, ...]
    example: np.ndarray  # all numbers, (D,)
    free: np.ndarray  # the K of them that have a gradient
    part_shapes: tuple[tuple[int, ...], ...]  # of the inputs and of the vectors
    layout: Layout
    lifting: Lifting

    @cached_property
    def _order(self) -> tuple[np.ndarray, np.ndarray]:
        """(the numbers that are not free, where each number is behind the free ones and them)."""
        rest = np.delete(np.arange(len(self.example)), self.free)
        return rest, np.argsort(np.concatenate([self.free, rest]))

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        xp, rows = namespace(x), x.shape[0]
        rest, order = self._order
        constant = xp.asarray(self.example[rest], dtype=x.dtype)
        numbers = xp.concat([x, xp.broadcast_to(constant, (rows, len(rest)))], axis=1)[:, order]
        ends = np.cumsum([0, *(int(np.prod(shape)) for shape in self.part_shapes)]).tolist()
        parts = [
            numbers[:, start:end].reshape(rows, *shape)
            for start, end, shape in zip(ends, ends[1:], self.part_shapes, strict=False)
        ]
        inputs = len(self.part_shapes) - len(self.slots)
        for slot, vectors in zip(self.slots, parts[inputs:], strict=True):
            slot.vectors = vectors
        try:
            y, back = self.network.forward(params, one_or_tuple(parts[:inputs]), context)
        finally:
            for slot in self.slots:
                slot.vectors = None

        def pullback(dy: Array) -> tuple[Array, Tree]:
            dx, gradients = back(dy)
            own = as_tuple(dx) if dx is not None else (None,) * inputs
            dparts = [*own, *(slot.gradient for slot in self.slots)]
            pairs = zip(dparts, parts, strict=True)
            flat = [(xp.zeros_like(p) if d is None else d).reshape(rows, -1) for d, p in pairs]
            return xp.concat(flat, axis=1)[:, self.free], gradients

        return y, pullback


def _embeddings(network: Layer) -> list[tuple[str, int, Embedding | CategoryEmbedding]]:
    """Return (path, index of the input, layer) of each embedding that takes an input.

    Raises GlassnetError for ids that are read in another way.
    """
    embeddings: list[tuple[str, int, Embedding | CategoryEmbedding]] = []

    def visit(path: str, layer: Layer, source: Any) -> Any:
        """Return the index of the input that a value is, or None for a computed value."""
        if isinstance(layer, Embedding | CategoryEmbedding) and source is not None:
            embeddings.append((path, source, layer))
        same = layer.rearranges and not isinstance(layer, Permute) and not layer.multi_input
        return source if same or isinstance(layer, PiecewiseLinearEncoding) else None

    network.trace(one_or_tuple(range(network.inputs)), visit)
    layers = [layer for _, _, layer in embeddings]
    for path, layer in network.walk():
        reads_ids = isinstance(layer, Embedding | CategoryEmbedding | CategoryEncoding)
        if reads_ids and sum(layer is other for other in layers) != 1:
            raise GlassnetError(
                f"{type(layer).__name__} {path!r} reads ids that have no gradient, in a way that "
                "can't be explained.",
                where="explain",
                fix="Explain networks whose inputs go into an Embedding of their own.",
            )
    return embeddings


def needs_lifting(network: Layer) -> bool:
    """True if a network has multiple inputs, or takes ids."""
    ids = (Embedding, CategoryEmbedding, CategoryEncoding)
    return network.inputs > 1 or any(isinstance(layer, ids) for _, layer in network.walk())
