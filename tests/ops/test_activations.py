"""Activations: known values, and extreme inputs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.ops.activations import (
    ACTIVATIONS,
    exponential,
    gelu,
    sigmoid,
    softmax,
    softplus,
    sparsemax,
)

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
    "celu": [-0.8646647167633873, -0.3934693402873666, 0, 0.5, 2],
    "exponential": [
        0.1353352832366127,
        0.6065306597126334,
        1,
        1.6487212707001282,
        7.38905609893065,
    ],
    "hard_shrink": [-2, 0, 0, 0, 2],
    "hard_sigmoid": [
        0.16666666666666666,
        0.4166666666666667,
        0.5,
        0.5833333333333334,
        0.8333333333333334,
    ],
    "hard_silu": [
        -0.3333333333333333,
        -0.20833333333333334,
        0,
        0.2916666666666667,
        1.6666666666666667,
    ],
    "hard_tanh": [-1, -0.5, 0, 0.5, 1],
    "log_sigmoid": [
        -2.1269280110429727,
        -0.9740769841801067,
        -0.6931471805599453,
        -0.4740769841801067,
        -0.1269280110429725,
    ],
    "mish": [-0.2525014826957089, -0.22074377465173, 0, 0.37524521130489513, 1.9439589595339946],
    "relu6": [0, 0, 0, 0.5, 2],
    "selu": [-1.520166468595695, -0.6917581878028713, 0, 0.5253504936777402, 2.101401974710961],
    "soft_shrink": [-1.5, 0, 0, 0, 1.5],
    "softsign": [
        -0.6666666666666666,
        -0.3333333333333333,
        0,
        0.3333333333333333,
        0.6666666666666666,
    ],
    "sparse_plus": [0, 0.0625, 0.25, 0.5625, 2],
    "sparse_sigmoid": [0, 0.25, 0.5, 0.75, 1],
    "squareplus": [
        0.41421356237309503,
        0.7807764064044151,
        1,
        1.2807764064044151,
        2.414213562373095,
    ],
    "tanh_shrink": [
        -1.035972419924183,
        -0.03788284273999024,
        0,
        0.03788284273999024,
        1.035972419924183,
    ],
    "log_softmax": [
        -4.37765947704661,
        -2.8776594770466097,
        -2.3776594770466097,
        -1.8776594770466097,
        -0.3776594770466097,
    ],
    "sparsemax": [0, 0, 0, 0, 1],
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
    "celu": [0.1353352832366127, 0.6065306597126334, 1, 1, 1],
    "exponential": [
        0.1353352832366127,
        0.6065306597126334,
        1,
        1.6487212707001282,
        7.38905609893065,
    ],
    "hard_shrink": [1, 0, 0, 0, 1],
    "hard_sigmoid": [
        0.16666666666666666,
        0.16666666666666666,
        0.16666666666666666,
        0.16666666666666666,
        0.16666666666666666,
    ],
    "hard_silu": [
        -0.16666666666666666,
        0.3333333333333333,
        0.5,
        0.6666666666666666,
        1.1666666666666667,
    ],
    "hard_tanh": [0, 1, 1, 1, 0],
    "log_sigmoid": [
        0.8807970779778824,
        0.6224593312018546,
        0.5,
        0.37754066879814546,
        0.11920292202211756,
    ],
    "mish": [-0.10835509242039394, 0.2895106779135122, 0.6, 0.8864243753577272, 1.0693179342794896],
    "relu6": [0, 0, 0, 1, 1],
    "selu": [
        0.23793287225168183,
        1.0663411530445055,
        1.7580993408473768,
        1.0507009873554805,
        1.0507009873554805,
    ],
    "soft_shrink": [1, 0, 0, 0, 1],
    "softsign": [0.1111111111111111, 0.4444444444444444, 1, 0.4444444444444444, 0.1111111111111111],
    "sparse_plus": [0, 0.25, 0.5, 0.75, 1],
    "sparse_sigmoid": [0, 0.5, 0.5, 0.5, 0],
    "squareplus": [
        0.14644660940672624,
        0.3787321874818335,
        0.5,
        0.6212678125181665,
        0.8535533905932737,
    ],
    "tanh_shrink": [
        0.9293491751468356,
        0.2135522670340726,
        0,
        0.2135522670340726,
        0.9293491751468356,
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
    "celu": [-1, -1, 0, 100, 10000],
    "hard_shrink": [-10000, -100, 0, 100, 10000],
    "hard_sigmoid": [0, 0, 0.5, 1, 1],
    "hard_silu": [0, 0, 0, 100, 10000],
    "hard_tanh": [-1, -1, 0, 1, 1],
    "log_sigmoid": [-10000, -100, -np.log(2), -np.exp(-100.0), 0],
    "mish": [0, -3.720075976020836e-42, 0, 100, 10000],
    "relu6": [0, 0, 0, 6, 6],
    "selu": [-1.7580993408473768, -1.7580993408473768, 0, 105.07009873554804, 10507.009873554805],
    "soft_shrink": [-9999.5, -99.5, 0, 99.5, 9999.5],
    "softsign": [
        -0.9999000099990001,
        -0.9900990099009901,
        0,
        0.9900990099009901,
        0.9999000099990001,
    ],
    "sparse_plus": [0, 0, 0.25, 100, 10000],
    "sparse_sigmoid": [0, 0, 0.5, 1, 1],
    "squareplus": [9.999999900000002e-05, 0.009999000199950014, 1, 100.00999900019995, 10000.0001],
    "tanh_shrink": [-9999, -99, 0, 99, 9999],
    "log_softmax": [-20000, -10100, -10000, -9900, 0],
    "sparsemax": [0, 0, 0, 0, 1],
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
    "celu": [0, 0, 1, 1, 1],
    "hard_shrink": [1, 1, 0, 1, 1],
    "hard_sigmoid": [0, 0, 0.16666666666666666, 0, 0],
    "hard_silu": [0, 0, 0.5, 1, 1],
    "hard_tanh": [0, 0, 1, 0, 0],
    "log_sigmoid": [1, 1, 0.5, np.exp(-100.0), 0],
    "mish": [0, -3.682875216260628e-42, 0.6, 1, 1],
    "relu6": [0, 0, 0, 0, 0],
    "selu": [0, 0, 1.7580993408473768, 1.0507009873554805, 1.0507009873554805],
    "soft_shrink": [1, 1, 0, 1, 1],
    "softsign": [
        9.998000299960006e-09,
        9.802960494069208e-05,
        1,
        9.802960494069208e-05,
        9.998000299960006e-09,
    ],
    "sparse_plus": [0, 0, 0.5, 1, 1],
    "sparse_sigmoid": [0, 0, 0.5, 0, 0],
    "squareplus": [
        9.99999970000001e-09,
        9.997000999650126e-05,
        0.5,
        0.9999000299900035,
        0.9999999900000003,
    ],
    "tanh_shrink": [1, 1, 0, 1, 1],
    "log_softmax": [1, 1, 1, 1, -4],
    "sparsemax": [0, 0, 0, 0, 0],
}

ALIASES = ("swish", "hard_swish")
NAMES = [name for name in ACTIVATIONS if name not in ALIASES]
every_activation = pytest.mark.parametrize("name", NAMES)
bounded = pytest.mark.parametrize("name", [name for name in NAMES if name != "exponential"])


@every_activation
def test_known_values(name: str) -> None:
    np.testing.assert_allclose(ACTIVATIONS[name](np.array(POINTS))[0], VALUES[name], rtol=1e-14)


@pytest.mark.parametrize("name", SLOPES)
def test_known_slopes(name: str) -> None:
    _, pullback = ACTIVATIONS[name](np.array(POINTS))
    np.testing.assert_allclose(pullback(np.ones(5)), SLOPES[name], rtol=1e-13)


@bounded
@pytest.mark.parametrize(("dtype", "tiny"), [("float32", 1e-42), ("float64", 1e-300)])
def test_far_out_values_and_slopes_are_finite_and_right(name: str, dtype: str, tiny: float) -> None:
    y, pullback = ACTIVATIONS[name](np.array(FAR, dtype))
    np.testing.assert_allclose(y, FAR_VALUES[name], rtol=1e-5, atol=tiny)
    np.testing.assert_allclose(pullback(np.ones(5, dtype)), FAR_SLOPES[name], rtol=1e-5, atol=tiny)


def test_small_values_are_exact_not_rounded_to_0() -> None:
    x = np.array([-50.0])
    assert sigmoid(x)[0] == pytest.approx(np.exp(-50.0), rel=1e-14)
    assert softplus(x)[0] == pytest.approx(np.exp(-50.0), rel=1e-14)


def test_exponential_is_infinite_where_no_number_is_as_large() -> None:
    with np.errstate(over="ignore"):
        assert exponential(np.float32([-1e4, 0, 1e4]))[0].tolist() == [0, 1, np.inf]


def test_swish_and_hard_swish_are_silu_and_hard_silu() -> None:
    assert ACTIVATIONS["swish"] is ACTIVATIONS["silu"]
    assert ACTIVATIONS["hard_swish"] is ACTIVATIONS["hard_silu"]


def test_approximate_gelu_is_within_a_thousandth_of_gelu() -> None:
    x = np.linspace(-5, 5, 101)
    assert gelu(np.array([1.0]), approximate=True)[0] == pytest.approx(0.84119199, abs=1e-8)
    np.testing.assert_allclose(gelu(x, approximate=True)[0], gelu(x)[0], atol=1e-3)


def test_sparsemax_of_three() -> None:
    y, pullback = sparsemax(np.array([[1.0, 0.8, -2.0], [0.1, 0.1, 0.1]]))
    np.testing.assert_allclose(y, [[0.6, 0.4, 0], [1 / 3, 1 / 3, 1 / 3]])
    np.testing.assert_allclose(
        pullback(np.array([[1.0, 0, 5], [3, 0, 0]])), [[0.5, -0.5, 0], [2, -1, -1]], atol=1e-15
    )


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


@bounded
@given(x=st.floats(-1e4, 1e4))
def test_single_precision_is_always_finite_without_a_warning(name: str, x: float) -> None:
    y, pullback = ACTIVATIONS[name](np.full((1, 3), x, np.float32))
    assert np.isfinite(y).all()
    assert np.isfinite(pullback(np.ones((1, 3), np.float32))).all()
