"""The checks that every data set passes, and its hash."""

from typing import Any

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.data.dataset import Dataset, make_dataset


def made(**changes: Any) -> Dataset:
    """A small valid data set, with changes."""
    right: dict[str, Any] = {
        "name": "small",
        "x_train": np.arange(12, dtype=np.float32).reshape(6, 2),
        "y_train": np.array([0, 1, 2, 0, 1, 2]),
        "x_test": np.ones((3, 2), np.float32),
        "y_test": np.array([2, 1, 0]),
        "class_names": ("a", "b", "c"),
        "source": "here",
    }
    return make_dataset(**(right | changes))


def test_a_right_one_is_kept_as_it_is() -> None:
    dataset = made()
    assert dataset.x_train.dtype == np.float32
    assert dataset.y_train.dtype == np.int64
    assert dataset.class_names == ("a", "b", "c")


def test_hash_follows_contents_and_nothing_else() -> None:
    x = made().x_train
    assert made(source="there", name="other").sha256 == made().sha256
    assert made(x_train=np.asfortranarray(x)).sha256 == made().sha256
    assert made(x_train=x + 1).sha256 != made().sha256
    for part in ("x_test", "y_train", "y_test"):  # with one value changed
        other = getattr(made(), part).copy()
        other.flat[-1] = (other.flat[-1] + 1) % 3
        assert not np.array_equal(other, getattr(made(), part))
        assert made(**{part: other}).sha256 != made().sha256, part
    assert made(x_train=x.astype(np.float64)).sha256 != made().sha256
    assert made(x_train=x.reshape(6, 1, 2), x_test=np.ones((3, 1, 2), np.float32)).sha256 != (
        made().sha256
    )


def with_nan(value: float) -> np.ndarray:
    x = np.zeros((6, 2), np.float32)
    x[4, 1] = value
    return x


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"x_train": with_nan(np.nan)}, "here: x_train: 1 of 6 rows .* first is row 4"),
        ({"x_train": with_nan(np.inf)}, "here: x_train: 1 of 6 rows .* first is row 4"),
        ({"x_train": np.zeros(6)}, r"x_train: has shape \(6,\)"),
        ({"x_train": np.zeros((6, 2), complex)}, "x_train: holds complex128"),
        ({"x_train": np.zeros((0, 2)), "y_train": np.zeros(0, int)}, "x_train: is empty"),
        ({"x_test": np.zeros((3, 0))}, "x_test: is empty"),
        ({"x_test": np.ones((3, 3), np.float32)}, r"x_test: has rows of shape \(3,\)"),
        ({"x_test": np.ones((3, 2), np.uint8)}, "x_test: holds uint8, x_train holds float32"),
        ({"y_train": np.zeros((6, 3), int)}, r"y_train: has shape \(6, 3\)"),
        ({"y_train": np.zeros(6)}, "y_train: holds float64"),
        ({"y_train": np.array([0, 1, 2])}, "y_train: has 3 labels for 6 rows"),
        (
            {"y_test": np.array([0, 1, 3])},
            "y_test: row 2 has label 3, but the 3 classes are 0 to 2",
        ),
        ({"y_test": np.array([0, -1, 1])}, "y_test: row 1 has label -1"),
        ({"y_train": np.array([0, 2, 2, 0, 2, 2])}, r"class 1 \(b\) does not occur"),
        ({"class_names": ("a", "b", "b")}, "class_names: two classes"),
        ({"class_names": ("a", "b", "\x1b[2J")}, "class_names: .* not a readable name"),
    ],
)
def test_wrong_ones_are_named(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(GlassnetError, match=words):
        made(**changes)


def test_one_class_is_no_task() -> None:
    nothing = {"y_train": np.zeros(6, int), "y_test": np.zeros(3, int), "class_names": ("a",)}
    with pytest.raises(GlassnetError, match="only one class"):
        made(**nothing)


def test_large_finite_numbers_are_no_infinity() -> None:
    big = np.full((6, 2), 1e308)
    assert made(x_train=big, x_test=big[:3]).x_train.max() == 1e308


def test_it_is_shown_in_one_line() -> None:
    line = "<Dataset small: 6 training and 3 test examples of shape (2,), 3 classes>"
    assert repr(made()) == line
