"""Examples as images."""

import numpy as np
import pytest

from glassnet.plots.images import is_image, predictions, sample_grid, upright
from tests.plots.given import pictures, texts, tiles

X = np.random.default_rng(0).random((12, 4, 4))


@pytest.mark.parametrize(
    ("shape", "image"),
    [((8, 8), True), ((8, 8, 3), True), ((8, 8, 1), True), ((8, 8, 7), False), ((64,), False)],
)
def test_what_is_an_image(shape: tuple[int, ...], image: bool) -> None:
    assert is_image(shape) is image


def test_a_row_of_samples_for_each_class() -> None:
    labels = np.array([0, 1, 1] * 4)
    figure = sample_grid(X, labels, ("cat", "dog"), columns=5)
    shown = tiles(pictures(figure)[0], 4, 4)
    assert len(shown) == 4 + 5
    low, high = X[1].min(), X[1].max()  # the first dog, in its own range
    np.testing.assert_allclose(shown[4], (X[1] - low) / (high - low))
    assert {"cat", "dog"} <= set(texts(figure))


def test_wrong_predictions_say_the_true_class() -> None:
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
    said = texts(predictions(X[:3], np.array([0, 1, 1]), probabilities, ("cat", "dog")))
    assert {"cat 90%", "dog 80%", "cat 60%\nnot dog"} <= set(said)


def test_colored_images_keep_their_channels() -> None:
    figure = sample_grid(np.random.default_rng(0).normal(size=(2, 4, 4, 3)), np.zeros(2), ("a",))
    assert tiles(pictures(figure)[0], 4, 4)[0].shape == (4, 4, 3)


def test_a_spectrogram_has_time_to_the_right_and_pitch_upward() -> None:
    spectrogram = np.zeros((5, 3))  # frames, bands
    spectrogram[4, 0] = 1  # late and low
    picture = upright(spectrogram)
    assert picture.shape == (3, 5)
    assert picture[-1, -1] == 1  # right, at the bottom
    assert upright(np.stack([spectrogram] * 2)).shape == (2, 3, 5)
