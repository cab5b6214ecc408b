"""Encoding of categories and binning, by hand."""

import numpy as np
import pytest

from glassnet import GlassnetError
from glassnet.ops.categories import discretize, encode_categories

X = np.array([[0, 1], [0, 0], [3, 1]], np.float32)


@pytest.mark.parametrize(
    ("mode", "rows"),
    [
        ("multi_hot", [[1, 1, 0, 0], [1, 0, 0, 0], [0, 1, 0, 1]]),
        ("count", [[1, 1, 0, 0], [2, 0, 0, 0], [0, 1, 0, 1]]),
    ],
)
def test_rows_of_categories(mode: str, rows: list[list[int]]) -> None:
    y, back = encode_categories(X, 4, mode)
    np.testing.assert_array_equal(y, rows)
    np.testing.assert_array_equal(back(np.ones((3, 4))), np.zeros((3, 2)))


def test_one_hot_drops_a_last_axis_of_1() -> None:
    one_hot = np.eye(4)[X.astype(int)]
    np.testing.assert_array_equal(encode_categories(X, 4, "one_hot")[0], one_hot)
    np.testing.assert_array_equal(encode_categories(X[:, :1], 4, "one_hot")[0], one_hot[:, 0])
    np.testing.assert_array_equal(encode_categories(X[:1, 0], 4, "one_hot")[0], one_hot[:1, 0])


@pytest.mark.parametrize("wrong", [-1, 4, 1.5])
def test_a_number_that_is_no_category(wrong: float) -> None:
    with pytest.raises(GlassnetError, match=f"gets {wrong}, but encodes the integers 0 to 3"):
        encode_categories(np.array([[0, wrong]]), 4)


@pytest.mark.parametrize("mode", ["multi_hot", "count", "one_hot"])
def test_it_is_nan_under_xla(mode: str) -> None:
    jnp = pytest.importorskip("jax.numpy")
    y, _ = encode_categories(jnp.asarray([[0.0, 1.0], [4.0, 0.0]]), 4, mode)
    assert np.isfinite(y[0]).all()
    assert np.isnan(y[1]).any()


def test_a_boundary_belongs_to_the_bin_above() -> None:
    x = np.array([[-1.5, 1.0, 3.4, 0.5], [0.0, 3.0, 1.3, 0.0]], np.float32)
    y, back = discretize(x, (0.0, 1.0, 2.0))
    np.testing.assert_array_equal(y, [[0, 2, 3, 1], [1, 3, 2, 1]])
    assert not back(np.ones_like(x)).any()
    tenth = np.array([0.1], np.float32)  # above 0.1 in float64
    assert discretize(tenth, (0.1,))[0] == discretize(tenth, (float(tenth[0]),))[0] == 1
