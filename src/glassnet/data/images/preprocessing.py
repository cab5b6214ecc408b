"""The form of a network's training images, to which pictures in files are brought."""

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
_OPTIONAL = {"single", "channels"}
_NEAR = 0.1  # of the range: a background is as near to black or white


@dataclass(frozen=True)
class Preprocessing:
    """Images of height × width pixels, with values from `low` (black) to `high` (white).

    Images of `channels` have an axis for them, of 1 gray or 3 RGB; None is without this axis. With
    a background, dark or light, photos of other objects are brought to it, and each image shows a
    `single` object, or it does not. With the background "none", pictures are only scaled.
    """

    height: int
    width: int
    low: float
    high: float
    background: Literal["dark", "light", "none"]
    single: bool = True
    channels: int | None = None

    @classmethod
    def fitted(cls, x_train: np.ndarray, objects: bool = False) -> Self | None:
        """Return the form of the images (N, H, W) or (N, H, W, 1 or 3); None if they are none.

        Bytes with values above 16 range from 0 to 255; all others from their minimum to their
        maximum. A background is looked for only if the images show `objects`, and no colors: it is
        dark if most edge pixels are nearly black, light if most are nearly white.
        """
        if x_train.ndim not in (3, 4) or not x_train.size or max(x_train.shape[1:]) > _MOST:
            return None
        channels = x_train.shape[3] if x_train.ndim == 4 else None
        if channels not in (None, 1, 3):
            return None
        low, high = float(x_train.min()), float(x_train.max())
        if x_train.dtype == np.uint8 and high > 16:
            low, high = 0.0, 255.0
        if not low < high:
            return None
        _, height, width, *_ = x_train.shape
        if not objects or channels is not None:
            return cls(height, width, low, high, "none", channels=channels)
        brightness = (edges(x_train).astype(np.float64) - low) / (high - low)
        dark, light = (brightness <= _NEAR).mean(), (brightness >= 1 - _NEAR).mean()
        background: Literal["dark", "light", "none"] = "dark" if dark > light else "light"
        if max(dark, light) <= _PLAIN:
            return cls(height, width, low, high, "none")
        if min(height, width) < COARSE:
            return cls(height, width, low, high, background)
        step = -(-len(x_train) // _EXAMINED)
        bright = (x_train[::step].astype(np.float32) - low) * (255 / (high - low))
        figures = [separated(255 - image if light > dark else image) for image in bright]
        doubtful = np.mean([bool(doubts_about(figure, (height, width))) for figure in figures])
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
        if not isinstance(values, Mapping) or set(values) - _OPTIONAL != set(names):
            raise GlassnetError(f"must have exactly {', '.join(names)}.", where="preprocessing")
        for name, value in values.items():
            if name in ("height", "width"):
                valid = type(value) is int and 1 <= value <= _MOST
            elif name in ("low", "high"):
                valid = type(value) in (int, float) and abs(value) < 1e30  # excludes NaN
            elif name == "single":
                valid = value is False
            elif name == "channels":
                valid = type(value) is int and value in (1, 3)
            else:
                valid = value in ("dark", "light", "none")
            if not valid:
                raise GlassnetError(f"can't be {value!r}.", where=f"preprocessing: {name}")
        if not values["low"] < values["high"]:
            raise GlassnetError("low must be below high.", where="preprocessing")
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON values, `single` and `channels` only if they are set."""
        own = {"single": True, "channels": None}
        return {k: v for k, v in asdict(self).items() if k not in own or v != own[k]}

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one image."""
        size = self.height, self.width
        return size if self.channels is None else (*size, self.channels)
