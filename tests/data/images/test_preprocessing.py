"""The form of the training images, and its round trip through a model file."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.core.strict_json import as_json
from glassnet.data import Dataset, load
from glassnet.data.images.preprocessing import Preprocessing

FASHION = Preprocessing(28, 28, 0.0, 255.0, "dark")


def test_fashion_mnist_and_digits(fashion: Dataset) -> None:
    digits = load("digits")
    assert (fashion.objects, digits.objects) == (True, True)
    assert Preprocessing.fitted(fashion.x_train, fashion.objects) == FASHION
    assert Preprocessing.fitted(digits.x_train, True) == Preprocessing(8, 8, 0.0, 16.0, "dark")


def test_pictures_of_other_things_have_no_background(fashion: Dataset) -> None:
    """They are never inverted, cropped or framed."""
    assert Preprocessing.fitted(fashion.x_train) == replace(FASHION, background="none")
    for channels in (1, 3):
        x = np.zeros((5, 4, 6, channels), np.uint8)
        x[0] = 200
        form = Preprocessing(4, 6, 0.0, 255.0, "none", channels=channels)
        assert Preprocessing.fitted(x, objects=True) == form
        assert form.shape == (4, 6, channels)
        assert Preprocessing.from_dict(json.loads(json.dumps(as_json(form)))) == form


def test_other_ranges_and_light_backgrounds(fashion: Dataset) -> None:
    floats = 1 - fashion.x_train[:100] / np.float32(127.5)
    assert Preprocessing.fitted(floats, objects=True) == Preprocessing(28, 28, -1.0, 1.0, "light")


@pytest.mark.parametrize(
    "shape",
    [(5, 4), (5, 4, 4, 3), (5, 4, 5000), (0, 4, 4), (5, 4, 4), (5, 4, 4, 2), (5, 4, 4, 3, 1)],
)
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
        {"channels": 2},
        {"channels": 3.0},
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
