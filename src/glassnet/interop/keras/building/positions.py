"""Positions in a sequence, which Keras has no layer for, made of layers that it has.

Learned ones are an Embedding of the steps' numbers: `Rescaling` makes them of the sequence itself,
by x · 0 + t, the largest of each step's features is t, and the looked up vectors are added. Waves
are a `Rescaling` by 1, whose offset they are. So plain Keras loads and trains them.
"""

from typing import Any

import numpy as np

from glassnet.core.arrays import Array
from glassnet.interop.keras.building.layer import keras_initializer
from glassnet.interop.keras.reading.entry import Config, tensor
from glassnet.interop.keras.reading.layer import read_leaf
from glassnet.layers.embedding import PositionEmbedding, SinusoidalPositions
from glassnet.ops.positions import sinusoids

_LEARNED = ["InputLayer", "Rescaling", "GlobalMaxPooling1D", "Embedding", "Add"]
_WIRING = [[], [0], [1], [2], [0, 3]]  # who takes whose output

Shape = tuple[int, ...]


def learned_in_keras(layer: PositionEmbedding, name: str | None, shape: Shape, dtype: str) -> Any:
    """A model that adds to each step of a sequence (T, d) the learned vector of its place."""
    import keras

    L, (steps, depth) = keras.layers, shape
    x = keras.Input(shape, dtype=dtype, name="input")
    numbers = L.Rescaling(0.0, np.arange(steps, dtype=dtype)[:, None], name="t", dtype=dtype)(x)
    t = L.GlobalMaxPooling1D("channels_first", name="step", dtype=dtype)(numbers)
    draw = keras_initializer(layer.initializer)
    table = L.Embedding(layer.sequence_length, depth, draw, name="table", dtype=dtype)
    return keras.Model(x, L.Add(name="add", dtype=dtype)([x, table(t)]), name=name)


def waves_in_keras(layer: SinusoidalPositions, name: str | None, shape: Shape, dtype: str) -> Any:
    """A layer that adds the waves to sequences (T, d)."""
    import keras

    steps, depth = shape
    waves = sinusoids(steps, depth, float(layer.max_wavelength)).astype(dtype)
    return keras.layers.Rescaling(np.float64(1), waves, name=name, dtype=dtype)


def read_learned(data: Any, where: str) -> PositionEmbedding | None:
    """The layer that `learned_in_keras` wrote, if this is one."""
    try:
        entries = data["config"]["layers"]
        if data["class_name"] != "Functional" or [e["class_name"] for e in entries] != _LEARNED:
            return None
        names = [entry["config"]["name"] for entry in entries]
        for entry, sources in zip(entries, _WIRING, strict=True):
            taken = [one for node in entry["inbound_nodes"] for one in node["args"]]
            taken = taken[0] if taken and isinstance(taken[0], list) else taken
            if [tensor(one) for one in taken] != [(names[source], 0) for source in sources]:
                return None
        given, numbers, pool, table, _ = (entry["config"] for entry in entries)
        steps, depth = given["batch_shape"][1:]
        if (numbers["scale"], pool["data_format"], pool["keepdims"]) != (
            0,
            "channels_first",
            False,
        ):
            return None
        if not np.array_equal(_array(numbers["offset"]), np.arange(steps)[:, None]):
            return None
    except (TypeError, KeyError, ValueError):
        return None
    read = read_leaf("Embedding", table, where)
    if read.get("mask_zero") or read["output_dim"] != depth or read["input_dim"] < steps:
        return None
    return PositionEmbedding(read["input_dim"], name=data["config"].get("name"))


def read_waves(config: Config) -> dict[str, Any] | None:
    """The description of the layer that `waves_in_keras` wrote, if this is one."""
    try:
        offset = _array(config["offset"])
        right = config["scale"] == 1 and offset.ndim == 2
    except (TypeError, KeyError, ValueError):
        return None
    if not right or not np.allclose(offset, sinusoids(*offset.shape), rtol=0, atol=1e-6):
        return None
    return {"class": "SinusoidalPositions"}


def _array(data: Any) -> Array:
    """A list of numbers, or NumPy's array as Keras writes it."""
    if isinstance(data, dict) and data.get("class_name") == "__numpy__":
        data = data["config"]["value"]
    if not isinstance(data, list):
        raise TypeError("not a list")
    return np.asarray(data, np.float64)
