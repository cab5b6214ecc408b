"""Show the preprocessed photo that a network receives: in a terminal, or as a PNG file."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.core.files import write_whole

_SHADES = " ░▒▓█"
_WIDEST = 64  # columns in a terminal, two for each pixel
_SCALE = 8  # screen pixels for each pixel


def drawn(picture: np.ndarray) -> list[str]:
    """Return an image (H, W) from 0 to 1 as lines of block characters, two for each pixel; denser
    is brighter. Of a large image, rows and columns are skipped.
    """
    step = max(1, math.ceil(2 * max(picture.shape) / _WIDEST))
    levels = np.clip((picture[::step, ::step] * len(_SHADES)).astype(int), 0, len(_SHADES) - 1)
    return ["".join(2 * _SHADES[level] for level in row) for row in levels]


def write_seen(pictures: Sequence[np.ndarray], out: str | Path) -> Path:
    """Write the images side by side, enlarged, to a PNG file; return its path."""
    import io

    from PIL import Image

    path = Path(out)
    if not pictures:
        raise GlassnetError(
            "only images can be shown, not texts.", where="--seen", fix="Leave it out."
        )
    if path.suffix.lower() != ".png":
        raise GlassnetError(
            "must be a PNG file.", where=f"--seen {out}", fix="Use a name that ends in .png."
        )
    row = np.concatenate([np.pad(p, 1, constant_values=0.5) for p in pictures], axis=1)
    pixels = np.clip(row * 255, 0, 255).astype(np.uint8)
    enlarged = pixels.repeat(_SCALE, axis=0).repeat(_SCALE, axis=1)
    buffer = io.BytesIO()
    Image.fromarray(enlarged).save(buffer, "PNG")
    write_whole(path, buffer.getvalue())
    return path
