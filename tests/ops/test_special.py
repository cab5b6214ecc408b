"""The error function against math.erf."""

import math

import numpy as np
import pytest

from glassnet.ops.special import erf


@pytest.mark.parametrize(("dtype", "rtol"), [("float32", 3e-7), ("float64", 1e-14)])
def test_like_the_standard_library_in_the_dtype_given(dtype: str, rtol: float) -> None:
    x = np.linspace(-6, 6, 101, dtype=dtype)
    y = erf(x)
    assert y.dtype == dtype
    np.testing.assert_allclose(y, [math.erf(v) for v in x], rtol=rtol)
