"""What a network saw of a photo, as people can look at it: in a terminal, or as a picture."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.core.files import write_whole

_SHADES = " ░▒▓█"
_WIDEST = 64  # columns of a terminal, two for each pixel
_SCALE = 8  # screen pixels for each pixel


def drawn(picture: np.ndarray) -> list[str]:
    """A picture (H, W) from 0 to 1 in block characters, two for each pixel; the denser, the
    brighter. Of a large picture, only every so many rows and columns.
    """
    step = max(1, math.ceil(2 * max(picture.shape) / _WIDEST))
    levels = np.clip((picture[::step, ::step] * len(_SHADES)).astype(int), 0, len(_SHADES) - 1)
    return ["".join(2 * _SHADES[level] for level in row) for row in levels]


def write_seen(pictures: Sequence[np.ndarray], out: str | Path) -> Path:
    """Write the pictures as a PNG file, side by side, enlarged; where it was written."""
    import io

    from PIL import Image

    path = Path(out)
    if not pictures:
        raise GlassnetError("texts are not seen.", where="--seen", fix="Leave it out.")
    if path.suffix.lower() != ".png":
        raise GlassnetError("writes PNG.", where=f"--seen {out}", fix="Name a .png file.")
    side = np.concatenate([np.pad(p, 1, constant_values=0.5) for p in pictures], axis=1)
    pixels = np.clip(side * 255, 0, 255).astype(np.uint8)
    large = pixels.repeat(_SCALE, axis=0).repeat(_SCALE, axis=1)
    held = io.BytesIO()
    Image.fromarray(large).save(held, "PNG")
    write_whole(path, held.getvalue())
    return path
