"""Initializers: Keras's names, their distributions, fans and bounds."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet import Conv2D, Conv2DTranspose, DepthwiseConv2D, Model, SeparableConv2D
from glassnet.core import registry
from glassnet.core.errors import GlassnetError
from glassnet.layers import Layer, initializers
from glassnet.layers.initializers import (
    Constant,
    Identity,
    Initializer,
    Orthogonal,
    RandomNormal,
    RandomUniform,
    Separate,
    Transposed,
    TruncatedNormal,
    VarianceScaling,
    fans,
)

KERAS_NAMES = {
    "constant", "glorot_normal", "glorot_uniform", "he_normal", "he_uniform", "identity",
    "lecun_normal", "lecun_uniform", "ones", "orthogonal", "random_normal", "random_uniform",
    "truncated_normal", "uniform", "variance_scaling", "zeros",
}  # fmt: skip
SHAPE = (300, 200)  # fan in 300, fan out 200
TRUNCATED = 0.87962566103423978  # the deviation of a normal cut at 2σ

shapes = st.lists(st.integers(1, 6), min_size=2, max_size=4).map(tuple)


def draw(initializer: Initializer, shape: tuple[int, ...] = SHAPE, seed: int = 0) -> np.ndarray:
    return initializer(np.random.default_rng(seed), shape)


def test_the_names_are_keras_s() -> None:
    assert set(registry.names("initializer")) == KERAS_NAMES


@pytest.mark.parametrize(
    ("name", "deviation", "limit"),
    [
        ("glorot_uniform", math.sqrt(2 / 500), math.sqrt(6 / 500)),
        ("glorot_normal", math.sqrt(2 / 500), 2 * math.sqrt(2 / 500) / TRUNCATED),
        ("he_uniform", math.sqrt(2 / 300), math.sqrt(6 / 300)),
        ("he_normal", math.sqrt(2 / 300), 2 * math.sqrt(2 / 300) / TRUNCATED),
        ("lecun_uniform", math.sqrt(1 / 300), math.sqrt(3 / 300)),
        ("lecun_normal", math.sqrt(1 / 300), 2 * math.sqrt(1 / 300) / TRUNCATED),
        ("random_uniform", 0.05 / math.sqrt(3), 0.05),
        ("random_normal", 0.05, math.inf),
        ("truncated_normal", 0.05 * TRUNCATED, 0.1),
        (VarianceScaling(3.0, "fan_out", "untruncated_normal"), math.sqrt(3 / 200), math.inf),
        (RandomUniform(0.0, 2.0), 1 / math.sqrt(3), 2.0),
        (TruncatedNormal(0.0, 2.0), 2 * TRUNCATED, 4.0),
    ],
)
def test_deviation_and_bounds(name: str | Initializer, deviation: float, limit: float) -> None:
    drawn = draw(initializers.get(name))
    assert drawn.std() == pytest.approx(deviation, rel=0.01)
    assert np.abs(drawn).max() <= limit
    if math.isfinite(limit):
        assert np.abs(drawn).max() > 0.98 * limit  # the bound is reached, not only kept


def test_means() -> None:
    assert draw(RandomNormal(3.0, 0.1)).mean() == pytest.approx(3, abs=0.01)
    assert draw(TruncatedNormal(-3.0, 0.1)).mean() == pytest.approx(-3, abs=0.01)
    assert draw(initializers.get("glorot_uniform")).mean() == pytest.approx(0, abs=0.002)


@pytest.mark.parametrize(("name", "value"), [("zeros", 0), ("ones", 1), (Constant(2.5), 2.5)])
def test_constants(name: str | Initializer, value: float) -> None:
    assert (draw(initializers.get(name)) == value).all()


@pytest.mark.parametrize(
    ("shape", "wanted"),
    [((), (1, 1)), ((5,), (5, 5)), ((3, 4), (3, 4)), ((3, 3, 8, 16), (72, 144))],
)
def test_fans(shape: tuple[int, ...], wanted: tuple[float, float]) -> None:
    assert fans(shape) == wanted


@given(shapes, st.floats(0.5, 3))
def test_orthogonal_rows_or_columns(shape: tuple[int, ...], gain: float) -> None:
    matrix = draw(Orthogonal(gain), shape).reshape(-1, shape[-1])
    product = matrix.T @ matrix if matrix.shape[0] >= matrix.shape[1] else matrix @ matrix.T
    np.testing.assert_allclose(product, gain**2 * np.eye(len(product)), atol=1e-12)


@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4)])
def test_orthogonal_matrices_are_uniform(shape: tuple[int, int]) -> None:
    """Each entry has mean 0: LAPACK's Q alone has only negative ones in the first corner."""
    matrices = np.array([draw(Orthogonal(), shape, seed) for seed in range(400)])
    deviation = 1 / np.sqrt(max(shape))
    assert abs(matrices.mean(axis=0)).max() < 4.5 * deviation / np.sqrt(400)


@given(st.sampled_from(sorted(KERAS_NAMES - {"identity"})), shapes, st.integers(0, 99))
def test_every_shape_is_filled_the_same_way_for_the_same_seed(
    name: str, shape: tuple[int, ...], seed: int
) -> None:
    initializer = initializers.get(name)
    first = draw(initializer, shape, seed)
    assert first.shape == shape
    assert np.isfinite(first).all()
    np.testing.assert_array_equal(first, draw(initializer, shape, seed))


def test_identity() -> None:
    np.testing.assert_array_equal(draw(Identity(2.0), (2, 3)), [[2, 0, 0], [0, 2, 0]])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: VarianceScaling(scale=0.0), "scale must be positive, got 0.0"),
        (lambda: VarianceScaling(mode="fan_ou"), "Did you mean 'fan_out'"),
        (lambda: VarianceScaling(distribution="normal"), "unknown distribution 'normal'"),
        (lambda: draw(Orthogonal(), (3,)), "needs at least two axes"),
        (lambda: draw(Identity(), (3, 3, 3)), "needs two axes"),
        (lambda: initializers.get("glorot"), "Did you mean 'glorot_"),
        (lambda: initializers.get(3), "3 is not an initializer"),  # type: ignore[arg-type]
    ],
)
def test_refusals(make, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(GlassnetError, match=message):
        make()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: RandomNormal(stddev=-1.0), "RandomNormal: stddev must be ≥ 0, got -1"),
        (lambda: TruncatedNormal(stddev=-1.0), "TruncatedNormal: stddev must be ≥ 0"),
        (lambda: RandomUniform(1.0, -1.0), "RandomUniform: minval 1.0 is above maxval -1.0"),
        (lambda: Constant(float("nan")), "Constant: value: must be a finite number"),
    ],
)
def test_draws_that_can_not_be(make, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(GlassnetError, match=message):
        make()


@pytest.mark.parametrize(
    ("layer", "channels", "fan_in", "fan_out"),
    [
        (DepthwiseConv2D(5, use_bias=False), 64, 25, 25),
        (DepthwiseConv2D(3, depth_multiplier=4, use_bias=False), 64, 9, 36),
        (SeparableConv2D(1, 5, use_bias=False), 64, 25, 25),
        (Conv2DTranspose(64, 3, use_bias=False), 4, 36, 576),
        (Conv2D(64, 3, groups=8, use_bias=False), 32, 36, 576),  # fan out as in Keras
        (Conv2D(64, 3, use_bias=False), 4, 36, 576),
    ],
)
@pytest.mark.parametrize("mode", ["fan_in", "fan_out"])
def test_kernels_have_the_fans_of_their_connections(
    layer: Layer, channels: int, fan_in: int, fan_out: int, mode: str
) -> None:
    """Var = 1 / n, n the inputs that feed one output, or the outputs that one input feeds."""
    scaling = VarianceScaling(1.0, mode, "uniform")
    name = "kernel" if hasattr(layer, "kernel_initializer") else "depthwise"
    layer = replace(layer, **{f"{name}_initializer": scaling})
    kernel = Model([layer], input_shape=(9, 9, channels)).get_weights()[0]
    n = fan_in if mode == "fan_in" else fan_out
    assert kernel.std() == pytest.approx(1 / math.sqrt(n), rel=0.1)
    assert np.abs(kernel).max() <= math.sqrt(3 / n)
    assert np.abs(kernel).max() == pytest.approx(math.sqrt(3 / n), rel=0.02)


def test_parts_of_a_kernel_are_drawn_separately_and_transposed_ones_in_order() -> None:
    rng = np.random.default_rng(0)
    kernel = Separate(Orthogonal(), 3, axis=-2)(rng, (2, 2, 3, 4))
    for channel in range(3):
        matrix = kernel[:, :, channel].reshape(4, 4)
        np.testing.assert_allclose(matrix @ matrix.T, np.eye(4), atol=1e-12)
    same = np.random.default_rng(1), np.random.default_rng(1)
    plain, turned = (
        RandomNormal()(same[0], (3, 2, 5)),
        Transposed(RandomNormal())(same[1], (3, 5, 2)),
    )
    np.testing.assert_array_equal(turned, plain.swapaxes(1, 2))


def test_a_seed_makes_a_layer_s_weights_independent_of_the_model_s() -> None:
    for make in (
        initializers.HeNormal, initializers.GlorotUniform, RandomNormal, RandomUniform, Orthogonal,
        TruncatedNormal, initializers.lecun_normal,
    ):  # fmt: skip
        one, two = (draw(make(seed=3), seed=seed) for seed in (0, 1))
        np.testing.assert_array_equal(one, two)
        assert (draw(make(), seed=0) != draw(make(), seed=1)).any()
    assert initializers.HeNormal() == initializers.get("he_normal")
    assert initializers.he_normal() == initializers.get("he_normal")
    assert initializers.IdentityInitializer is Identity
    assert "seed" not in registry.describe(RandomNormal())
    with pytest.raises(GlassnetError, match=r"takes no input_axes. The last two axes of a kernel"):
        initializers.HeNormal(input_axes=[0])
    with pytest.raises(AttributeError, match=r"has no 'STFT'. Compute the spectrogram"):
        _ = initializers.STFT
