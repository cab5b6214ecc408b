"""Initializers called with a shape alone."""

import numpy as np
import pytest

from glassnet import initializers


def test_a_shape_or_a_generator_and_a_shape() -> None:
    ones: object = initializers.Ones()(shape=(2, 3))  # type: ignore[call-arg]
    np.testing.assert_array_equal(ones, np.ones((2, 3), "float32"), strict=True)
    seeded, drawn = initializers.RandomNormal(seed=1), initializers.get("he_normal")
    np.testing.assert_array_equal(seeded([4]), seeded((4,)))  # type: ignore[call-arg, arg-type]
    assert not np.array_equal(drawn((4, 4)), drawn((4, 4)))  # type: ignore[call-arg, arg-type]
    rng = np.random.default_rng
    np.testing.assert_array_equal(drawn(rng(0), (4, 4)), drawn(rng=rng(0), shape=(4, 4)))
    with pytest.raises(TypeError, match="shape"):
        drawn()  # type: ignore[call-arg]
