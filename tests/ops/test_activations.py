"""Activations: known values, and extreme inputs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.ops.activations import ACTIVATIONS, sigmoid, softmax, softplus

# At −2, −0.5, 0, 0.5, 2. Source: mpmath, 17 digits.
POINTS = [-2.0, -0.5, 0.0, 0.5, 2.0]
VALUES = {
    "linear": POINTS,
    "relu": [0, 0, 0, 0.5, 2],
    "leaky_relu": [-0.4, -0.1, 0, 0.5, 2],
    "elu": [-0.86466471676338731, -0.39346934028736658, 0, 0.5, 2],
    "gelu": [
        -0.045500263896358414,
        -0.15426876936299345,
        0,
        0.34573123063700655,
        1.9544997361036416,
    ],
    "silu": [
        -0.23840584404423511,
        -0.18877033439907272,
        0,
        0.31122966560092728,
        1.7615941559557649,
    ],
    "sigmoid": [
        0.11920292202211756,
        0.37754066879814544,
        0.5,
        0.62245933120185456,
        0.88079707797788244,
    ],
    "tanh": [
        -0.96402758007581688,
        -0.46211715726000976,
        0,
        0.46211715726000976,
        0.96402758007581688,
    ],
    "softplus": [
        0.1269280110429725,
        0.47407698418010668,
        0.69314718055994531,
        0.97407698418010668,
        2.1269280110429725,
    ],
    "softmax": [
        0.012554708844463726,
        0.056266301409509717,
        0.092767447957483272,
        0.15294766467606983,
        0.68546387711247346,
    ],
}
# The derivative at those points; softmax's is in the contract test.
SLOPES = {
    "linear": [1, 1, 1, 1, 1],
    "relu": [0, 0, 0, 1, 1],
    "leaky_relu": [0.2, 0.2, 0.2, 1, 1],
    "elu": [0.13533528323661269, 0.60653065971263342, 1, 1, 1],
    "gelu": [
        -0.085231801078196897,
        0.13250487534383716,
        0.5,
        0.86749512465616284,
        1.0852318010781969,
    ],
    "silu": [
        -0.090784248784895479,
        0.26003881269734819,
        0.5,
        0.73996118730265181,
        1.0907842487848955,
    ],
    "sigmoid": [
        0.10499358540350652,
        0.23500371220159449,
        0.25,
        0.23500371220159449,
        0.10499358540350652,
    ],
    "tanh": [
        0.070650824853164466,
        0.78644773296592741,
        1,
        0.78644773296592741,
        0.070650824853164466,
    ],
    "softplus": [
        0.11920292202211756,
        0.37754066879814544,
        0.5,
        0.62245933120185456,
        0.88079707797788244,
    ],
}

FAR = [-1e4, -100.0, 0.0, 100.0, 1e4]
FAR_VALUES = {
    "linear": FAR,
    "relu": [0, 0, 0, 100, 1e4],
    "leaky_relu": [-2e3, -20, 0, 100, 1e4],
    "elu": [-1, -1, 0, 100, 1e4],
    "gelu": [0, 0, 0, 100, 1e4],
    "silu": [0, -100 * np.exp(-100.0), 0, 100, 1e4],
    "sigmoid": [0, np.exp(-100.0), 0.5, 1, 1],
    "tanh": [-1, -1, 0, 1, 1],
    "softplus": [0, np.exp(-100.0), np.log(2), 100, 1e4],
    "softmax": [0, 0, 0, 0, 1],
}
FAR_SLOPES = {
    "linear": [1, 1, 1, 1, 1],
    "relu": [0, 0, 0, 1, 1],
    "leaky_relu": [0.2, 0.2, 0.2, 1, 1],
    "elu": [0, 0, 1, 1, 1],
    "gelu": [0, 0, 0.5, 1, 1],
    "silu": [0, -99 * np.exp(-100.0), 0.5, 1, 1],
    "sigmoid": [0, np.exp(-100.0), 0.25, np.exp(-100.0), 0],
    "tanh": [0, 0, 1, 0, 0],
    "softplus": [0, np.exp(-100.0), 0.5, 1, 1],
    "softmax": [0, 0, 0, 0, 0],
}

every_activation = pytest.mark.parametrize("name", ACTIVATIONS)


@every_activation
def test_known_values(name: str) -> None:
    np.testing.assert_allclose(ACTIVATIONS[name](np.array(POINTS))[0], VALUES[name], rtol=1e-14)


@pytest.mark.parametrize("name", SLOPES)
def test_known_slopes(name: str) -> None:
    _, pullback = ACTIVATIONS[name](np.array(POINTS))
    np.testing.assert_allclose(pullback(np.ones(5)), SLOPES[name], rtol=1e-13)


@every_activation
@pytest.mark.parametrize(("dtype", "tiny"), [("float32", 1e-42), ("float64", 1e-300)])
def test_far_out_values_and_slopes_are_finite_and_right(name: str, dtype: str, tiny: float) -> None:
    y, pullback = ACTIVATIONS[name](np.array(FAR, dtype))
    np.testing.assert_allclose(y, FAR_VALUES[name], rtol=1e-5, atol=tiny)
    np.testing.assert_allclose(pullback(np.ones(5, dtype)), FAR_SLOPES[name], rtol=1e-5, atol=tiny)


def test_small_values_are_exact_not_rounded_to_0() -> None:
    x = np.array([-50.0])
    assert sigmoid(x)[0] == pytest.approx(np.exp(-50.0), rel=1e-14)
    assert softplus(x)[0] == pytest.approx(np.exp(-50.0), rel=1e-14)


def test_softmax_does_not_depend_on_a_shift() -> None:
    x = np.array([[0.0, 1.0, 2.0]])
    np.testing.assert_allclose(softmax(x + 1e4)[0], softmax(x)[0], rtol=1e-10)


@given(st.lists(st.floats(-1e4, 1e4, width=32), min_size=1, max_size=8))
def test_softmax_is_a_distribution_and_keeps_the_order(row: list[float]) -> None:
    y, pullback = softmax(np.array([row], np.float32))
    assert y.sum() == pytest.approx(1, abs=1e-6)
    assert (y >= 0).all()
    assert y[0, np.argmax(row)] == y.max()
    assert np.abs(pullback(np.ones_like(y))).max() <= 1e-6  # the sum never changes


@every_activation
@given(x=st.floats(-1e4, 1e4))
def test_single_precision_is_always_finite_without_a_warning(name: str, x: float) -> None:
    y, pullback = ACTIVATIONS[name](np.full((1, 3), x, np.float32))
    assert np.isfinite(y).all()
    assert np.isfinite(pullback(np.ones((1, 3), np.float32))).all()
