"""The head of a network, its last layer with weights, and copies of a model with a new one."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, cast

import numpy as np

from glassnet.core.arrays import as_tuple
from glassnet.core.errors import GlassnetError
from glassnet.core.trees import Tree, from_items, items, join_path
from glassnet.layers import (
    Activation,
    Conv1D,
    Conv2D,
    Conv3D,
    Dense,
    EinsumDense,
    Layer,
    Softmax,
    TimeDistributed,
)
from glassnet.layers.call import AGAIN
from glassnet.layers.regularizers import Ambiguity
from glassnet.layers.shapes import is_multi_input, one_or_tuple
from glassnet.model.model import Model
from glassnet.ops.ambiguity import ACTIVATIONS
from glassnet.training.output_activation import last_path

_SIZES: dict[type, str] = {Dense: "units", Conv1D: "filters", Conv2D: "filters", Conv3D: "filters"}


def head_of(network: Layer) -> str:
    """Return the path of the network's head: the last layer with weights before its output.

    Raises GlassnetError if there is no such single layer.
    """

    def visit(path: str, layer: Layer, sources: Any) -> Any:
        if isinstance(layer, TimeDistributed):
            return layer.layer.trace(sources, visit, join_path(path, "layer"))
        if layer.learns:
            return one_or_tuple([AGAIN.sub("", path)] * layer.output_count)
        before = {*as_tuple(sources)}
        return before.pop() if len(before) == 1 else None

    if network.output_count > 1:
        raise GlassnetError(
            f"has {network.output_count} outputs, of which none is the one to replace.",
            where="the model",
            fix="Build a model that ends at one of them: Model(model.inputs, model.outputs[0]).",
        )
    path = network.trace(one_or_tuple([None] * network.inputs), visit)
    if path is None:
        raise GlassnetError(
            "has no last layer with weights: its output comes from more than one, or from none.",
            where="the model",
            fix="Build a new model on its features: Model(model.inputs, Dense(10)(features)).",
        )
    return str(path)


def with_layers(model: Model, layers: Mapping[str, Layer], seed: int | None = None) -> Model:
    """Return a copy of a model with other layers at these paths, not compiled.

    Their weights are drawn with `seed`, by default the model's; those of all others are copied.
    """
    network = model.network.clone(weights=False)
    for path, layer in layers.items():
        network = network.with_layer(path, layer)
    new = Model(network, seed=model.seed if seed is None else seed, dtype=model.dtype)
    new.build_for(model.accepted_shape)
    whole = {p: leaf for p, leaf in items(model.params) if not any(map(_within(p), layers))}
    copied = {path: np.array(whole.get(path, leaf)) for path, leaf in items(new.params)}
    new.take(model.accepted_shape, from_items(copied))
    new.input_names, new.columns = model.input_names, model.columns
    return new


def with_new_head(
    model: Model,
    outputs: int,
    activation: str = "linear",
    columns: Mapping[int, int] | None = None,
    seed: int | None = None,
) -> Model:
    """Return a copy of a model with another head: of this number of outputs, with this activation.

    `columns` maps outputs of the new head to those of the old one whose weights they keep; all
    others are drawn at random. The new head is trainable, also if the whole model was frozen.
    """
    path = head_of(model.network)
    head: Any = model.network.at(path)
    if is_multi_input(model.output_shape) or _size_of(head) != model.output_shape[-1]:
        raise GlassnetError(
            f"its head is the {type(head).__name__} layer {path!r}, whose number of outputs can't "
            "be changed.",
            where="the model",
            fix="Build a new model that ends in a Dense layer: Model(model.inputs, "
            "Dense(10)(features)).",
        )
    last = last_path(model.network)
    layers: dict[str, Layer] = {}
    if last not in (None, path) and isinstance(model.network.at(last), Activation | Softmax):
        layers[last] = Activation(activation, name=last.rpartition("/")[2])
        layers[path] = _resized(head, outputs, activation)
    else:
        layers[path] = replace(_resized(head, outputs, activation), activation=activation)
    new = with_layers(model, layers, seed)
    names = path.split("/")
    for depth in range(len(names)):  # the models that it is in
        vars(new.network.at("/".join(names[:depth])))["trainable"] = True
    old, weights = _at(model.params, path), _at(new.params, path)
    for name, array in weights.items():
        for column, source in (columns or {}).items():
            array[..., column] = old[name][..., source]
    return new


def _size_of(head: Any) -> int | None:
    """Return the number of outputs of a head; None if it can't be changed."""
    if isinstance(head, EinsumDense):
        return cast("tuple[int | None, ...]", head.partial_output_shape)[-1]
    size: int | None = getattr(head, _SIZES.get(type(head), ""), None)
    return size


def _resized(head: Any, outputs: int, activation: str) -> Any:
    """Return a trainable head with this number of outputs, and their activation after it."""
    if not isinstance(head, EinsumDense):
        return replace(head, trainable=True, **{_SIZES[type(head)]: outputs})
    sizes = cast("tuple[int | None, ...]", head.partial_output_shape)
    penalty = head.activity_regularizer
    if isinstance(penalty, Ambiguity):
        penalty = Ambiguity(activation) if activation in ACTIVATIONS else None
    return replace(
        head, trainable=True, partial_output_shape=(*sizes[:-1], outputs),
        activity_regularizer=penalty,
    )  # fmt: skip


def _at(params: Tree, path: str) -> Tree:
    """Return the tree of the layer at a path."""
    for name in path.split("/") if path else ():
        params = params[name]
    return params


def _within(path: str) -> Callable[[str], bool]:
    """Return a function that is true for the path of a layer that this weight is in."""
    return lambda layer: not layer or path.startswith(f"{layer}/")
