"""The form of the training images, and its round trip through a model file."""

import json
from typing import Any

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.core.strict_json import as_json
from glassnet.data import Dataset, load
from glassnet.data.images.preprocessing import Preprocessing

FASHION = Preprocessing(28, 28, 0.0, 255.0, "dark")


def test_fashion_mnist_and_digits(fashion: Dataset) -> None:
    assert Preprocessing.fitted(fashion.x_train) == FASHION
    assert Preprocessing.fitted(load("digits").x_train) == Preprocessing(8, 8, 0.0, 16.0, "dark")


def test_other_ranges_and_light_backgrounds(fashion: Dataset) -> None:
    floats = 1 - fashion.x_train[:100] / np.float32(127.5)
    assert Preprocessing.fitted(floats) == Preprocessing(28, 28, -1.0, 1.0, "light")


@pytest.mark.parametrize("shape", [(5, 4), (5, 4, 4, 3), (5, 4, 5000), (0, 4, 4), (5, 4, 4)])
def test_what_are_not_gray_pictures(shape: tuple[int, ...]) -> None:
    assert Preprocessing.fitted(np.zeros(shape)) is None


def test_round_trip() -> None:
    assert Preprocessing.from_dict(json.loads(json.dumps(as_json(FASHION)))) == FASHION


@pytest.mark.parametrize(
    "change",
    [
        {"height": 0},
        {"height": 10**9},
        {"width": 28.0},
        {"width": True},
        {"low": "0"},
        {"low": float("nan")},
        {"high": float("inf")},
        {"low": 300.0},
        {"background": "gray"},
        {"background": ["dark"]},
        {"more": 1},
    ],
)
def test_wrong_values(change: dict[str, Any]) -> None:
    with pytest.raises(GlassnetError, match="preprocessing"):
        Preprocessing.from_dict(as_json(FASHION) | change)


@pytest.mark.parametrize("values", [None, [], {}, {"height": 28}])
def test_wrong_forms(values: Any) -> None:
    with pytest.raises(GlassnetError, match="must have exactly height, width"):
        Preprocessing.from_dict(values)
