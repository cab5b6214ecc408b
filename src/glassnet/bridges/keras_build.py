"""The same network as a Keras model: same layers, names, configuration and weights."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

import numpy as np

from glassnet.bridges.keras_backend import backend, precision
from glassnet.bridges.keras_normalization import from_keras, variance_for_keras
from glassnet.errors import GlassnetError
from glassnet.initializers import Constant, Initializer
from glassnet.layers import (
    Activation,
    Dense,
    Dropout,
    Flatten,
    Layer,
    Normalization,
    Rescaling,
    Sequential,
)
from glassnet.trees import Array, Tree, from_items, items

Shape = tuple[int, ...]

_VARIABLES = {"mean": "adapt_mean", "variance": "adapt_variance"}  # where Keras's attribute differs


def to_keras(network: Layer, input_shape: Shape, params: Tree, dtype: str = "float32") -> Any:
    """The network as a `keras.Sequential` with these weights. Call `use_backend` first."""
    import keras

    layers = network.parts if isinstance(network, Sequential) else ((network.name, network),)
    with precision(dtype):
        model = keras.Sequential(
            [
                keras.Input(input_shape, dtype=dtype),
                *(_layer(layer, name, dtype) for name, layer in layers),
            ]
        )
        for path, value in items(params):
            owner, variable = find_variable(model, path)
            if path.endswith("variance"):
                value = variance_for_keras(value, path)
            variable.assign(value)
            if hasattr(owner, "finalize_state"):  # Normalization computes with copies of its own
                owner.finalize_state()
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
            f"{place}/{name}" if place else name: value
            for place, weights in found.items()
            for name, value in (from_keras(weights) if "variance" in weights else weights).items()
        }
    )


def find_variable(model: Any, path: str) -> tuple[Any, Any]:
    """The Keras layer and the variable at a weight's path."""
    *places, name = path.split("/")
    layer = model
    for place in places or [model.layers[0].name]:  # without a place: a network of one layer
        layer = layer.get_layer(place)
    return layer, getattr(layer, _VARIABLES.get(name, name))


def to_numpy(tensor: Any) -> Array:
    """A copy of a tensor or variable: Keras may write its next numbers in the same place."""
    import keras

    return np.array(keras.ops.convert_to_numpy(getattr(tensor, "value", tensor)))


def same_in_keras(module: Any, part: Any, **instead: Any) -> Any:
    """Keras's part of the same name with the same configuration, but for what is given instead."""
    cls = getattr(module, type(part).__name__, None)
    if cls is None:
        raise GlassnetError("has no counterpart in Keras.", where=type(part).__name__)
    made = cls(**{field.name: getattr(part, field.name) for field in fields(part)} | instead)
    if exact_numbers():
        for field in fields(part):
            if type(value := getattr(made, field.name, None)) is float:
                setattr(made, field.name, np.float64(value))
    return made


def exact_numbers() -> bool:
    """Whether Keras needs NumPy's numbers: TensorFlow makes float32 of Python's, then float64."""
    import keras

    return backend() == "tensorflow" and bool(keras.config.floatx() == "float64")


def _layer(layer: Layer, name: str | None, dtype: str) -> Any:
    import keras

    where = f"layer {name!r}"
    if name and not name.isascii():
        raise GlassnetError(
            "TensorFlow takes no such name.", where=where, fix="Use the letters a to z."
        )
    if isinstance(layer, Sequential):
        if not layer.layers:
            raise GlassnetError(
                "Keras takes no empty Sequential.", where=where, fix="Leave it out."
            )
        return keras.Sequential([_layer(inner, n, dtype) for n, inner in layer.parts], name=name)
    if type(layer) not in LAYERS:
        raise GlassnetError(
            f"glassnet can't build {type(layer).__name__} in Keras.",
            where=where,
            fix=f"It can build {', '.join(sorted(cls.__name__ for cls in LAYERS))}.",
        )
    arguments = LAYERS[type(layer)](layer)
    return getattr(keras.layers, type(layer).__name__)(**arguments, name=name, dtype=dtype)


def _dense(layer: Any) -> Mapping[str, Any]:
    import keras

    penalty = layer.kernel_regularizer
    return {
        "units": layer.units,
        "activation": layer.activation,
        "use_bias": layer.use_bias,
        "kernel_initializer": _initializer(layer.kernel_initializer),
        "bias_initializer": _initializer(layer.bias_initializer),
        "kernel_regularizer": penalty and same_in_keras(keras.regularizers, penalty),
    }


def _initializer(value: str | Initializer) -> Any:
    import keras

    if value == "constant":  # which Keras can't make from its name
        value = Constant()
    return value if isinstance(value, str) else same_in_keras(keras.initializers, value)


# The arguments of Keras's layer of the same name.
LAYERS: dict[type, Callable[[Any], Mapping[str, Any]]] = {
    Activation: lambda layer: {"activation": layer.activation},
    Dense: _dense,
    Dropout: lambda layer: {"rate": layer.rate},
    Flatten: lambda layer: {"data_format": "channels_last"},
    Normalization: lambda layer: {"axis": layer.axis},
    # NumPy's numbers: see `exact_numbers`.
    Rescaling: lambda layer: {
        "scale": np.float64(layer.scale),
        "offset": np.float64(layer.offset),
    },
}
