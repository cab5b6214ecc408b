"""Turning the arguments of `Model` (layers, nodes or a recipe's name) into a network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from glassnet import networks
from glassnet.core.arrays import whole_number
from glassnet.core.errors import GlassnetError
from glassnet.core.names import is_readable
from glassnet.layers import Graph, Layer, Sequential
from glassnet.layers.base import Shape
from glassnet.layers.functional import Node, is_nodes
from glassnet.layers.names import named_layers
from glassnet.layers.shapes import is_multi_input
from glassnet.layers.shared import chain, with_one_place_each
from glassnet.model.nodes import Nodes, nodes_between


@dataclass(frozen=True)
class Origin:
    """A network, with its input shape and input names where they are known."""

    network: Layer
    input_shape: Any = None
    input_names: tuple[str | None, ...] = ()  # None for an input without a name
    nodes: Nodes | None = None  # those that it was built from


def origin(
    layers: Any, input_shape: Any, inputs: Any, outputs: Any, name: Any, options: Mapping[str, Any]
) -> Origin:
    """Return the network that `Model`'s arguments describe; raises for arguments without effect."""
    start = _unnamed_origin(layers, input_shape, inputs, outputs, options)
    if isinstance(start.network, Sequential) and not start.network.layers:
        raise GlassnetError("has no layers.", where="Model", fix="Write Model([Dense(10)]).")
    if name is None:
        return start
    network = start.network
    if isinstance(layers, Layer):  # a copy of a layer would not share its weights
        network = Sequential((network,))
    named_layers([network := replace(network, name=name)], "Model")  # raises if not valid
    return replace(start, network=network)


def _unnamed_origin(
    layers: Any, input_shape: Any, inputs: Any, outputs: Any, options: Mapping[str, Any]
) -> Origin:
    if options and not isinstance(layers, str):
        raise GlassnetError(
            f"unknown argument {min(options)!r}; only recipes take options.", where="Model"
        )
    if hasattr(layers, "network"):
        if layers.built:
            raise GlassnetError("got a model.", where="Model", fix="Copy it with clone().")
        layers = layers.network
    if isinstance(layers, list | tuple) and not is_nodes(layers[1:]):
        layers = [getattr(layer, "network", layer) for layer in layers]  # models are layers here
    if _starts_with_input(layers):
        if input_shape is not None:
            raise GlassnetError("got both an Input and an input_shape.", where="Model")
        first, *layers = layers
        return Origin(
            with_one_place_each(chain(layers)),
            first.example_shape,
            checked_input_names([first.name]),
        )
    if layers is not None and not is_nodes(layers) and not (inputs is None and outputs is None):
        raise GlassnetError("got both layers and nodes.", where="Model", fix="Leave one out.")
    if isinstance(layers, str):
        if input_shape is not None and networks.accepts(layers, "shape"):
            options = {"shape": input_shape} | dict(options)
        return Origin(networks.recipe(layers, **options), input_shape)
    if layers is None or is_nodes(layers) or is_nodes(input_shape):
        return _graph_origin(
            layers if inputs is None else inputs, input_shape if outputs is None else outputs
        )
    if isinstance(layers, Layer):
        return Origin(with_one_place_each(layers), input_shape)
    return Origin(with_one_place_each(chain(layers)), input_shape)


def checked_input_names(names: Any) -> tuple[str | None, ...]:
    """Return the inputs' names, None for those without one; raises unless they are distinct."""
    strings = [name for name in names if name is not None] if isinstance(names, list) else [0]
    if not all(isinstance(name, str) for name in strings) or len({*strings}) < len(strings):
        raise GlassnetError(f"{names!r:.80} are not valid, distinct names.", where="inputs")
    return tuple(names)


def checked_shape(shape: Any) -> Shape:
    """Return a shape, or a tuple of shapes, as tuples of Python integers, or None for any size."""
    try:
        return tuple(
            checked_shape(n)
            if isinstance(n, list | tuple)
            else None
            if n is None
            else whole_number(n, "input_shape", 1)
            for n in shape
        )
    except TypeError as error:
        raise GlassnetError(
            f"is {shape!r}.",
            where="input_shape",
            fix="Give the shape of one example, as in (28, 28) or (4,).",
        ) from error


def without_batch_axis(shape: Any) -> Any:
    """Return the shape, or each of multiple shapes, without a first axis of None: Keras's batch."""
    if not isinstance(shape, list | tuple):
        return shape
    if shape and all(isinstance(inner, list | tuple) for inner in shape):
        return tuple(map(without_batch_axis, shape))
    return shape[1:] if len(shape) > 1 and shape[0] is None else shape


def checked_class_names(names: Sequence[str]) -> tuple[str, ...]:
    """Return the class names; raises unless each is printable and no two are the same."""
    for name in names:
        if not isinstance(name, str) or not is_readable(name):
            raise GlassnetError(f"{name!r} is not a readable name.", where="class_names")
    if len(set(names)) < len(names):
        raise GlassnetError("two classes have the same name.", where="class_names")
    return tuple(names)


def require_one_name_each(names: Sequence[str], output_shape: Shape) -> None:
    """Raise unless there is a name for each output, or none."""
    outputs = 0 if is_multi_input(output_shape) else output_shape[-1]
    if names and len(names) != outputs:
        raise GlassnetError(
            f"{len(names)} class names for outputs of shape {output_shape}.",
            where="Model",
            fix="Give one name for each output, or none.",
        )


def _starts_with_input(layers: Any) -> bool:
    """True if this is Keras's form [Input(shape), Dense(10), ...]."""
    if not isinstance(layers, list | tuple) or len(layers) < 2:
        return False
    first, *rest = layers
    is_input = isinstance(first, Node) and first.layer is None
    return is_input and all(isinstance(layer, Layer) for layer in rest)


def _graph_origin(inputs: Any, outputs: Any) -> Origin:
    """Return the graph that leads from the input nodes to the output nodes."""
    for name, value in (("inputs", inputs), ("outputs", outputs)):
        if isinstance(value, Mapping):
            raise GlassnetError(
                f"{name} is a dict.",
                where="Model",
                fix=f"Write {name}=[...], and name the nodes: Input((4,), name=...), Dense(10, "
                "name=...). fit, evaluate and compile take dicts by these names.",
            )
    if not (is_nodes(inputs) and is_nodes(outputs)):
        raise GlassnetError(
            "needs layers, or the nodes that it runs between.",
            where="Model",
            fix="Write Model([Dense(10)]), or Model(inputs=x, outputs=y).",
        )
    network = with_one_place_each(Graph.between(inputs, outputs))
    starts = [inputs] if isinstance(inputs, Node) else list(inputs)
    shapes = tuple(node.example_shape for node in starts)
    names = checked_input_names([node.name for node in starts])
    ends = [outputs] if isinstance(outputs, Node) else list(outputs)
    shape = shapes[0] if len(shapes) == 1 else shapes
    return Origin(network, shape, names, nodes_between(network, starts, ends))
