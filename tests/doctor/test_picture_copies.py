"""Which pictures are copies of training pictures, and how many are reported."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, zoom
from sklearn.datasets import load_sample_image

from glassnet.doctor import Part
from glassnet.doctor.picture_copies import Pictures

TILES = np.stack([
    load_sample_image(name)[top : top + 64, left : left + 64]
    for name in ("china.jpg", "flower.jpg")
    for top in range(0, 360, 64)
    for left in range(0, 570, 64)
])  # fmt: skip
LABELS = np.zeros(len(TILES), np.int64)
ROWS = np.arange(len(TILES))


def half(pictures: np.ndarray) -> np.ndarray:
    """The pictures, without what half the size can't show."""
    return np.stack([zoom(zoom(p, (0.5, 0.5, 1), order=1), (2, 2, 1), order=1) for p in pictures])


def cropped(pictures: np.ndarray) -> np.ndarray:
    inside = pictures[:, 1:62, 2:63]
    return np.stack([zoom(p, (64 / 61, 64 / 61, 1), order=1) for p in inside])


def brighter(pictures: np.ndarray) -> np.ndarray:
    return (1.1 * pictures.astype(np.float32) + 8).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("change", "least", "mirrored"),
    [(half, 0.65, 0), (cropped, 0.6, 0), (brighter, 0.7, 0), (lambda x: x[:, :, ::-1], 0.75, 1)],
)
@pytest.mark.parametrize("scale", [1, 255])
def test_changed_photos_are_found_and_others_are_not(
    change: Callable[[np.ndarray], np.ndarray], least: float, mirrored: int, scale: int
) -> None:
    train = TILES if scale == 1 else (TILES / scale).astype(np.float32)
    test = change(TILES) if scale == 1 else (change(TILES) / scale).astype(np.float32)
    pictures = Pictures(Part(train, LABELS, "training"))
    copies, originals, turned = pictures.copies(Part(test, LABELS, "test"), ROWS)
    assert len(copies) >= least * len(TILES)
    assert (copies == originals).mean() > 0.97
    assert (turned == mirrored).mean() > 0.97
    others = Pictures(Part(train[1::2], LABELS[1::2], "training"))
    copies, _, _ = others.copies(Part(train[::2], LABELS[::2], "test"), ROWS[: len(TILES) // 2])
    assert len(copies) <= 3  # neighbors in one cloudless sky


@pytest.mark.parametrize(("copies", "reported"), [(0, False), (4, False), (8, True)])
def test_a_few_twins_are_not_reported(copies: int, reported: bool) -> None:
    rng = np.random.default_rng(0)
    x = gaussian_filter(rng.normal(size=(300, 24, 24)), (0, 2, 2)).astype(np.float32)
    train, test = x[:200], x[200:].copy()
    test[:copies] = 1.05 * train[:copies] + 0.3
    part = Part(test, np.zeros(100), "test rows")
    findings = [*Pictures(Part(train, np.zeros(200), "x")).changed(part, np.arange(100), 100)]
    assert len(findings) == reported
    if reported:
        assert findings[0].what.startswith("8 of 100 rows are a training picture in another size")
        assert "row 0, like training row 0" in findings[0].what


def test_mirrored_twins_are_reported_from_a_tenth_on() -> None:
    rng = np.random.default_rng(0)
    x = gaussian_filter(rng.normal(size=(300, 24, 24)), (0, 2, 2)).astype(np.float32)
    for count in (8, 12):
        test = x[200:].copy()
        test[:count] = x[:count, :, ::-1]
        pictures = Pictures(Part(x[:200], np.zeros(200), "x"))
        findings = [*pictures.changed(Part(test, np.zeros(100), "test"), np.arange(100), 100)]
        assert ["12 of them mirrored" in finding.what for finding in findings] == [True] * (
            count > 10
        )
