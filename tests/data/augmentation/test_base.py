"""The guarantees of all augmentations, tested for each."""

import numpy as np
import pytest

from glassnet.core import registry
from glassnet.core.errors import GlassnetError
from glassnet.core.registry import build, describe
from glassnet.data.augmentation import Compose, MixUp, RandomFlip, RandomShift, get
from glassnet.ops.random import fold
from tests.data.augmentation.given import KEY, assert_same_on_jax, one_hot, pictures

NAMES = registry.names("augmentation")
MOVES_ONLY = {"flip", "shift", "crop", "erasing"}  # no arithmetic on pixels

every = pytest.mark.parametrize("name", NAMES)


@every
def test_shape_and_dtype_stay_and_the_batch_is_left_as_it_is(name: str) -> None:
    for channels in (0, 3):
        x, y = pictures(channels=channels), one_hot()
        kept = x.copy(), y.copy()
        part = get(name)
        assert part is not None
        part.check(x.shape[1:])
        new_x, new_y = part(x, y, KEY)
        assert (new_x.shape, new_x.dtype) == (x.shape, x.dtype)
        assert (new_y.shape, new_y.dtype) == (y.shape, y.dtype)
        assert (new_x != x).any()
        np.testing.assert_array_equal(x, kept[0])
        np.testing.assert_array_equal(y, kept[1])


@every
def test_the_key_decides(name: str) -> None:
    x, y, part = pictures(), one_hot(), get(name)
    assert part is not None
    np.testing.assert_array_equal(part(x, y, KEY)[0], part(x, y, KEY)[0])
    assert (part(x, y, KEY)[0] != part(x, y, fold(KEY, 1))[0]).any()


@every
def test_jax_makes_the_same_batch(name: str) -> None:
    part = get(name)
    assert part is not None
    assert_same_on_jax(part, pictures() / 400, one_hot(), exact=name in MOVES_ONLY)


@every
def test_it_is_rebuilt_from_its_description(name: str) -> None:
    assert build("augmentation", describe(get(name))) == get(name)


def test_names_parts_and_lists_mean_the_same() -> None:
    assert (
        get("flip, shift") == get(["flip", RandomShift()]) == Compose((RandomFlip(), RandomShift()))
    )
    assert get(None) is None
    with pytest.raises(GlassnetError, match="Did you mean 'rotation'"):
        get("rotatoin")


def test_each_part_of_several_draws_for_itself() -> None:
    x, y = pictures(), one_hot()
    twice = Compose((RandomFlip(), RandomFlip()))(x, y, KEY)[0]
    assert (twice != x).any()  # with one draw for both, every image would be flipped back


def test_only_mixtures_change_targets() -> None:
    assert Compose((RandomFlip(), MixUp())).mixes_targets
    assert not Compose((RandomFlip(),)).mixes_targets
    x, labels = pictures(), np.arange(64) % 4
    assert RandomFlip()(x, labels, KEY)[1] is labels
    with pytest.raises(GlassnetError, match="MixUp: mixes targets, but y holds int64"):
        MixUp()(x, labels, KEY)


@pytest.mark.parametrize("shape", [(7,), (2, 3, 4, 5), ((3, 3), (3, 3))])
def test_pictures_are_wanted(shape: tuple[int, ...]) -> None:
    with pytest.raises(GlassnetError, match=r"takes images|takes one input"):
        Compose((RandomFlip(),)).check(shape)
