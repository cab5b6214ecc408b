"""The piecewise-linear encoding of numbers, by hand and by interpolation."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from glassnet.ops.encoding import encode_piecewise

X = np.array([[-1.0, 5.0], [0.5, 6.0], [3.0, 7.0], [9.0, 8.0]])
BINS = {"columns": (0, 0), "starts": (0.0, 1.0), "ends": (1.0, 5.0), "scale": 2.0}


def test_by_hand() -> None:
    y, pullback = encode_piecewise(X, **BINS)
    assert y.tolist() == [[-1, 5, 0, 0], [0.5, 6, 1, 0], [3, 7, 2, 1], [9, 8, 2, 2]]
    dx = pullback(np.ones((4, 4)))
    assert dx.tolist() == [[1, 1], [1 + 2, 1], [1 + 0.5, 1], [1, 1]]


@given(
    st.lists(st.integers(-20, 20), min_size=2, max_size=8, unique=True),
    st.lists(st.floats(-25, 25), min_size=1, max_size=20),
)
def test_linear_functions_of_it_interpolate(ends: list[int], values: list[float]) -> None:
    ends = sorted(ends)
    x, heights = np.array(values)[:, None], np.random.default_rng(0).normal(size=len(ends))
    y, _ = encode_piecewise(x, [0] * (len(ends) - 1), ends[:-1], ends[1:], 1.0)
    line = heights[0] + y[:, 1:] @ np.diff(heights)
    np.testing.assert_allclose(line, np.interp(x[:, 0], ends, heights), atol=1e-9)
