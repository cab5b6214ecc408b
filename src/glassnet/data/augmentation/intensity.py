"""Noise, brightness, contrast: every pixel stays in its place and gets another value."""

from dataclasses import dataclass

from glassnet.core.protocols import Array, namespace
from glassnet.core.registry import register
from glassnet.data.augmentation.base import Augmentation, ImageAugmentation, set_number, set_range
from glassnet.data.augmentation.draws import levels, pick
from glassnet.ops.random import normal


@register("augmentation", "noise")
@dataclass(frozen=True)
class RandomNoise(Augmentation):
    """x' = x + `stddev` · σ · ε, ε ~ N(0, 1), σ the batch's own standard deviation.

    So the noise suits bytes and shares alike. Of vectors (N, F) each feature has its own σ.
    """

    stddev: float = 0.1

    def __post_init__(self) -> None:
        set_number(self, "stddev", 0)

    def inputs(self, x: Array, key: Array) -> Array:
        deviation = x.std(axis=0 if x.ndim == 2 else None)
        return x + self.stddev * deviation * normal(key, x.shape, x.dtype)


@register("augmentation", "brightness")
@dataclass(frozen=True)
class RandomBrightness(ImageAugmentation):
    """x' = x + b (highest − lowest), b drawn evenly from `factor`, kept from lowest to highest.

    Keras's, with the batch's own lowest and highest value as the `value_range`.
    """

    factor: float | tuple[float, float] = 0.1

    def __post_init__(self) -> None:
        set_range(self, "factor", -1, 1)

    def inputs(self, x: Array, key: Array) -> Array:
        lowest, highest = x.min(), x.max()
        return _clip(x + _each(self.factor, x, key) * (highest - lowest), lowest, highest)


@register("augmentation", "contrast")
@dataclass(frozen=True)
class RandomContrast(ImageAugmentation):
    """x' = m + (1 + c)(x − m), m each image's mean, c drawn evenly from `factor`.

    Keras's, kept between the batch's own lowest and highest value; the mean is of all channels.
    """

    factor: float | tuple[float, float] = 0.2

    def __post_init__(self) -> None:
        set_range(self, "factor", -1, 1)

    def inputs(self, x: Array, key: Array) -> Array:
        mean = x.mean(axis=tuple(range(1, x.ndim)), keepdims=True)
        return _clip(mean + (1 + _each(self.factor, x, key)) * (x - mean), x.min(), x.max())


def _each(factor: float | tuple[float, float], x: Array, key: Array) -> Array:
    """An even draw from (lower, upper) for each example."""
    assert isinstance(factor, tuple)  # since `set_range`
    return pick(key, len(x), levels(*factor).astype(x.dtype)).reshape(-1, *(1,) * (x.ndim - 1))


def _clip(x: Array, lowest: Array, highest: Array) -> Array:
    xp = namespace(x)
    return xp.minimum(xp.maximum(x, lowest), highest)
