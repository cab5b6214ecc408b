"""Keras's names of weights, those of `weight.path` in Keras 3."""

from pathlib import Path

import numpy as np

from glassnet import Input, Model
from glassnet.core.trees import items
from glassnet.layers import (
    GRU,
    LSTM,
    BatchNormalization,
    Bidirectional,
    Dense,
    DepthwiseConv2D,
    Flatten,
    MultiHeadAttention,
    Normalization,
    Sequential,
)
from tests.interop.weights.helpers import RNG, saved

NAMES = {  # ours: Keras's
    "bidirectional/forward_layer/": "bidirectional/forward_inner/lstm_cell/",
    "bidirectional/backward_layer/": "bidirectional/backward_inner/lstm_cell/",
    "gru/": "gru/gru_cell/",
}


def test_a_network_of_many_layers(tmp_path: Path) -> None:
    x = Input((6, 4))
    h = Bidirectional(LSTM(3, return_sequences=True, name="inner"))(x)
    h = GRU(5, return_sequences=True)(h)
    h = BatchNormalization()(MultiHeadAttention(2, 3)(h, h))
    head = Sequential((Dense(2), Dense(3)), name="head")
    model = Model(x, head(Flatten()(h)))
    tensors = {}
    for path, array in items(model.params):
        name = next((path.replace(a, b) for a, b in NAMES.items() if path.startswith(a)), path)
        tensors[name] = RNG.uniform(0.1, 1, size=array.shape).astype("float32")
    tensors["dropout/seed_generator/seed_generator_state"] = np.zeros(2, "uint32")
    model.load_weights(saved(tmp_path, tensors))
    loaded = [array for name, array in tensors.items() if "seed" not in name]
    assert all(map(np.array_equal, loaded, model.get_weights()))


def test_names_of_a_model_and_of_keras_2(tmp_path: Path) -> None:
    model = Model([DepthwiseConv2D(2, use_bias=False), Flatten(), Dense(2)], (3, 3, 2))
    tensors = {
        "model/depthwise_conv2d/depthwise_kernel:0": RNG.normal(size=(2, 2, 2, 1)),
        "model/dense/kernel:0": RNG.normal(size=(8, 2)),  # in the order of Keras's Flatten: ours
        "model/dense/bias:0": RNG.normal(size=2),
    }
    model.load_weights(saved(tmp_path, tensors))
    for array, loaded in zip(tensors.values(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(array.astype("float32"), loaded)


def test_a_normalization_that_keras_fitted(tmp_path: Path) -> None:
    tensors = {
        "normalization/mean": np.array([1, 2], "float32"),
        "normalization/variance": np.array([4, 0.25], "float32"),
        "normalization/count": np.array(0, "int32"),  # as Keras's adapt leaves it
    }
    model = Model([Normalization()], (2,))
    model.load_weights(saved(tmp_path, tensors))
    np.testing.assert_array_equal(model.predict(np.array([[3.0, 3.0]])), [[1, 2]])
