"""MixUp and CutMix: mixtures of two examples, in the inputs and in the targets."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.core.protocols import Array, namespace
from glassnet.core.registry import register
from glassnet.data.augmentation.base import Augmentation, ImageAugmentation, set_number
from glassnet.data.augmentation.erasing import boxes
from glassnet.ops.draws import Table, bernoulli, beta_quantiles, permutation, pick
from glassnet.ops.random import fold


@register("augmentation", "mixup")
@dataclass(frozen=True)
class MixUp(Augmentation):
    """x' = λ x + (1 − λ) x₂ and y' likewise, with another example (x₂, y₂) and λ ~ Beta(α, α).

    Source: Zhang et al. 2018; λ is drawn for each example instead of each batch, as in Keras.
    """

    alpha: float = 0.2

    mixes_targets = True

    def __post_init__(self) -> None:
        set_number(self, "alpha", 1e-3, 1e3)

    def __call__(self, x: Array, y: Array, key: Array) -> tuple[Array, Array]:
        other = permutation(fold(key, 0), len(x))
        weight = pick(fold(key, 1), len(x), beta_quantiles(self.alpha).astype(x.dtype))
        return _mixture(x, weight, other), _mixture(_soft(y, "MixUp"), weight, other)


@register("augmentation", "cutmix")
@dataclass(frozen=True)
class CutMix(ImageAugmentation):
    """A box in each image shows another image; y' = λ y + (1 − λ) y₂, 1 − λ the box's share.

    The box has the image's aspect ratio and √(1 − λ) times its sides, λ ~ Beta(α, α). Source: Yun
    et al. 2019; as in Keras, the box lies inside the image, whereas the paper's is cropped.
    """

    alpha: float = 1.0
    probability: float = 1.0

    mixes_targets = True

    def __post_init__(self) -> None:
        set_number(self, "alpha", 1e-3, 1e3)
        set_number(self, "probability", 0, 1)

    def __call__(self, x: Array, y: Array, key: Array) -> tuple[Array, Array]:
        xp = namespace(x)
        n, height, width, *rest = x.shape
        other = permutation(fold(key, 0), n)
        sizes = pick(fold(key, 1), n, _sizes(self.alpha, height, width))
        sizes = xp.where(bernoulli(fold(key, 2), n, self.probability)[:, None], sizes, 0)
        inside = boxes(fold(key, 3), sizes, height, width)
        share = xp.astype(sizes[:, 0] * sizes[:, 1], x.dtype) * (1 / (height * width))
        inside = inside.reshape(*inside.shape, *(1,) * len(rest))
        mixed = xp.where(inside, xp.take(x, other, axis=0), x)
        return mixed, _mixture(_soft(y, "CutMix"), 1 - share, other)


def _mixture(values: Array, weight: Array, other: Array) -> Array:
    """weight · values + (1 − weight) · values[other], with a weight for each example."""
    xp = namespace(values)
    weight = xp.astype(weight, values.dtype).reshape(-1, *(1,) * (values.ndim - 1))
    return weight * values + (1 - weight) * xp.take(values, other, axis=0)


def _soft(y: Array, where: str) -> Array:
    """Return the targets; raise if they can't be mixed."""
    if not namespace(y).isdtype(y.dtype, "real floating"):
        raise GlassnetError(
            f"mixes targets, but y holds {y.dtype} labels.",
            where=where,
            fix="Make the labels one-hot: glassnet.to_categorical(y).",
        )
    return y


@lru_cache(64)
def _sizes(alpha: float, height: int, width: int) -> Table:
    """Return equally likely (height, width) of boxes whose shares of the image are 1 − λ."""
    side = np.sqrt(1 - beta_quantiles(alpha))
    return np.round(np.stack([side * height, side * width], axis=-1)).astype(np.uint32)
