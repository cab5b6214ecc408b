"""The order of flattened channels: PyTorch's are (channels, height, width)."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet import GlassnetError, Input, Model
from glassnet.layers import (
    LSTM,
    BatchNormalization,
    Concatenate,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    Layer,
    MaxPooling1D,
    Permute,
    Reshape,
    TimeDistributed,
)
from tests.interop.weights.helpers import RNG, arrays, saved

FC = {"fc__weight": (5, 24), "fc__bias": (5,)}
BN = {f"bn__{n}": (24,) for n in ("weight", "bias", "running_mean", "running_var")}


def theirs(tensors: dict[str, Any], x: Any) -> Any:
    """The rows that PyTorch flattens, (N, C, H, W), through bn, if there is one, and fc."""
    rows = np.moveaxis(x, -1, 1).reshape(len(x), -1)
    if "bn.weight" in tensors:
        mean, variance = tensors["bn.running_mean"], tensors["bn.running_var"]
        rows = (rows - mean) / np.sqrt(variance + 1e-5)
        rows = rows * tensors["bn.weight"] + tensors["bn.bias"]
    return rows @ tensors["fc.weight"].T + tensors["fc.bias"]


@pytest.mark.parametrize(
    ("between", "shapes"),
    [
        ([Flatten()], FC),
        ([Reshape((-1,)), Dropout(0.5), Flatten()], FC),
        ([Flatten(), BatchNormalization(epsilon=1e-5, name="bn")], FC | BN),
        ([Permute((3, 1, 2)), Flatten()], FC),  # the user has put them in PyTorch's order
    ],
)
def test_a_dense_layer_after_an_image(
    between: list[Layer], shapes: dict[str, tuple[int, ...]], tmp_path: Path
) -> None:
    tensors = {name: np.abs(array) for name, array in arrays(**shapes).items()}
    model = Model([*between, Dense(5, name="fc")], (4, 2, 3))
    model.load_weights(saved(tmp_path, tensors))
    x = RNG.normal(size=(3, 4, 2, 3)).astype("float32")
    np.testing.assert_allclose(model.predict(x), theirs(tensors, x), atol=1e-4)


def test_steps_after_a_pooling_are_channels_first_there(tmp_path: Path) -> None:
    tensors = arrays(fc__weight=(2, 6))
    model = Model([MaxPooling1D(2), Flatten(), Dense(2, use_bias=False, name="fc")], (4, 3))
    model.load_weights(saved(tmp_path, tensors))
    x = RNG.normal(size=(3, 4, 3)).astype("float32")
    pooled = x.reshape(3, 2, 2, 3).max(2)
    expected = pooled.transpose(0, 2, 1).reshape(3, -1) @ tensors["fc.weight"].T
    np.testing.assert_allclose(model.predict(x), expected, atol=1e-5)


def test_steps_of_images_keep_their_order_up_to_the_cell(tmp_path: Path) -> None:
    tensors = arrays(rnn__weight_ih_l0=(8, 12), rnn__weight_hh_l0=(8, 2))
    model = Model([TimeDistributed(Flatten()), LSTM(2, use_bias=False, name="rnn")], (3, 2, 2, 3))
    model.load_weights(saved(tmp_path, tensors))
    kernel = tensors["rnn.weight_ih_l0"].T.reshape(3, 2, 2, 8)  # channels, height, width
    np.testing.assert_array_equal(
        model.params["rnn"]["kernel"], np.moveaxis(kernel, 0, 2).reshape(12, 8)
    )


@pytest.mark.parametrize("layers", [
    [Flatten(), Dense(5, name="fc")],  # rows of a sequence have one order
    [GlobalAveragePooling2D(), Flatten(), Dense(5, name="fc")],
    [Reshape((8, 1, 1)), Flatten(), Dense(5, name="fc")],
])  # fmt: skip
def test_orders_that_are_the_same(layers: list[Layer], tmp_path: Path) -> None:
    shape = (2, 2, 8) if len(layers) == 3 and not isinstance(layers[0], Reshape) else (8, 1)
    tensors = arrays(fc__weight=(5, 8), fc__bias=(5,))
    model = Model(layers, shape)
    model.load_weights(saved(tmp_path, tensors))
    np.testing.assert_array_equal(model.params["fc"]["kernel"], tensors["fc.weight"].T)


def joined() -> Model:
    a, b = Input((2, 2, 3)), Input((4,))
    return Model([a, b], Dense(5)(Concatenate()(Flatten()(a), b)))


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (joined(), "layer 'concatenate': cuts or joins flattened channels"),
        (Model([Dense(12), Reshape((2, 2, 3)), Conv2D(1, 1)], (4,)), "turns computed values into"),
        (Model([Conv2D(4, 1), Reshape((2, 8)), LSTM(2)], (2, 2, 3)), "reshapes channels"),
        (Model([Permute((2, 1, 3)), Conv2D(4, 1)], (2, 2, 3)), "permutes positions"),
    ],
)
def test_orders_that_cannot_be_known(model: Model, message: str, tmp_path: Path) -> None:
    with pytest.raises(GlassnetError, match=message):
        model.load_weights(saved(tmp_path, arrays(a__weight=(2,))))
