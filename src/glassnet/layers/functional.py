"""`Input` and `Node`: symbolic arrays on which layers are called to build a graph."""

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any, NoReturn

import numpy as np

from glassnet.core.arrays import whole_number
from glassnet.core.errors import GlassnetError
from glassnet.core.file_formats import service
from glassnet.core.unknown_arguments import checked_arguments, unknown_argument
from glassnet.layers.base import Arguments, Layer, Shape
from glassnet.layers.call_arguments import masked, options
from glassnet.layers.first_calls import record_call
from glassnet.layers.merging import Add, Multiply, Subtract
from glassnet.layers.open_shape import open_output_shape
from glassnet.layers.operators import GetItem, Power
from glassnet.layers.preprocessing import Rescaling
from glassnet.layers.shapes import flat, one_or_tuple


@dataclass(frozen=True, eq=False)
class Node:
    """A symbolic array: an input, or the output of a layer called on other nodes.

    a + b, a - b and a * b are Add()(a, b), Subtract()(a, b) and Multiply()(a, b); with numbers,
    they are Rescaling(scale, offset)(a). a[:, 0] is GetItem, a ** 2 is Power. All but a[:, 0] keep
    a padding mask, as the layers do; operators in Keras lose it.
    """

    example_shape: Shape
    layer: Layer | None = None
    sources: tuple["Node", ...] = ()
    name: str | None = None  # of an input: its key in a dict of arrays
    arguments: Arguments = ()  # of the call
    outputs: tuple["Node", ...] = ()  # of the call, if multiple

    def __post_init__(self) -> None:
        if self.layer is not None:
            record_call(self)

    @property
    def shape(self) -> Shape:
        """The shape with the batch axis first, whose size is None, as in Keras."""
        return (None, *self.example_shape)

    @property
    def dtype(self) -> str:
        """The dtype of its numbers, "float32": a model of dtype "float64" has float64."""
        return "float32"

    def __repr__(self) -> str:
        name = self.name if self.layer is None else self.layer.name
        return f"<Node shape={self.shape}, name={name}>"  # without sources, which may be many

    def __add__(self, other: Any) -> "Node":
        return Rescaling(1.0, other)(self) if _is_number(other) else _merged(Add(), self, other)

    def __sub__(self, other: Any) -> "Node":
        return self + -other if _is_number(other) else _merged(Subtract(), self, other)

    def __mul__(self, other: Any) -> "Node":
        return Rescaling(other)(self) if _is_number(other) else _merged(Multiply(), self, other)

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self) -> "Node":
        return self * -1.0

    def __rsub__(self, other: Any) -> "Node":
        return Rescaling(-1.0, other)(self) if _is_number(other) else _merged(None, other, self)

    def __truediv__(self, other: Any) -> "Node":
        if _is_number(other) and other:
            return self * (1 / other)
        return _merged(Multiply(), self, other**-1 if isinstance(other, Node) else other)

    def __rtruediv__(self, other: Any) -> "Node":
        return self**-1 * other

    def __pow__(self, other: Any) -> "Node":
        return Power(float(other))(self) if _is_number(other) else _merged(None, self, other)

    def __matmul__(self, other: Any) -> NoReturn:
        raise GlassnetError(
            "can't be multiplied as a matrix.",
            where=f"a node of shape {self.shape}",
            fix="By weights: Dense(units, use_bias=False)(x). By a node: Attention()([q, v, k]) is "
            "softmax(q kᵀ) v.",
        )

    __rmatmul__ = __matmul__

    def __getitem__(self, key: Any) -> "Node":
        return GetItem.of(key, len(self.example_shape))(self)

    def __iter__(self) -> NoReturn:
        raise GlassnetError(
            "is one value and can't be unpacked.",
            where=f"a node of shape {self.shape}",
            fix="Of a layer with multiple outputs, such as LSTM(8, return_state=True), the call "
            "returns a list.",
        )

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        raise GlassnetError(
            "holds no numbers: functions of NumPy and keras.ops can't take it.",
            where=f"a node of shape {self.shape}",
            fix='Call a layer on it, as in Activation("exp")(x), or use + - * / ** and [].',
        )

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **_: Any) -> Any:
        operation = _OPERATORS.get(ufunc.__name__)  # of a NumPy number and the node
        if operation and len(inputs) == 2 and method == "__call__":
            a, b = (x.item() if isinstance(x, np.generic) else x for x in inputs)
            if not (isinstance(a, np.ndarray) or isinstance(b, np.ndarray)):
                return operation(a, b)
        return self.__array__()


_OPERATORS: dict[str, Any] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
}


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _merged(layer: Layer | None, *operands: Any) -> Node:
    if layer is None or not all(isinstance(item, Node) for item in operands):
        raise GlassnetError(
            "can only be combined with other nodes and with numbers.",
            where=f"a node of shape {next(n.shape for n in operands if isinstance(n, Node))}",
            fix="Constants for each feature: Normalization(), or an input of its own.",
        )
    return called(layer, operands)


def call(layer: Layer, values: Sequence[Any], arguments: Mapping[str, Any]) -> Any:
    """Return the output node, or the list of output nodes, of a layer's call on nodes."""
    known = (*layer.call_inputs, *layer.call_masks, *layer.call_options, "mask", "training")
    for option in arguments:
        if option not in known:
            raise unknown_argument(option, known, "call", f"{type(layer).__name__}'s call")
    present = {name: value for name, value in arguments.items() if value is not None}
    sources = layer.call_sources(flat(values), present)
    if len(sources) == 1 and isinstance(sources[0], np.ndarray) and not present:
        return service("apply layers").applied(layer, sources[0])
    for item in sources or [None]:
        if not isinstance(item, Node):
            raise _not_a_node(layer, item)
    return called(layer, masked(layer, sources, present), options(layer, present))


def called(layer: Layer, sources: Sequence[Node], arguments: Arguments = ()) -> Any:
    """Return the output node of a call of the layer; with multiple outputs, a list of nodes."""
    variant = layer.called_with(dict(arguments))
    shape = open_output_shape(
        variant, layer.name or "", one_or_tuple([item.example_shape for item in sources])
    )
    shapes = variant.outputs_of(shape)
    nodes = tuple(Node(s, layer, tuple(sources), None, arguments) for s in shapes)
    for node in nodes if len(nodes) > 1 else ():
        object.__setattr__(node, "outputs", nodes)
    return nodes[0] if len(nodes) == 1 else list(nodes)


@checked_arguments("Input")
def Input(  # noqa: N802 (Keras's name)
    shape: Sequence[int | None], name: str | None = None, dtype: str | None = None
) -> Node:
    """Return the node where data enters: examples of `shape`, without the batch axis.

    None in the shape is a size that may differ between batches, such as a length. Inputs with names
    can be passed as a dict: fit({"left": x1, "right": x2}, y). A `dtype` of whole numbers or
    "float32" describes the data, which may have any.
    """
    if dtype not in (None, "float32", *_WHOLE):
        raise unknown_argument("dtype", (), "layer", "Input")
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
    where = f"Input({tuple(shape)})"
    return Node(tuple(None if n is None else whole_number(n, where, 1) for n in shape), name=name)


_WHOLE = ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")


class InputLayer:
    """Keras's name for `Input`, as the first entry of a list of layers.

    `InputLayer(shape)` returns a node; no layer here is an instance of this class.
    """

    def __new__(cls, *args: Any, **options: Any) -> Any:
        """Return `Input(...)`."""
        return Input(*args, **options)


def is_nodes(value: Any) -> bool:
    """True if this is a node of a graph, or a list of nodes."""
    first = value[0] if isinstance(value, list | tuple) and value else value
    return isinstance(first, Node)


def _not_a_node(layer: Layer, value: Any) -> GlassnetError:
    """The error for a layer that was called on arrays."""
    return GlassnetError(
        f"was called on {type(value).__name__}, not on a node of a graph.",
        where=f"layer {layer.name!r}",
        fix="Start with x = Input(shape). For arrays: Model([...]).predict(x).",
    )
