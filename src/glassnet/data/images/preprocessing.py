"""The form of a network's grayscale training images, to which photos are converted."""

from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from typing import Any, Literal, Self

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.data.images.doubts import COARSE, doubts_about
from glassnet.data.images.figure import edges, separated

_MOST = 4096  # pixels a side; no training image is larger, and a model file is not trusted
_PLAIN = 0.6  # share of the edge pixels that a background fills: Fashion-MNIST 89%, digits 77%
_EXAMINED = 300  # training images, evenly spaced, of which it is asked if each shows one object
_DOUBTFUL = 0.05  # share of them that may not
_NEAR = 0.1  # of the range: a background is as near to black or white


@dataclass(frozen=True)
class Preprocessing:
    """Images of height × width pixels, with values from `low` (black) to `high` (white).

    The background is "none" for images without one, such as natural photos. With a background,
    each image shows a `single` object, or it does not.
    """

    height: int
    width: int
    low: float
    high: float
    background: Literal["dark", "light", "none"]
    single: bool = True

    @classmethod
    def fitted(cls, x_train: np.ndarray) -> Self | None:
        """Return the form of the images (N, H, W); None if they are not grayscale images.

        Bytes with values above 16 range from 0 to 255; all others from their minimum to their
        maximum. There is a dark background if most edge pixels are nearly black, a light one if
        most are nearly white.
        """
        if x_train.ndim != 3 or not x_train.size or max(x_train.shape[1:]) > _MOST:
            return None
        low, high = float(x_train.min()), float(x_train.max())
        if x_train.dtype == np.uint8 and high > 16:
            low, high = 0.0, 255.0
        if not low < high:
            return None
        brightness = (edges(x_train).astype(np.float64) - low) / (high - low)
        dark, light = (brightness <= _NEAR).mean(), (brightness >= 1 - _NEAR).mean()
        background: Literal["dark", "light", "none"] = "dark" if dark > light else "light"
        _, height, width = x_train.shape
        if max(dark, light) <= _PLAIN:
            return cls(height, width, low, high, "none")
        if min(height, width) < COARSE:
            return cls(height, width, low, high, background)
        step = -(-len(x_train) // _EXAMINED)
        bright = (x_train[::step].astype(np.float32) - low) * (255 / (high - low))
        objects = [separated(255 - image if light > dark else image) for image in bright]
        doubtful = np.mean([bool(doubts_about(figure, (height, width))) for figure in objects])
        return cls(height, width, low, high, background, bool(doubtful <= _DOUBTFUL))

    @property
    def background_value(self) -> float:
        """The value of the background; the middle of the range for images without one."""
        middle = (self.low + self.high) / 2
        return {"dark": self.low, "light": self.high}.get(self.background, middle)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Read exactly the JSON values of the fields. Raises GlassnetError naming the wrong one."""
        names = [field.name for field in fields(cls) if field.default is MISSING]
        if not isinstance(values, Mapping) or set(values) - {"single"} != set(names):
            raise GlassnetError(f"must have exactly {', '.join(names)}.", where="preprocessing")
        for name, value in values.items():
            if name in ("height", "width"):
                valid = type(value) is int and 1 <= value <= _MOST
            elif name in ("low", "high"):
                valid = type(value) in (int, float) and abs(value) < 1e30  # excludes NaN
            elif name == "single":
                valid = value is False
            else:
                valid = value in ("dark", "light", "none")
            if not valid:
                raise GlassnetError(f"can't be {value!r}.", where=f"preprocessing: {name}")
        if not values["low"] < values["high"]:
            raise GlassnetError("low must be below high.", where="preprocessing")
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON values, `single` only if it is false."""
        values = asdict(self)
        return {name: value for name, value in values.items() if name != "single" or not value}
