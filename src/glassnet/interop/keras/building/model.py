"""Converting a network to a Keras model with the same names and weights, and the weights back.

A chain becomes a `keras.Sequential`; a network with branches, shared layers or multiple inputs
becomes a functional model. A layer made of layers becomes a nested model under the same name, so
that a weight has the same path in both.
"""

import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError
from glassnet.core.names import snake_case
from glassnet.core.trees import Tree, from_items, items, join_path
from glassnet.interop.keras.backend import backend, precision
from glassnet.interop.keras.building.calls import CALLS, OPERATIONS, RECURRENT
from glassnet.interop.keras.building.columns import columns_in_keras
from glassnet.interop.keras.building.differences import require_the_same
from glassnet.interop.keras.building.encoding import encoding_in_keras
from glassnet.interop.keras.building.layer import chain_in_keras, checked_name
from glassnet.interop.keras.building.normalization import from_keras, variance_for_keras
from glassnet.interop.keras.building.positions import learned_in_keras, waves_in_keras
from glassnet.interop.keras.building.weight_names import ATTRIBUTES, by_layer
from glassnet.layers import (
    CategoryEmbedding,
    CategoryEncoding,
    Layer,
    PiecewiseLinearEncoding,
    PositionEmbedding,
    Sequential,
    SinusoidalPositions,
)
from glassnet.layers.base import Shape
from glassnet.layers.low_rank import adapters_of
from glassnet.layers.network import Network
from glassnet.layers.open_shape import closed
from glassnet.layers.shapes import input_shapes, is_multi_input, select
from glassnet.training.checks.inputs import embedding_inputs

log = logging.getLogger(__name__)


def to_keras(network: Layer, input_shape: Shape, params: Tree, dtype: str = "float32") -> Any:
    """Return the network as a Keras model with these weights. Call `use_backend` first."""
    import keras

    require_the_same(network, closed(network, input_shape), backend(), dtype)
    with precision(dtype):
        if _is_chain(network) and not is_multi_input(input_shape):
            chain = network if isinstance(network, Sequential) else None
            parts = chain.parts if chain else ((network.name and str(network.name), network),)
            keras_layers = [_to_layer(layer, name, (), dtype) for name, layer in parts]
            (input_dtype,) = _input_dtypes(network, 1, dtype)
            model = keras.Sequential([keras.Input(input_shape, dtype=input_dtype), *keras_layers])
        else:
            model = _functional(network, input_shapes(input_shape), None, dtype)
        _freeze(model, network)
        _enable_lora(model, network, dtype)
        for path, value in items(params):
            owner, variable = find_variable(model, path)
            normalization = hasattr(owner, "adapt_variance")  # it computes with copies of weights
            if normalization and path.endswith("variance"):
                value = variance_for_keras(value, path)
            variable.assign(value)
            if normalization:
                owner.finalize_state()
    return model


def _freeze(model: Any, network: Layer) -> None:
    """Set `trainable` of Keras's layers as ours have it; setting it sets it of all inside, too."""
    flags: dict[str, bool] = {}
    for path, layer in network.walk():
        flags[path] = layer.trainable
        outer = flags[path.rpartition("/")[0]] if path else True
        if layer.trainable != outer and (layer.learns or not path):
            _find_layer(model, path).trainable = layer.trainable


def _enable_lora(model: Any, network: Layer, dtype: str) -> None:
    """Add the low-rank adapters of our layers to Keras's, which must be built."""
    for path, (rank, alpha, weights) in adapters_of(network).items():
        for weight in weights:
            adapted, _ = find_variable(model, join_path(path, weight))
            with _weights_of(adapted, dtype):
                adapted.enable_lora(rank, alpha)


@contextmanager
def _weights_of(layer: Any, dtype: str) -> Iterator[None]:
    """Context in which a Keras layer's new weights have this dtype; adapters would be float32."""
    add = layer.add_weight
    object.__setattr__(layer, "add_weight", lambda **options: add(**options | {"dtype": dtype}))
    try:
        yield
    finally:
        object.__delattr__(layer, "add_weight")


def weights_from(model: Any, network: Layer, input_shape: Shape) -> Tree:
    """Return the weights of the network's Keras model as our tree."""
    params: dict[str, Array] = {}
    for place, names in by_layer(network.weights(input_shape)).items():
        variables = {name: find_variable(model, join_path(place, name))[1] for name in names}
        weights = {name: to_numpy(variable) for name, variable in variables.items()}
        weights = from_keras(weights) if "variance" in weights else weights
        params |= {join_path(place, name): value for name, value in weights.items()}
    return from_items(params)


def find_variable(model: Any, path: str) -> tuple[Any, Any]:
    """Return the (Keras layer, variable) at a weight's path."""
    place, _, name = path.rpartition("/")
    layer = _find_layer(model, place)
    for variable in layer.weights:  # includes those of cells and tables inside it
        if variable.name == name:
            return layer, variable
    raise GlassnetError("Keras has no weight at this path.", where=path)


def _find_layer(model: Any, path: str) -> Any:
    """Return the Keras layer at the path of a layer."""
    import keras

    places = path.split("/") if path else []
    layer = model
    parts = [part for part in model.layers if not isinstance(part, keras.layers.InputLayer)]
    if len(parts) == 1 and parts[0].name not in places[:1]:  # a network of one layer
        layer = parts[0]
    for place in places:
        if isinstance(layer, keras.Model):
            layer = layer.get_layer(place)
        else:
            layer = getattr(layer, ATTRIBUTES.get(place, place))
    return layer


def to_numpy(tensor: Any) -> Array:
    """Return a copy of a tensor or variable: Keras may reuse its memory."""
    import keras

    return np.array(keras.ops.convert_to_numpy(getattr(tensor, "value", tensor)))


def _is_chain(layer: Layer) -> bool:
    """True if the layer and all layers inside it take one tensor and return one."""
    if layer.output_count > 1:
        return False
    if isinstance(layer, Network):
        return layer.chain and all(_is_chain(inner) for _, inner in layer.parts)
    functional = (
        CategoryEmbedding | PiecewiseLinearEncoding | PositionEmbedding | SinusoidalPositions
    )
    kind = type(layer).__name__
    return not isinstance(layer, functional) and (kind not in CALLS or kind in RECURRENT)


def _to_layer(layer: Layer, name: str | None, inputs: Sequence[Any], dtype: str) -> Any:
    """Return Keras's layer or nested model, to be called on tensors shaped like `inputs`."""
    checked_name(name)
    if type(layer).__name__ in OPERATIONS:
        return None
    if isinstance(layer, Network) and not _is_chain(layer):
        return _functional(layer, [x.shape[1:] for x in inputs], name, dtype)
    if isinstance(layer, PositionEmbedding):
        return learned_in_keras(layer, name, inputs[0].shape[1:], dtype)
    if isinstance(layer, SinusoidalPositions):
        return waves_in_keras(layer, name, inputs[0].shape[1:], dtype)
    if isinstance(layer, CategoryEmbedding):
        return columns_in_keras(layer, name, inputs[0].shape[1:], dtype)
    if isinstance(layer, PiecewiseLinearEncoding):
        return encoding_in_keras(layer, name, inputs[0].shape[1:], dtype)
    return chain_in_keras(layer, name, dtype)


def _functional(layer: Layer, shapes: Sequence[Shape], name: str | None, dtype: str) -> Any:
    import keras

    names = {name for name, _ in layer.parts}
    _keep_free(names)
    inputs: list[Any] = []
    for shape, input_dtype in zip(shapes, _input_dtypes(layer, len(shapes), dtype), strict=True):
        number = f"_{len(inputs)}" if inputs else ""
        inputs.append(keras.Input(shape, dtype=input_dtype, name=_free(f"input{number}", names)))
    outputs = _apply(layer, inputs, dtype)
    return keras.Model(_one_or_all(inputs), outputs, name=name)


def _input_dtypes(network: Layer, count: int, dtype: str) -> list[str]:
    """Return the dtype of each input: integers where categories are encoded, as JAX needs them."""
    pairs = embedding_inputs(network)
    encoded = {number for number, layer in pairs if isinstance(layer, CategoryEncoding)}
    return ["int32" if number in encoded else dtype for number in range(count)]


def _apply(layer: Layer, inputs: list[Any], dtype: str) -> Any:
    """Return the outputs of a network's layers on Keras's symbolic tensors."""
    if not isinstance(layer, Network):
        return _call(layer, _to_layer(layer, layer.name and str(layer.name), inputs, dtype), inputs)
    values = [*inputs] if layer.inputs > 1 else [_one_or_all(inputs)]
    keras_layers: dict[str, Any] = {}
    for name, inner, _, sources, options in layer.calls:
        arguments = _all(select(values, sources))
        if isinstance(inner, Network) and not inner.parts:  # Keras doesn't accept an empty model
            values.append(_one_or_all(arguments))
            continue
        if name not in keras_layers:
            keras_layers[name] = _to_layer(inner, name, arguments, dtype)
        values += _all(_call(inner, keras_layers[name], arguments))
        if options and ("training", False) in options:
            log.warning(
                "layer %r is called with training=False, which Keras ignores in fit: train this "
                "model here, or freeze the layer in Keras. Predictions are the same.",
                name,
            )
    ends = [values[number] for number in layer.ends]
    if layer.merge is None:
        return _one_or_all(ends)
    return chain_in_keras(layer.merge, snake_case(type(layer.merge).__name__), dtype)(ends)


def _call(layer: Layer, keras_layer: Any, inputs: list[Any]) -> Any:
    import keras

    call, x = CALLS.get(type(layer).__name__), _one_or_all(inputs)
    y = call(layer, keras_layer, inputs) if call else keras_layer(x)
    if isinstance(layer, PositionEmbedding):  # whose last Add sees a mask on one side only
        keras.src.backend.set_keras_mask(y, keras.src.backend.get_keras_mask(x))
    return y


def _all(x: Any) -> list[Any]:
    return list(x) if isinstance(x, list | tuple) else [x]


def _one_or_all(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _keep_free(names: Iterable[str]) -> None:
    """Advance Keras's counter so that it generates none of these layer names.

    The operations that merge masks are named by the same counter, which ignores explicit names.
    """
    import keras

    matches = [re.fullmatch(r"concatenate(?:_(\d{1,4}))?", name) for name in names]
    last = max((int(match[1] or 0) for match in matches if match), default=-1)
    while last >= 0 and keras.backend.get_uid("concatenate") <= last:
        pass


def _free(name: str, names: set[str]) -> str:
    while name in names:
        name += "_"
    return name
