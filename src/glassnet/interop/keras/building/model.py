"""The same network as a Keras model: same layers, names, configuration and weights.

A chain becomes a `keras.Sequential`; a network with branches, shared layers or several inputs a
functional model. A layer made of layers becomes a model inside the model, under the same name, so
that a weight's path leads to it in both.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError
from glassnet.core.trees import Tree, from_items, items, join_path
from glassnet.interop.keras.backend import backend, precision
from glassnet.interop.keras.building.differences import require_the_same
from glassnet.interop.keras.building.layer import chain_in_keras, checked_name
from glassnet.interop.keras.building.normalization import from_keras, variance_for_keras
from glassnet.interop.keras.building.positions import learned_in_keras, waves_in_keras
from glassnet.interop.keras.building.weight_names import ATTRIBUTES
from glassnet.layers import (
    Layer,
    PositionEmbedding,
    Sequential,
    SinusoidalPositions,
)
from glassnet.layers.base import Shape, input_shapes, is_multi_input, select, snake_case
from glassnet.layers.network import Network


def to_keras(network: Layer, input_shape: Shape, params: Tree, dtype: str = "float32") -> Any:
    """The network as a Keras model with these weights. Call `use_backend` first."""
    import keras

    require_the_same(network, input_shape, backend())
    with precision(dtype):
        if _is_chain(network) and not is_multi_input(input_shape):
            layers = (
                network.parts if isinstance(network, Sequential) else ((network.name, network),)
            )
            made = [_made(layer, name, (), dtype) for name, layer in layers]
            model = keras.Sequential([keras.Input(input_shape, dtype=dtype), *made])
        else:
            model = _functional(network, input_shapes(input_shape), None, dtype)
        for path, value in items(params):
            owner, variable = find_variable(model, path)
            if hasattr(owner, "adapt_variance"):  # Normalization computes with copies of its own
                if path.endswith("variance"):
                    value = variance_for_keras(value, path)
                variable.assign(value)
                owner.finalize_state()
            else:
                variable.assign(value)
    return model


def weights_from(model: Any, network: Layer, input_shape: Shape) -> Tree:
    """The weights of the network's Keras model as our tree."""
    found: dict[str, dict[str, Array]] = {}
    for path in dict(items(network.weights(input_shape))):
        place, _, name = path.rpartition("/")
        value = to_numpy(find_variable(model, path)[1])
        found.setdefault(place, {})[name] = value
    return from_items(
        {
            join_path(place, name): value
            for place, weights in found.items()
            for name, value in (from_keras(weights) if "variance" in weights else weights).items()
        }
    )


def find_variable(model: Any, path: str) -> tuple[Any, Any]:
    """The Keras layer and the variable at a weight's path."""
    import keras

    *places, name = path.split("/")
    layer = model
    parts = [one for one in model.layers if not isinstance(one, keras.layers.InputLayer)]
    if len(parts) == 1 and parts[0].name not in places[:1]:  # a network of one layer
        layer = parts[0]
    for place in places:
        if isinstance(layer, keras.Model):
            layer = layer.get_layer(place)
        else:
            layer = getattr(layer, ATTRIBUTES.get(place, place))
    for variable in layer.weights:  # those of Keras's cells and tables inside it, too
        if variable.name == name:
            return layer, variable
    raise GlassnetError("has no such weight in Keras.", where=path)


def to_numpy(tensor: Any) -> Array:
    """A copy of a tensor or variable: Keras may write its next numbers in the same place."""
    import keras

    return np.array(keras.ops.convert_to_numpy(getattr(tensor, "value", tensor)))


def _is_chain(layer: Layer) -> bool:
    """Whether the layer and all inside it take one tensor and nothing else."""
    if isinstance(layer, Network):
        return layer.chain and all(_is_chain(inner) for _, inner in layer.parts)
    functional = PositionEmbedding | SinusoidalPositions
    return not isinstance(layer, functional) and type(layer).__name__ not in _CALLS


def _made(layer: Layer, name: str | None, given: Sequence[Any], dtype: str) -> Any:
    """Keras's layer or model, to be called on tensors like those given."""
    checked_name(name)
    if isinstance(layer, Network) and not _is_chain(layer):
        return _functional(layer, [x.shape[1:] for x in given], name, dtype)
    if isinstance(layer, PositionEmbedding):
        return learned_in_keras(layer, name, given[0].shape[1:], dtype)
    if isinstance(layer, SinusoidalPositions):
        return waves_in_keras(layer, name, given[0].shape[1:], dtype)
    return chain_in_keras(layer, name, dtype)


def _functional(layer: Layer, shapes: Sequence[Shape], name: str | None, dtype: str) -> Any:
    import keras

    taken = {part for part, _ in layer.parts}
    _keep_free(taken)
    inputs: list[Any] = []
    for shape in shapes:
        number = f"_{len(inputs)}" if inputs else ""
        inputs.append(keras.Input(shape, dtype=dtype, name=_free(f"input{number}", taken)))
    outputs = _through(layer, inputs, dtype)
    return keras.Model(_one_or_all(inputs), outputs, name=name)


def _through(layer: Layer, inputs: list[Any], dtype: str) -> Any:
    """What the layers of a network make of Keras's symbolic tensors."""
    if not isinstance(layer, Network):
        return _called(layer, _made(layer, layer.name, inputs, dtype), inputs)
    values, made = [*inputs] if layer.inputs > 1 else [_one_or_all(inputs)], dict[str, Any]()
    for name, inner, _, sources in layer.calls:
        given = _all(select(values, sources))
        if isinstance(inner, Network) and not inner.parts:  # Keras takes no empty model
            values.append(_one_or_all(given))
            continue
        if name not in made:
            made[name] = _made(inner, name, given, dtype)
        values.append(_called(inner, made[name], given))
    ends = [values[number] for number in layer.ends]
    if layer.merge is None:
        return _one_or_all(ends)
    return chain_in_keras(layer.merge, snake_case(type(layer.merge).__name__), dtype)(ends)


def _called(layer: Layer, made: Any, inputs: list[Any]) -> Any:
    import keras

    call, x = _CALLS.get(type(layer).__name__), _one_or_all(inputs)
    y = call(layer, made, inputs) if call else made(x)
    if isinstance(layer, PositionEmbedding):  # whose last Add sees a mask on one side only
        keras.src.backend.set_keras_mask(y, keras.src.backend.get_keras_mask(x))
    return y


def _attention(layer: Any, made: Any, given: list[Any]) -> Any:
    """(query, value, key) in this order; of one input, attention to itself."""
    return made(*(given if len(given) > 1 else given * 2), use_causal_mask=layer.causal)


_CALLS = {"MultiHeadAttention": _attention}  # layers that are not called on one tensor or list


def _all(x: Any) -> list[Any]:
    return list(x) if isinstance(x, list | tuple) else [x]


def _one_or_all(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _keep_free(names: Iterable[str]) -> None:
    """Let these names of layers not be those of the operations that join masks: Keras counts both
    with one counter, but doesn't look at names that are given.
    """
    import keras

    found = [re.fullmatch(r"concatenate(?:_(\d{1,4}))?", name) for name in names]
    last = max((int(match[1] or 0) for match in found if match), default=-1)
    while last >= 0 and keras.backend.get_uid("concatenate") <= last:
        pass


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    return name
