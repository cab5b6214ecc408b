"""Random changes of images. At a fixed factor, the values are Keras's (see check_network)."""

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.layers import (
    CallContext,
    RandomBrightness,
    RandomContrast,
    RandomFlip,
    RandomRotation,
    RandomTranslation,
    RandomZoom,
)

X = np.arange(24.0).reshape(2, 4, 3, 1)
TRAINING = CallContext(training=True, seed=3)


def test_flips_are_along_both_axes_at_once_for_half_of_the_images() -> None:
    x = np.repeat(X[:1], 400, axis=0)
    y, _ = RandomFlip().forward({}, x, TRAINING)
    flipped = (y == x[:, ::-1, ::-1]).all(axis=(1, 2, 3))
    assert (flipped | (y == x).all(axis=(1, 2, 3))).all()
    assert 0.4 < flipped.mean() < 0.6


def test_a_quarter_turn_is_counterclockwise() -> None:
    x = np.arange(9.0).reshape(1, 3, 3, 1)
    y, _ = RandomRotation((0.25, 0.25)).forward({}, x, TRAINING)
    np.testing.assert_allclose(y[0, ..., 0], np.rot90(x[0, ..., 0]), atol=1e-9)


@pytest.mark.parametrize(
    ("fill_mode", "first"), [("reflect", 0), ("nearest", 0), ("wrap", 9), ("constant", 7)]
)
def test_translation_is_down_and_fills(fill_mode: str, first: float) -> None:
    layer = RandomTranslation((0.25, 0.25), 0.0, fill_mode, fill_value=7.0)
    y, _ = layer.forward({}, X, TRAINING)
    np.testing.assert_allclose(y[0, 1:, :, 0], X[0, :-1, :, 0])
    assert y[0, 0, 0, 0] == first


def test_zooming_out_by_1_halves_the_image() -> None:
    x = np.arange(5.0).reshape(1, 1, 5, 1)
    y, _ = RandomZoom((0.0, 0.0), (1.0, 1.0), "constant").forward({}, x, TRAINING)
    assert y.ravel().tolist() == [0, 0, 2, 4, 0]


def test_contrast_and_brightness_stay_in_the_range() -> None:
    y, _ = RandomBrightness((0.5, 0.5), (0, 20)).forward({}, X, TRAINING)
    np.testing.assert_allclose(y, np.minimum(X + 10, 20))
    y, _ = RandomContrast((1.0, 1.0), (0, 30)).forward({}, X, TRAINING)
    mean = X.mean(axis=(1, 2), keepdims=True)
    assert np.abs(y - mean).max() <= 2 * np.abs(X - mean).max()
    assert RandomContrast(0.3).factor == (0, 0.3)


def test_draws_depend_on_the_step_and_on_a_seed_of_its_own() -> None:
    def drawn(layer: RandomRotation, seed: int, step: int) -> list[float]:
        return layer.forward({}, X, CallContext(True, seed, step))[0].ravel().tolist()

    assert drawn(RandomRotation(0.2), 1, 5) != drawn(RandomRotation(0.2), 2, 5)
    own = RandomRotation(0.2, seed=4)
    assert drawn(own, 1, 5) == drawn(own, 2, 5) != drawn(own, 1, 6)


def test_prediction_changes_nothing() -> None:
    assert RandomZoom(0.5).forward({}, X)[0] is X


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: RandomFlip("diagonal"), "unknown mode 'diagonal'"),
        (lambda: RandomRotation(1.5), "must be one or two numbers from -1 to 1"),
        (lambda: RandomRotation(0.1, "mirror"), "unknown fill_mode 'mirror'"),
        (lambda: RandomZoom(0.1, interpolation="cubic"), "unknown interpolation 'cubic'"),
        (lambda: RandomContrast(0.1, (1, 0)), "the lower first"),
        (lambda: RandomFlip(seed=-1), "must be a whole number ≥ 0"),
        (lambda: RandomFlip().output_shape((4, 4)), "expects images of shape"),
    ],
)
def test_refusals(make: object, message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        make()  # type: ignore[operator]
