"""Mixtures: targets give the share of each image."""

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.data.augmentation import CutMix, MixUp
from tests.data.augmentation.given import KEY, one_hot

CLASSES = 4


def flat_pictures(n: int = 256) -> tuple[np.ndarray, np.ndarray]:
    """Images whose pixels are all the class number, and their one-hot targets."""
    y = one_hot(n, CLASSES)
    return np.broadcast_to(y.argmax(axis=1)[:, None, None], (n, 8, 6)).astype(np.float32), y


@pytest.mark.parametrize("part", [MixUp(0.4), CutMix(), CutMix(probability=0.5)])
def test_targets_sum_to_1_and_say_what_the_picture_shows(part: MixUp | CutMix) -> None:
    x, y = flat_pictures()
    new_x, new_y = part(x, y, KEY)
    np.testing.assert_allclose(new_y.sum(axis=1), 1, rtol=1e-6)
    # The mean pixel is the mean of the class numbers, weighted by the targets.
    np.testing.assert_allclose(
        new_x.mean(axis=(1, 2)), new_y @ np.arange(CLASSES, dtype=np.float32), atol=1e-5
    )
    assert ((new_y > 0).sum(axis=1) == 2).any()


def test_cutmix_leaves_so_many_alone() -> None:
    x, y = flat_pictures(2000)
    alone = (CutMix(probability=0.3)(x, y, KEY)[1] == y).all(axis=1)
    assert alone.mean() > 0.7
    np.testing.assert_array_equal(CutMix(probability=0.0)(x, y, KEY)[0], x)


def test_mixup_takes_vectors_too() -> None:
    x, y = np.eye(8, dtype=np.float32), one_hot(8)
    np.testing.assert_allclose(MixUp(1.0)(x, y, KEY)[0].sum(axis=1), 1, rtol=1e-6)
    MixUp().check((8,))
    with pytest.raises(GlassnetError, match="CutMix: takes images"):
        CutMix().check((8,))


def test_refusals() -> None:
    with pytest.raises(GlassnetError, match="MixUp: alpha must be a number"):
        MixUp(0.0)
