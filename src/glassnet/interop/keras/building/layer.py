"""Converting one layer to Keras's layer of the same name.

Most arguments are the dataclass's fields, which have Keras's names; `Layer.keras_arguments` has the
exceptions.
"""

import inspect
from dataclasses import Field, fields
from typing import Any

import numpy as np

from glassnet.core import registry
from glassnet.core.errors import GlassnetError
from glassnet.core.functions import functions, is_function, is_wrapped, name_of
from glassnet.interop.keras.backend import backend
from glassnet.interop.keras.building.ambiguity import ambiguity_in_keras
from glassnet.layers import Layer, Sequential
from glassnet.layers.constraints import Constraint
from glassnet.layers.initializers import Constant, Initializer, InitializerLike
from glassnet.layers.regularizers import L1L2, Ambiguity


def chain_in_keras(layer: Layer, name: str | None, dtype: str) -> Any:
    """Return Keras's layer with this configuration, or a `keras.Sequential` of such layers."""
    import keras

    where = checked_name(name)
    if not isinstance(layer, Sequential):
        return leaf_in_keras(layer, name, dtype)
    if not layer.layers:
        what = "Keras doesn't accept an empty Sequential."
        raise GlassnetError(what, where=where, fix="Leave it out.")
    parts = [chain_in_keras(inner, inner_name, dtype) for inner_name, inner in layer.parts]
    return keras.Sequential(parts, name=name)


def checked_name(name: str | None) -> str:
    """Return a layer's place for error messages; raises if Keras can't take its name."""
    where = f"layer {name!r}"
    if name and not name.isascii():
        what = "TensorFlow doesn't accept this name."
        raise GlassnetError(what, where=where, fix="Use the letters a to z.")
    return where


def leaf_in_keras(layer: Layer, name: str | None, dtype: str) -> Any:
    """Return Keras's layer of the same class and configuration."""
    import keras

    where, kind = f"layer {name!r}", type(layer).__name__
    if kind == "AttachMask":
        return keras.layers.Identity(name=name, dtype=dtype)
    cls = getattr(keras.layers, kind, None)
    if cls is None or type(layer) not in registry.classes("layer").values():
        raise GlassnetError(
            f"glassnet can't build {kind} in Keras.",
            where=where,
            fix="Use layers that Keras has too, under the same name.",
        )
    arguments = {
        field.name: _argument(field.name, getattr(layer, field.name), dtype)
        for field in fields(layer)
        if field.init and field.name != "name" and not _is_left_out(layer, field)
    }
    if "data_format" in inspect.signature(cls).parameters:  # otherwise ~/.keras/keras.json decides
        arguments["data_format"] = "channels_last"
    for keras_name, name_here in layer.keras_arguments.items():
        arguments[keras_name] = arguments.pop(name_here)
    for key in _OF_THE_CALL.get(kind, ()):
        del arguments[key]
    return cls(**arguments, name=name, dtype=dtype)


def _is_left_out(layer: Layer, field: Field[Any]) -> bool:
    """True for an activity_regularizer of None: not all of Keras's layers take one. And for what is
    set later: `trainable`, which constructors don't pass on to layers inside; and adapters, which
    attention's projections have no arguments for, and of which Dense and Embedding ignore the
    lora_alpha (Keras 3.15).
    """
    no_penalty = field.name == "activity_regularizer" and layer.activity_regularizer is None
    return no_penalty or field.name == "trainable" or field.name.startswith("lora_")


def same_in_keras(module: Any, part: Any, **overrides: Any) -> Any:
    """Return Keras's object of the same class and configuration, except for the overrides."""
    cls = getattr(module, type(part).__name__, None)
    if cls is None:
        raise GlassnetError("has no counterpart in Keras.", where=type(part).__name__)
    options = {field.name: getattr(part, field.name) for field in fields(part)} | overrides
    if options.get("name", "") is None:
        del options["name"]
    theirs = cls(**options)
    if exact_numbers():
        for field in fields(part):
            if type(value := getattr(theirs, field.name, None)) is float:
                setattr(theirs, field.name, np.float64(value))
    return theirs


def require_built_in(value: Any) -> None:
    """Raise for an own function or class, or the name of one: Keras doesn't know it."""
    own = value if isinstance(value, str) else type(value).__name__
    if is_function(value) or is_wrapped(value):
        own = name_of(getattr(value, "function", value))
    elif isinstance(value, str):
        if not any(value in functions(kind) for kind in ("activation", "initializer")):
            return
    elif not hasattr(value, "kind") or type(value).__module__.startswith("glassnet."):
        return
    raise GlassnetError(
        "is your own, so Keras doesn't know it.",
        where=own,
        fix="Save it as .safetensors, or use a part that Keras has, too.",
    )


def exact_numbers() -> bool:
    """True if Keras needs NumPy floats: TensorFlow would round Python floats to float32 first."""
    import keras

    return backend() == "tensorflow" and bool(keras.config.floatx() == "float64")


def _argument(name: str, value: Any, dtype: str) -> Any:
    """Return a field's value as Keras takes it."""
    import keras

    require_built_in(value)
    if isinstance(value, Initializer) or (name.endswith("_initializer") and value is not None):
        return keras_initializer(value)
    if isinstance(value, L1L2):
        return same_in_keras(keras.regularizers, value)
    if isinstance(value, Ambiguity):
        return ambiguity_in_keras(value)
    if isinstance(value, Constraint):
        return same_in_keras(keras.constraints, value)
    if isinstance(value, Layer):
        return chain_in_keras(value, str(value.name), dtype)  # a generated name is not a plain str
    return np.float64(value) if type(value) is float and exact_numbers() else value


def keras_initializer(value: InitializerLike) -> Any:
    """Return Keras's initializer of the same name and configuration."""
    import keras

    if value == "constant":  # which Keras can't make from its name
        value = Constant()
    return value if isinstance(value, str) else same_in_keras(keras.initializers, value)


# Fields that are arguments of the call in Keras.
_OF_THE_CALL = {"MultiHeadAttention": ("causal",)}
