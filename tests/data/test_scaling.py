"""normalize divides each vector by its norm."""

import numpy as np

from glassnet.data.scaling import normalize


def test_by_hand() -> None:
    np.testing.assert_allclose(normalize([[3.0, 4.0], [0.0, 0.0]]), [[0.6, 0.8], [0, 0]])
    np.testing.assert_allclose(normalize([[3.0, -1.0]], order=1), [[0.75, -0.25]])
    np.testing.assert_allclose(normalize([[3.0, 1.0], [4.0, 0.0]], axis=0), [[0.6, 1], [0.8, 0]])
