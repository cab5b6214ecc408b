"""Position layers, which Keras doesn't have, built from layers that it has, and read back.

Learned positions are an Embedding of the step numbers: `Rescaling` computes x · 0 + t from the
sequence itself, the maximum over each step's features is t, and the vectors looked up for t are
added to the sequence. Sinusoidal positions are the offset of a `Rescaling` by 1. So plain Keras
loads and trains both.
"""

from typing import Any

import numpy as np

from glassnet.interop.keras.building.layer import keras_initializer
from glassnet.interop.keras.reading.entry import Config, tensor
from glassnet.interop.keras.reading.layer import read_leaf
from glassnet.interop.keras.reading.rescaling import read_array
from glassnet.layers.embedding import PositionEmbedding, SinusoidalPositions
from glassnet.ops.positions import sinusoids

_LEARNED = ["InputLayer", "Rescaling", "GlobalMaxPooling1D", "Embedding", "Add"]
_WIRING = [[], [0], [1], [2], [0, 3]]  # the inputs of each, by index

Shape = tuple[int, ...]


def learned_in_keras(layer: PositionEmbedding, name: str | None, shape: Shape, dtype: str) -> Any:
    """Return a Keras model that adds a learned vector per position to a sequence (T, d)."""
    import keras

    L, (steps, depth) = keras.layers, shape
    x = keras.Input(shape, dtype=dtype, name="input")
    numbers = L.Rescaling(0.0, np.arange(steps, dtype=dtype)[:, None], name="t", dtype=dtype)(x)
    t = L.GlobalMaxPooling1D("channels_first", name="step", dtype=dtype)(numbers)
    draw = keras_initializer(layer.initializer)
    table = L.Embedding(layer.sequence_length, depth, draw, name="table", dtype=dtype)
    return keras.Model(x, L.Add(name="add", dtype=dtype)([x, table(t)]), name=name)


def waves_in_keras(layer: SinusoidalPositions, name: str | None, shape: Shape, dtype: str) -> Any:
    """Return a Keras layer that adds sinusoidal positions to sequences (T, d)."""
    import keras

    steps, depth = shape
    waves = sinusoids(steps, depth, float(layer.max_wavelength)).astype(dtype)
    return keras.layers.Rescaling(np.float64(1), waves, name=name, dtype=dtype)


def read_learned(data: Any, where: str) -> PositionEmbedding | None:
    """Return the layer if this is what `learned_in_keras` builds, else None."""
    try:
        entries = data["config"]["layers"]
        if data["class_name"] != "Functional" or [e["class_name"] for e in entries] != _LEARNED:
            return None
        names = [entry["config"]["name"] for entry in entries]
        for entry, sources in zip(entries, _WIRING, strict=True):
            inputs = [argument for node in entry["inbound_nodes"] for argument in node["args"]]
            inputs = inputs[0] if inputs and isinstance(inputs[0], list) else inputs
            if [tensor(value) for value in inputs] != [(names[source], 0, 0) for source in sources]:
                return None
        start, numbers, pool, table, _ = (entry["config"] for entry in entries)
        steps, depth = start["batch_shape"][1:]
        options = numbers["scale"], pool["data_format"], pool["keepdims"]
        if options != (0, "channels_first", False):
            return None
        if not np.array_equal(read_array(numbers["offset"]), np.arange(steps)[:, None]):
            return None
    except (TypeError, KeyError, ValueError):
        return None
    description = read_leaf("Embedding", table, where)
    length = description["input_dim"]
    if description.get("mask_zero") or description["output_dim"] != depth or length < steps:
        return None
    return PositionEmbedding(length, name=data["config"].get("name"))


def read_waves(config: Config) -> dict[str, Any] | None:
    """Return the layer's description if this is what `waves_in_keras` builds, else None."""
    try:
        offset = read_array(config["offset"])
        valid = config["scale"] == 1 and offset.ndim == 2
    except (TypeError, KeyError, ValueError):
        return None
    if not valid or not np.allclose(offset, sinusoids(*offset.shape), rtol=0, atol=1e-6):
        return None
    return {"class": "SinusoidalPositions"}
