"""L1 and L2 penalties, computed by hand."""

import numpy as np

from glassnet.ops.penalties import l1_l2

W = np.array([[1.0, -2.0], [0.0, 3.0]])


def test_by_hand() -> None:
    value, pullback = l1_l2(W, 0.1, 0.01)
    np.testing.assert_allclose(value, 0.1 * 6 + 0.01 * 14)
    np.testing.assert_allclose(pullback(1.0), [[0.12, -0.14], [0, 0.16]])
    np.testing.assert_allclose(pullback(2.0), 2 * pullback(1.0))
