"""Photos with multiple objects, an arm, noise or a busy background are named; garments are not."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from glassnet.data import Dataset
from glassnet.data.images.photo import read_photo
from tests.photos import CROWDED, FASHION, FORMS, strangers_of, unlike, written


@pytest.mark.parametrize("form", FORMS)
def test_single_garments_are_not_doubted(fashion: Dataset, tmp_path: Path, form: str) -> None:
    """At most 5% of the photos of single garments; docs/photos.md has the exact shares."""
    garments = fashion.x_test[:100]
    doubtful = [bool(unlike(FORMS[form][0](g), tmp_path, FORMS[form][1])) for g in garments]
    assert np.mean(doubtful) <= 0.05


@pytest.mark.parametrize(("kind", "reason", "least"), [
    ("two side by side", "more than one object", 0.95),
    ("two, one above the other", "more than one object", 0.75),
    ("a garment and an arm", "cut off by an edge", 0.95),
    ("a garment and a ball", "more than one object", 0.95),
])  # fmt: skip
def test_more_than_one_garment_is_named(
    fashion: Dataset, tmp_path: Path, kind: str, reason: str, least: float
) -> None:
    rng = np.random.default_rng(0)
    garments = fashion.x_test[:121]
    photos = [CROWDED[kind](garments[i], garments[i + 1], rng) for i in range(60)]
    named = [any(reason in doubt for doubt in unlike(photo, tmp_path)) for photo in photos]
    assert np.mean(named) >= least


@pytest.mark.parametrize("size", [(28, 28), (60, 60), (200, 300), (400, 400)])
@pytest.mark.parametrize("kind", ["gray", "color", "normal"])
def test_noise_is_named(tmp_path: Path, size: tuple[int, int], kind: str) -> None:
    rng = np.random.default_rng(0)
    draws: dict[str, Callable[[], np.ndarray]] = {
        "gray": lambda: rng.integers(0, 256, size),
        "color": lambda: rng.integers(0, 256, (*size, 3)),
        "normal": lambda: rng.normal(128, 40, size),
    }
    doubtful = [bool(unlike(draws[kind](), tmp_path, "png")) for _ in range(20)]
    assert np.mean(doubtful) >= 0.9


def test_natural_textures_are_named(tmp_path: Path) -> None:
    doubtful = [bool(unlike(photo, tmp_path)) for photo in strangers_of("parts of two photos", 60)]
    assert np.mean(doubtful) >= 0.8


def test_training_images_with_multiple_objects_allow_them(fashion: Dataset, tmp_path: Path) -> None:
    """What the training images themselves show is nothing to doubt in a photo."""
    from glassnet.data.images.preprocessing import Preprocessing

    x = fashion.x_train[:400]
    pairs = np.concatenate([x[:-1], np.zeros((399, 28, 4), np.uint8), x[1:]], axis=2)
    preprocessing = Preprocessing.fitted(pairs, objects=True)
    assert preprocessing is not None
    assert not preprocessing.single
    assert Preprocessing.from_dict(preprocessing.to_dict()) == preprocessing
    photo = CROWDED["two side by side"](x[0], x[1], np.random.default_rng(0))
    path = written(photo, tmp_path)
    assert read_photo(path, preprocessing).doubts == ()
    assert read_photo(path, FASHION).doubts
