"""Dropout and noise: only in training, and a function of (seed, step, place)."""

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.layers import (
    AlphaDropout,
    CallContext,
    Dropout,
    GaussianDropout,
    GaussianNoise,
    Layer,
    Sequential,
    SpatialDropout1D,
    SpatialDropout2D,
)

X = np.ones((50, 40), np.float32)


def dropped(layer: Dropout | Sequential = Dropout(0.5), **call: int) -> np.ndarray:  # noqa: B008
    return layer.forward({}, X, CallContext(training=True, **call))[0]


def test_outside_training_nothing_happens() -> None:
    np.testing.assert_array_equal(Dropout(0.5).forward({}, X)[0], X)
    np.testing.assert_array_equal(dropped(Dropout(0.0)), X)


def test_seed_step_and_place_decide() -> None:
    first = dropped(seed=1, step=2)
    np.testing.assert_array_equal(first, dropped(seed=1, step=2))
    for other in ({"seed": 2, "step": 2}, {"seed": 1, "step": 3}, {"seed": 1 + 2**32, "step": 2}):
        assert (first != dropped(**other)).mean() > 0.4
    two = Sequential((Dropout(0.5), Dropout(0.5)))
    assert dropped(two, seed=1).mean() == pytest.approx(1, abs=0.15)
    assert (dropped(two, seed=1) == 4).mean() == pytest.approx(0.25, abs=0.05)


@pytest.mark.parametrize("rate", [0.5, np.float64(0.5), np.float32(0.5)])
def test_a_rate_of_any_kind_keeps_single_precision(rate: float) -> None:
    assert dropped(Dropout(rate)).dtype == np.float32


@pytest.mark.parametrize("layer", [SpatialDropout1D(0.5), SpatialDropout2D(0.5)], ids=repr)
def test_whole_feature_maps_are_dropped(layer: Dropout) -> None:
    axes = (6,) if isinstance(layer, SpatialDropout1D) else (3, 2)
    x = np.ones((30, *axes, 20))
    maps = layer.forward({}, x, CallContext(training=True))[0].reshape(30, 6, 20)
    assert (maps == maps[:, :1]).all()
    assert (maps[:, 0] == 0).mean() == pytest.approx(0.5, abs=0.1)
    np.testing.assert_array_equal(layer.forward({}, x)[0], x)


@pytest.mark.parametrize("layer", [GaussianNoise(0.5), GaussianDropout(0.2)], ids=repr)
def test_noise_has_the_deviation_that_was_asked_for(layer: Layer) -> None:
    y, _ = layer.forward({}, X, CallContext(training=True, seed=1, step=1))
    assert y.dtype == np.float32
    assert y.mean() == pytest.approx(1, abs=0.05)
    assert y.std() == pytest.approx(0.5, abs=0.02)  # √(0.2 / 0.8) is 0.5 too
    other, _ = layer.forward({}, X, CallContext(training=True, seed=1, step=2))
    assert (y != other).mean() > 0.99
    np.testing.assert_array_equal(layer.forward({}, X)[0], X)


@pytest.mark.parametrize("layer", [GaussianNoise(0), GaussianDropout(0), SpatialDropout1D(0)])
def test_nothing_happens_at_0(layer: Layer) -> None:
    np.testing.assert_array_equal(layer.forward({}, X, CallContext(training=True))[0], X)


@pytest.mark.parametrize("rate", [-0.1, 1.0, float("nan")])
def test_refusals(rate: float) -> None:
    for layer in (Dropout, SpatialDropout1D, GaussianDropout):
        with pytest.raises(GlassnetError, match=rf"{layer.__name__}: rate must be in \[0, 1\)"):
            layer(rate)


def test_refusals_of_noise_and_shapes() -> None:
    with pytest.raises(GlassnetError, match=r"GaussianNoise: stddev must be in \[0, 1\], got 2"):
        GaussianNoise(2)
    with pytest.raises(GlassnetError, match=r"SpatialDropout1D: needs .* \(steps, channels\)"):
        SpatialDropout1D(0.5).output_shape((4,))
    with pytest.raises(GlassnetError, match="SpatialDropout2D: needs examples"):
        SpatialDropout2D(0.5).output_shape((4, 3))


def test_a_noise_shape_shares_the_draw_along_axes_of_length_1() -> None:
    x, context = np.ones((4, 3, 5)), CallContext(training=True)
    y, _ = Dropout(0.5, (None, 1, None)).forward({}, x, context)
    assert (y == y[:, :1]).all()
    assert 0 < (y == 0).mean() < 1


@pytest.mark.parametrize(
    "layer", [Dropout(0.5, seed=3), GaussianNoise(0.5, 3), AlphaDropout(0.5, seed=3)]
)
def test_a_seed_of_its_own_replaces_the_model_s(layer: Layer) -> None:
    draws = [layer.forward({}, X, CallContext(True, seed, step))[0] for seed, step in
             ((1, 0), (2, 0), (1, 1))]  # fmt: skip
    np.testing.assert_array_equal(draws[0], draws[1])
    assert (draws[0] != draws[2]).any()


def test_alpha_dropout_keeps_mean_and_variance() -> None:
    x = np.random.default_rng(0).standard_normal((400, 400))
    y, _ = AlphaDropout(0.3).forward({}, x, CallContext(training=True))
    assert y.mean() == pytest.approx(0, abs=0.02)
    assert y.std() == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize(
    ("noise_shape", "message"),
    [((None, 2, None), "doesn't fit batches"), ((1, 1), "doesn't fit batches")],
)
def test_a_noise_shape_must_fit(noise_shape: tuple[int | None, ...], message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        Dropout(0.5, noise_shape).output_shape((3, 5))


def test_wrong_noise_shapes_and_seeds_are_refused() -> None:
    with pytest.raises(GlassnetError, match="noise_shape: must be whole numbers"):
        Dropout(0.5, (None, 0))
    with pytest.raises(GlassnetError, match="seed: must be a whole number ≥ 0"):
        GaussianNoise(0.5, seed=-1)
    with pytest.raises(GlassnetError, match="draws for 3 examples, but a batch has 4"):
        Dropout(0.5, (3, 1)).forward({}, np.ones((4, 2)), CallContext(training=True))
