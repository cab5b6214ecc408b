"""Noise, brightness and contrast: changes of pixel values."""

from dataclasses import dataclass

from glassnet.core.protocols import Array, namespace
from glassnet.core.registry import register
from glassnet.data.augmentation.base import Augmentation, ImageAugmentation, set_number, set_range
from glassnet.ops.draws import levels, pick
from glassnet.ops.random import normal


@register("augmentation", "noise")
@dataclass(frozen=True)
class RandomNoise(Augmentation):
    """x' = x + `stddev` · σ · ε, ε ~ N(0, 1), with σ the standard deviation of the batch.

    So the noise fits any range of values. For vectors (N, F), each feature has its own σ.
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
    """x' = x + b (highest − lowest), b drawn uniformly from `factor`, clipped to lowest … highest.

    As in Keras, with the lowest and highest value of the batch as the `value_range`.
    """

    factor: float | tuple[float, float] = 0.1

    def __post_init__(self) -> None:
        set_range(self, "factor", -1, 1)

    def inputs(self, x: Array, key: Array) -> Array:
        lowest, highest = x.min(), x.max()
        shift = _uniform(self.factor, x, key) * (highest - lowest)
        return namespace(x).clip(x + shift, lowest, highest)


@register("augmentation", "contrast")
@dataclass(frozen=True)
class RandomContrast(ImageAugmentation):
    """x' = m + (1 + c)(x − m), m the mean of the image, c drawn uniformly from `factor`.

    As in Keras, clipped to the range of the batch; the mean is over all channels.
    """

    factor: float | tuple[float, float] = 0.2

    def __post_init__(self) -> None:
        set_range(self, "factor", -1, 1)

    def inputs(self, x: Array, key: Array) -> Array:
        mean = x.mean(axis=tuple(range(1, x.ndim)), keepdims=True)
        contrasted = mean + (1 + _uniform(self.factor, x, key)) * (x - mean)
        return namespace(x).clip(contrasted, x.min(), x.max())


def _uniform(factor: float | tuple[float, float], x: Array, key: Array) -> Array:
    """Return a uniform draw from (lower, upper) for each example."""
    assert isinstance(factor, tuple)  # after `set_range`
    return pick(key, len(x), levels(*factor).astype(x.dtype)).reshape(-1, *(1,) * (x.ndim - 1))
