"""Turning the arguments of `Model` (layers, nodes or a recipe's name) into a network."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet import networks
from glassnet.core.arrays import whole_number
from glassnet.core.errors import GlassnetError
from glassnet.core.trees import Tree, items, map_leaves
from glassnet.layers import Graph, Layer, Sequential
from glassnet.layers.base import Shape
from glassnet.layers.functional import Node, is_nodes


@dataclass(frozen=True)
class Origin:
    """A network, with its input shape and input names where they are known."""

    network: Layer
    input_shape: Any = None
    input_names: tuple[str | None, ...] = ()  # None for an input without a name
    called: tuple[tuple[Layer, Any], ...] = ()  # (network, model) of models called on nodes

    def weights(self, params: Tree, dtype: str) -> Tree:
        """Return `params` with copies of the weights of the models that were called on nodes."""
        names = {id(layer): name for name, layer in self.network.parts}
        for layer, model in self.called:
            name, own = names[id(layer)], dict(items(model.params))
            for path, new in items(params[name]):
                if (shape := own[path].shape) != new.shape:
                    raise GlassnetError(
                        f"its weight {path!r} has the shape {shape}; here it would have "
                        f"{new.shape}.",
                        where=f"the model called as layer {name!r}",
                        fix=f"Call it on nodes of the shape {model.input_shape}.",
                    )
            copy = map_leaves(lambda leaf: np.array(leaf, dtype), model.params)
            params = params | {name: copy}
        return params


def origin(
    layers: Any, input_shape: Any, inputs: Any, outputs: Any, options: Mapping[str, Any]
) -> Origin:
    """Return the network that `Model`'s arguments describe; raises for arguments without effect."""
    if options and not isinstance(layers, str):
        raise GlassnetError(
            f"unknown argument {min(options)!r}; only recipes take options.", where="Model"
        )
    if _starts_with_input(layers):
        if input_shape is not None:
            raise GlassnetError("got both an Input and an input_shape.", where="Model")
        first, *layers = layers
        return Origin(Sequential(layers), first.shape, checked_input_names([first.name]))
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
    return Origin(layers if isinstance(layers, Layer) else Sequential(layers), input_shape)


def checked_input_names(names: Any) -> tuple[str | None, ...]:
    """Return the inputs' names, None for those without one; raises unless they are distinct."""
    strings = [name for name in names if name is not None] if isinstance(names, list) else [0]
    if not all(isinstance(name, str) for name in strings) or len({*strings}) < len(strings):
        raise GlassnetError(f"{names!r:.80} are not valid, distinct names.", where="inputs")
    return tuple(names)


def checked_shape(shape: Any) -> Shape:
    """Return a shape, or a tuple of shapes, as tuples of Python integers."""
    try:
        return tuple(
            checked_shape(n) if isinstance(n, list | tuple) else whole_number(n, "input_shape", 1)
            for n in shape
        )
    except TypeError as error:
        raise GlassnetError(
            f"is {shape!r}.",
            where="input_shape",
            fix="Give the shape of one example, as in (28, 28) or (4,).",
        ) from error


def checked_class_names(names: Sequence[str]) -> tuple[str, ...]:
    """Return the class names; raises unless each is printable and no two are the same."""
    for name in names:
        if not isinstance(name, str) or not name.isprintable():
            raise GlassnetError(f"{name!r} is not a readable name.", where="class_names")
    if len(set(names)) < len(names):
        raise GlassnetError("two classes have the same name.", where="class_names")
    return tuple(names)


def _starts_with_input(layers: Any) -> bool:
    """True if this is Keras's form [Input(shape), Dense(10), ...]."""
    if not isinstance(layers, list | tuple) or len(layers) < 2:
        return False
    first, *rest = layers
    is_input = isinstance(first, Node) and first.layer is None
    return is_input and all(isinstance(layer, Layer) for layer in rest)


def _graph_origin(inputs: Any, outputs: Any) -> Origin:
    """Return the graph that leads from the input nodes to the output nodes."""
    if not (is_nodes(inputs) and is_nodes(outputs)):
        raise GlassnetError(
            "needs layers, or the nodes that it runs between.",
            where="Model",
            fix="Write Model([Dense(10)]), or Model(inputs=x, outputs=y).",
        )
    network = Graph.between(inputs, outputs)
    starts, ends = ([n] if isinstance(n, Node) else list(n) for n in (inputs, outputs))
    shapes = tuple(node.shape for node in starts)
    names = checked_input_names([node.name for node in starts])
    return Origin(
        network, shapes[0] if len(shapes) == 1 else shapes, names, tuple(_called_models(ends))
    )


def _called_models(ends: Sequence[Node]) -> Iterator[tuple[Layer, Any]]:
    """Yield (network, model) for each model with weights called on the way to these nodes."""
    waiting, seen = list(ends), set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        waiting.extend(node.sources)
        if node.layer is not None and node.model is not None:
            yield node.layer, node.model
