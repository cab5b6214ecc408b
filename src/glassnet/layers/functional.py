"""`Input` and `Node`: symbolic arrays on which layers are called to build a graph."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from glassnet.core.arrays import whole_number
from glassnet.core.errors import GlassnetError
from glassnet.core.keras_hints import checked_arguments
from glassnet.layers.base import Layer, Shape, infer_shape, not_a_node
from glassnet.layers.first_calls import record_call
from glassnet.layers.merging import Add, Multiply, Subtract


@dataclass(frozen=True, eq=False)
class Node:
    """A symbolic array: an input, or the output of a layer called on other nodes.

    a + b, a - b and a * b are Add()(a, b), Subtract()(a, b) and Multiply()(a, b).
    """

    shape: Shape
    layer: Layer | None = None
    sources: tuple["Node", ...] = ()
    name: str | None = None  # of an input: its key in a dict of arrays

    def __post_init__(self) -> None:
        if self.layer is not None:
            record_call(self)

    def through(self, layer: Layer, sources: Sequence[Any]) -> "Node":
        """Return the output node of a layer for nodes; a list of nodes means multiple inputs."""
        flat = [
            n for item in sources for n in (item if isinstance(item, list | tuple) else (item,))
        ]
        for item in flat:
            if not isinstance(item, Node):
                raise not_a_node(layer, item)
        shapes = tuple(item.shape for item in flat)
        shape = infer_shape(layer, layer.name or "", shapes[0] if len(flat) == 1 else shapes)
        return Node(shape, layer, tuple(flat))

    def __add__(self, other: Any) -> "Node":
        return _merged(Add(), self, other)

    def __sub__(self, other: Any) -> "Node":
        return _merged(Subtract(), self, other)

    def __mul__(self, other: Any) -> "Node":
        return _merged(Multiply(), self, other)

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other: Any) -> "Node":
        return _merged(Subtract(), other, self)

    def __truediv__(self, other: Any) -> "Node":
        return _merged(None, self, other)

    def __getitem__(self, key: Any) -> NoReturn:
        raise GlassnetError(
            "can't be indexed.",
            where=f"a node of shape {self.shape}",
            fix="Cropping1D and Cropping2D crop, Reshape and Permute rearrange.",
        )


def _merged(layer: Layer | None, *operands: Any) -> Node:
    if layer is None or not all(isinstance(item, Node) for item in operands):
        raise GlassnetError(
            "can only be added to, subtracted from or multiplied by other nodes.",
            where=f"a node of shape {next(n.shape for n in operands if isinstance(n, Node))}",
            fix="With numbers: Rescaling(scale, offset)(x) is scale * x + offset.",
        )
    return layer(*operands)


@checked_arguments("Input")
def Input(shape: Sequence[int], name: str | None = None) -> Node:  # noqa: N802 (Keras's name)
    """Return the node where data enters: examples of `shape`, without the batch axis.

    Inputs with names can be passed as a dict: fit({"left": x1, "right": x2}, y).
    """
    if isinstance(shape, int):
        raise GlassnetError(f"shape is {shape}.", where="Input", fix=f"Use Input(({shape},)).")
    if not isinstance(shape, list | tuple):
        raise GlassnetError(
            f"shape is {shape!r:.80}.", where="Input", fix="Use Input((28, 28)), or Input((4,))."
        )
    if not isinstance(name, str | None):
        raise GlassnetError(
            f"{name!r:.80} is not a valid name.", where="Input", fix='Use name="left".'
        )
    sizes = tuple(whole_number(n, f"Input({tuple(shape)})", 1) for n in shape)
    return Node(sizes, name=name)


InputLayer = Input  # Keras's name for the first entry of a list of layers


def is_nodes(value: Any) -> bool:
    """True if this is a node of a graph, or a list of nodes."""
    first = value[0] if isinstance(value, list | tuple) and value else value
    return isinstance(first, Node)
