"""What a PyTorch file doesn't say is asked for by name."""

from pathlib import Path
from typing import Any

import pytest

from glassnet import GlassnetError, Model
from glassnet.core.trees import items
from glassnet.layers import (
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Conv2DTranspose,
    Dense,
    Layer,
    LayerNormalization,
    MaxPooling2D,
)
from tests.interop.weights.helpers import arrays, saved

EPSILON = "has epsilon 0.001, PyTorch's layers 1e-05 by default"
PADDING = "pads as Keras does"
LIKE_THEIRS = {"kernel": "weight", "gamma": "weight", "beta": "bias", "moving_mean": "running_mean",
               "moving_variance": "running_var", "bias": "bias"}  # fmt: skip


def file_for(model: Model, tmp_path: Path) -> Path:
    shapes: dict[str, Any] = {}
    for path, array in items(model.params):
        layer, name = path.split("/")
        shapes[f"{layer}__{LIKE_THEIRS[name]}"] = (*array.shape[:-3:-1], *array.shape[:-2])
    return saved(tmp_path, arrays(**shapes))


@pytest.mark.parametrize(
    ("layers", "shape", "message"),
    [
        ([BatchNormalization()], (3,), EPSILON),
        ([Dense(4), LayerNormalization()], (3,), EPSILON),
        ([Conv2D(2, 3, strides=2, padding="same")], (8, 8, 1), PADDING),
        ([MaxPooling2D(3, 2, "same"), Conv2D(2, 1)], (8, 8, 1), PADDING),
        ([AveragePooling2D(3, 1, "same"), Conv2D(2, 1)], (8, 8, 1), PADDING),
        ([Conv2DTranspose(2, 3, strides=2, padding="same")], (8, 8, 1), PADDING),
    ],
)
def test_what_differs_from_pytorch_s_defaults(
    layers: list[Layer], shape: tuple[int, ...], message: str, tmp_path: Path
) -> None:
    model = Model(layers, shape)
    path = file_for(model, tmp_path)
    with pytest.raises(GlassnetError, match=f"{message}.*as_built=True"):
        model.load_weights(path)
    model.load_weights(path, as_built=True)


@pytest.mark.parametrize(
    ("layers", "size"),
    [
        ([Conv2D(2, 3, strides=2, padding="same")], 9),  # one zero on each side
        ([Conv2D(2, 3, padding="same"), BatchNormalization(epsilon=1e-5)], 8),
        ([Conv2D(2, 2, padding="same")], 8),  # as padding="same" of PyTorch's
    ],
)
def test_what_is_as_pytorch_has_it(layers: list[Layer], size: int, tmp_path: Path) -> None:
    model = Model(layers, (size, size, 1))
    model.load_weights(file_for(model, tmp_path))
