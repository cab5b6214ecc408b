"""`UnitNormalization`, by hand."""

import numpy as np

from glassnet.layers import UnitNormalization


def test_vectors_have_length_1_and_zero_stays_zero() -> None:
    x = np.array([[3.0, 4], [0, 0]])
    y, back = UnitNormalization().forward({}, x)
    np.testing.assert_allclose(y, [[0.6, 0.8], [0, 0]])
    np.testing.assert_allclose(back(np.array([[1.0, 0], [0, 0]]))[0], [[0.128, -0.096], [0, 0]])
