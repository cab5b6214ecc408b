"""`Identity`; its subclass is in test_activity.py."""

import numpy as np

from glassnet.layers import Identity


def test_it_returns_its_input() -> None:
    x = np.ones((2, 3))
    y, back = Identity().forward({}, x)
    assert y is x
    assert back(x) == (x, {})
