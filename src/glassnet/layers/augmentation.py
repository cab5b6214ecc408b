"""Random changes of images in training. Keras's names, ranges and defaults; its draws are others.

The draws are a function of (seed, step, place in the network). In prediction, y = x.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.protocols import Array, namespace
from glassnet.core.registry import register
from glassnet.layers.base import Shape
from glassnet.layers.dropout import Noise, check_seed
from glassnet.ops import ArrayPullback
from glassnet.ops.draws import Table, bernoulli, levels, pick
from glassnet.ops.random import fold
from glassnet.ops.sampling import adjust_images, affine_sample, flip_images

Factor = float | tuple[float, float]
_FILL_MODES = ("reflect", "constant", "wrap", "nearest")
_AXES = {"horizontal": (2,), "vertical": (1,), "horizontal_and_vertical": (1, 2)}


@dataclass(frozen=True)
class ImageNoise(Noise):
    """A random change of images (height, width, channels) in training."""

    factors: ClassVar[tuple[str, ...]] = ()  # names of its fields that are factors
    limits: ClassVar[tuple[float, float]] = (-1, 1)  # of the factors

    def __post_init__(self) -> None:
        check_seed(self)
        for name in self.factors:
            object.__setattr__(self, name, _pair(self, name, self.limits))

    @property
    def amount(self) -> float:
        return 1.0

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 3:
            raise GlassnetError(
                "expects images of shape (height, width, channels).",
                where=type(self).__name__,
                fix="Add a channel axis: Reshape((28, 28, 1)).",
            )
        return shape

    def draw(self, name: str, key: Array, count: int, x: Array) -> Array:
        """Return a uniform draw for each image from the range in the field `name`."""
        return pick(key, count, levels(*getattr(self, name)).astype(x.dtype))


@register("layer")
@dataclass(frozen=True)
class RandomFlip(ImageNoise):
    """Mirrors each image with probability ½: along the width, the height, or both at once."""

    mode: str = "horizontal_and_vertical"
    seed: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.mode not in _AXES:
            raise unknown("mode", self.mode, _AXES, where="RandomFlip")

    def drawn(self, x: Array, key: Array) -> tuple[Array, ArrayPullback]:
        return flip_images(x, bernoulli(key, len(x), 0.5), _AXES[self.mode])


@dataclass(frozen=True)
class _Affine(ImageNoise):
    """Images sampled at other positions."""

    def __post_init__(self) -> None:
        super().__post_init__()
        layer: Any = self
        for name, known in (("fill_mode", _FILL_MODES), ("interpolation", ("bilinear", "nearest"))):
            if getattr(layer, name) not in known:
                raise unknown(name, getattr(layer, name), known, where=type(self).__name__)

    def matrices(self, x: Array, key: Array) -> Array:
        """Return the matrix (2, 3) of each image: from positions in y to positions in x."""
        raise NotImplementedError

    def drawn(self, x: Array, key: Array) -> tuple[Array, ArrayPullback]:
        layer: Any = self
        options = (layer.fill_mode, layer.interpolation, float(layer.fill_value))
        return affine_sample(x, self.matrices(x, key), *options)


@register("layer")
@dataclass(frozen=True)
class RandomRotation(_Affine):
    """Rotates each image around its center, counterclockwise, by an angle in `factor` · 360°."""

    factor: Factor
    fill_mode: str = "reflect"
    interpolation: str = "bilinear"
    seed: int | None = None
    fill_value: float = 0.0

    factors: ClassVar[tuple[str, ...]] = ("factor",)

    def matrices(self, x: Array, key: Array) -> Array:
        angles: Table = 2 * np.pi * levels(*self.factor)  # type: ignore[misc]
        cos, sin, none = np.cos(angles), np.sin(angles), np.zeros_like(angles)
        rows = np.stack([cos, sin, none], axis=1), np.stack([-sin, cos, none], axis=1)
        return pick(key, len(x), np.stack(rows, axis=1).astype(x.dtype))


@register("layer")
@dataclass(frozen=True)
class RandomTranslation(_Affine):
    """Shifts each image by fractions of its height, down, and of its width, to the right."""

    height_factor: Factor
    width_factor: Factor
    fill_mode: str = "reflect"
    interpolation: str = "bilinear"
    seed: int | None = None
    fill_value: float = 0.0

    factors: ClassVar[tuple[str, ...]] = ("height_factor", "width_factor")

    def matrices(self, x: Array, key: Array) -> Array:
        n, height, width, _ = x.shape
        down = self.draw("height_factor", fold(key, 0), n, x) * height
        right = self.draw("width_factor", fold(key, 1), n, x) * width
        return _matrices(x, (1.0, 1.0), (-down, -right))


@register("layer")
@dataclass(frozen=True)
class RandomZoom(_Affine):
    """Samples each image at 1 + f times the distance from its center: f > 0 zooms out.

    Without a `width_factor`, both axes share the same draw of f.
    """

    height_factor: Factor
    width_factor: Factor | None = None
    fill_mode: str = "reflect"
    interpolation: str = "bilinear"
    seed: int | None = None
    fill_value: float = 0.0

    factors: ClassVar[tuple[str, ...]] = ("height_factor", "width_factor")

    def matrices(self, x: Array, key: Array) -> Array:
        high = wide = 1 + self.draw("height_factor", fold(key, 0), len(x), x)
        if self.width_factor is not None:
            wide = 1 + self.draw("width_factor", fold(key, 1), len(x), x)
        return _matrices(x, (high, wide), (0.0, 0.0))


@dataclass(frozen=True)
class _Adjusting(ImageNoise):
    """Changes of pixel values, which stay in a range."""

    factors: ClassVar[tuple[str, ...]] = ("factor",)

    def __post_init__(self) -> None:
        super().__post_init__()
        low, high = vars(self)["value_range"]
        if not low < high:
            raise GlassnetError(
                f"must be two numbers, the lower first, got {(low, high)}.",
                where=f"{type(self).__name__}: value_range",
            )

    def adjusted(self, x: Array, factors: Array, offsets: Array) -> tuple[Array, ArrayPullback]:
        """Return the op's result, clipped to the range."""
        low, high = vars(self)["value_range"]
        return adjust_images(x, factors, offsets, float(low), float(high))


@register("layer")
@dataclass(frozen=True)
class RandomContrast(_Adjusting):
    """y = m + c (x − m), m the mean of each channel of an image, c from 1 − lower to 1 + upper.

    A number f means (0, f), as in Keras. y is clipped to the `value_range`.
    """

    factor: Factor
    value_range: tuple[float, float] = (0, 255)
    seed: int | None = None

    limits: ClassVar[tuple[float, float]] = (0, 1)

    def drawn(self, x: Array, key: Array) -> tuple[Array, ArrayPullback]:
        lower, upper = self.factor  # type: ignore[misc]
        factors = pick(key, len(x), levels(1 - lower, 1 + upper).astype(x.dtype))
        return self.adjusted(x, factors, namespace(x).zeros_like(factors))


@register("layer")
@dataclass(frozen=True)
class RandomBrightness(_Adjusting):
    """y = x + b (high − low), b drawn from `factor`, clipped to the `value_range` (low, high)."""

    factor: Factor
    value_range: tuple[float, float] = (0, 255)
    seed: int | None = None

    def drawn(self, x: Array, key: Array) -> tuple[Array, ArrayPullback]:
        low, high = self.value_range
        offsets = self.draw("factor", key, len(x), x) * float(high - low)
        return self.adjusted(x, namespace(x).ones_like(offsets), offsets)


def _matrices(x: Array, scales: tuple[Any, Any], shifts: tuple[Any, Any]) -> Array:
    """Return (N, 2, 3) for scales and shifts along the height and the width."""
    xp = namespace(x)
    one, zero = xp.ones((len(x),), dtype=x.dtype), xp.zeros((len(x),), dtype=x.dtype)
    high, wide = (one * scale for scale in scales)
    down, right = (one * shift for shift in shifts)
    rows = xp.stack([high, zero, down], axis=1), xp.stack([zero, wide, right], axis=1)
    return xp.stack(rows, axis=1)


def _pair(layer: Any, name: str, limits: tuple[float, float]) -> tuple[float, float] | None:
    """Return a factor as (lower, upper); a number f means (−f, f), as far as the limits allow."""
    value = getattr(layer, name)
    if value is None:
        return None
    least, most = limits
    numbers = value if isinstance(value, tuple | list) else (max(-abs(value), least), abs(value))
    if len(numbers) != 2 or not all(least <= number <= most for number in numbers):
        raise GlassnetError(
            f"must be one or two numbers from {least:g} to {most:g}, got {value!r:.80}.",
            where=f"{type(layer).__name__}: {name}",
        )
    lower, upper = sorted(map(float, numbers))
    return lower, upper
