"""Pictures as a network reads them: bytes of one size, gray or red, green and blue.

They are never cropped, inverted or framed. What `photo.py` does for clothes and digits would be a
guess for pictures of other things.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING

import numpy as np

from glassnet.core.files import state_of
from glassnet.data.cache import rows_of_files
from glassnet.data.images.image_file import from_0_to_255, opened, upright

if TYPE_CHECKING:
    from PIL.Image import Image

_GRAY = ("1", "L", "LA", "La", "I", "F")  # modes of Pillow; also those that begin with I;
_ORIENTATION, _TURNED = 0x0112, (5, 6, 7, 8)  # of EXIF: width and height are exchanged
_LARGER = 4  # times the size asked for: a picture is decoded at least so large


def read_picture(path: str, height: int, width: int, channels: int) -> np.ndarray:
    """Return the picture in a file, (height, width, channels) uint8; channels 1 are gray, 3 RGB.

    It is rotated upright by its EXIF orientation; transparent parts are white, 16 bits are scaled
    to 8; it is stretched to the size by bilinear interpolation over the area that a pixel covers.
    Raises GlassnetError if the file is not a picture, is damaged or too large.
    """
    from PIL import Image

    side = _LARGER * max(height, width)
    with opened(path) as image:
        mode = "L" if channels == 1 else "RGB"
        picture = upright(image, mode, (side, side), side, _converter(image, mode), path)
        if picture.size != (width, height):
            picture = picture.resize((width, height), Image.Resampling.BILINEAR)
        return np.asarray(picture).reshape(height, width, channels)


def read_pictures(paths: Sequence[str], height: int, width: int, channels: int) -> np.ndarray:
    """Return the pictures in the files, (N, height, width, channels) uint8; large arrays mapped."""
    read = partial(read_picture, height=height, width=width, channels=channels)
    return rows_of_files("picture", paths, (height, width, channels), "uint8", read)


def forms_of(paths: Sequence[str]) -> np.ndarray:
    """Return (height, width, channels) of the picture in each file, as they are.   (N, 3)"""
    return rows_of_files("form of a picture", paths, (3,), "int64", _form)


def _form(path: str) -> np.ndarray:
    return _form_in(path, state_of(path))


@lru_cache(maxsize=200_000)  # some of the files of a data set are looked at again
def _form_in(path: str, state: tuple[int, ...]) -> np.ndarray:
    with opened(path) as image:
        width, height = image.size
        if image.getexif().get(_ORIENTATION) in _TURNED:
            width, height = height, width
        return np.array([height, width, 1 if _is_gray(image) else 3])


def _is_gray(image: "Image") -> bool:
    if image.mode == "P" and (palette := image.getpalette("RGB")):
        colors = np.array(palette).reshape(-1, 3)
        return bool((colors == colors[:, :1]).all())
    return image.mode in _GRAY or image.mode.startswith("I;")


def _converter(image: "Image", mode: str) -> Callable[["Image"], "Image"]:
    """Return the function that converts a part of the image to this mode, L or RGB."""
    from PIL import Image

    if (scaled := from_0_to_255(image)) is not None:
        return lambda part: Image.fromarray(
            np.rint(np.asarray(scaled(part))).astype(np.uint8)
        ).convert(mode)
    if not image.has_transparency_data:
        return lambda part: part.convert(mode)

    def on_white(part: Image.Image) -> Image.Image:
        colors = part.convert("RGBA")
        white = Image.new("RGBA", colors.size, "white")
        return Image.alpha_composite(white, colors).convert(mode)

    return on_white
