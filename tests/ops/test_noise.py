"""Gaussian noise: its mean and deviation, and that it depends only on its key."""

import numpy as np
import pytest

from glassnet.ops.noise import additive_noise, multiplicative_noise

KEY = np.array([3], np.uint32)
X = np.full((300, 200), 5.0)


@pytest.mark.parametrize(("op", "deviation"), [(additive_noise, 0.2), (multiplicative_noise, 1.0)])
def test_mean_and_deviation(op, deviation: float) -> None:  # type: ignore[no-untyped-def]
    y, _ = op(X, 0.2, KEY)
    assert y.mean() == pytest.approx(5, abs=5 * deviation / np.sqrt(X.size))
    assert y.std() == pytest.approx(deviation, rel=0.02)


@pytest.mark.parametrize("op", [additive_noise, multiplicative_noise])
def test_the_key_decides(op) -> None:  # type: ignore[no-untyped-def]
    first, again, other = (op(X, 0.2, np.array([k], np.uint32))[0] for k in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).mean() > 0.99


def test_single_precision_gets_the_same_noise() -> None:
    single, _ = additive_noise(X.astype(np.float32), 0.2, KEY)
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, additive_noise(X, 0.2, KEY)[0], rtol=1e-6)
