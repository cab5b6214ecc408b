"""Random erasing, and the random boxes that it shares with CutMix."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.core.protocols import Array, namespace
from glassnet.core.registry import register
from glassnet.data.augmentation.base import ImageAugmentation, set_number, set_range
from glassnet.ops.draws import Table, bernoulli, levels, pick
from glassnet.ops.random import fold, random_bits


@register("augmentation", "erasing")
@dataclass(frozen=True)
class RandomErasing(ImageAugmentation):
    """With `probability`, set a random box of the image to `fill_value`.

    `scale` is the range of the box's share of the area, drawn uniformly; `ratio` is the range of
    height / width, drawn log-uniformly: Zhong et al. 2017, with torchvision's names. A ratio that
    doesn't fit in the image is replaced by the nearest that does; the paper draws again.
    (In Keras, `factor` is twice the mean probability, and `scale` is drawn for each side.)
    """

    probability: float = 0.5
    scale: tuple[float, float] = (0.02, 0.33)
    ratio: tuple[float, float] = (0.3, 3.3)
    fill_value: float = 0.0

    def __post_init__(self) -> None:
        set_number(self, "probability", 0, 1)
        set_number(self, "fill_value")
        for name, most in (("scale", 1), ("ratio", 1000)):
            if not isinstance(getattr(self, name), tuple | list):
                raise GlassnetError(f"{name} must be two numbers.", where="RandomErasing")
            set_range(self, name, 1e-6, most)

    def inputs(self, x: Array, key: Array) -> Array:
        xp = namespace(x)
        n, height, width, *rest = x.shape
        sizes = pick(fold(key, 0), n, _sizes(self.scale, self.ratio, height, width))
        erased = bernoulli(fold(key, 1), n, self.probability)[:, None, None]
        inside = boxes(fold(key, 2), sizes, height, width) & erased
        return xp.where(inside.reshape(*inside.shape, *(1,) * len(rest)), self.fill_value, x)


def boxes(key: Array, sizes: Array, height: int, width: int) -> Array:
    """Return (N, height, width), true inside one box per image; all positions are equally likely.

    sizes (N, 2) uint32: the heights and widths of the boxes.
    """
    xp = namespace(key)
    positions = xp.asarray([height, width], dtype=key.dtype) - sizes + 1
    corners = random_bits(key, sizes.shape) % positions

    def span(axis: int, length: int) -> Array:
        # Unsigned: before the start, the difference wraps around and is huge.
        offsets = xp.arange(length, dtype=key.dtype) - corners[:, axis, None]
        return offsets < sizes[:, axis, None]

    return span(0, height)[:, :, None] & span(1, width)[:, None, :]


@lru_cache(64)
def _sizes(
    scale: tuple[float, float], ratio: tuple[float, float], height: int, width: int
) -> Table:
    """Return equally likely (height, width) of boxes: 64 areas with 64 ratios each."""
    area = levels(*scale, 64)[:, None] * height * width
    lower, upper = np.log(ratio)
    shape = np.exp(levels(lower, upper, 64))
    shape = np.clip(shape, area / width**2, height**2 / area)
    sides = np.stack([np.sqrt(area * shape), np.sqrt(area / shape)], axis=-1)
    return np.round(sides).astype(np.uint32).reshape(-1, 2)
