"""Picture files, which are not trusted: their size, memory and form are checked before decoding."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.core.files import open_file

if TYPE_CHECKING:
    from PIL.Image import Image

_MOST = 100_000_000  # pixels; a file of a few kB can declare more than fits in memory
_MOST_BYTES = 200_000_000  # of decoded pixels
_BYTES = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2}  # of a pixel in Pillow; 4 in other modes
_SMALL = 2**18  # pixels up to which a picture is converted at once
_STRIP = 16  # rows of the reduced picture that are converted at a time
_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM")  # not EPS, which runs a program


@contextmanager
def opened(path: str | Path) -> Iterator["Image"]:
    """Yield the picture in a file, whose pixels are not decoded yet.

    Raises GlassnetError, also for whatever Pillow raises in the context, if the file is not a
    picture, is damaged, or has over 100 million pixels.
    """
    from PIL import Image

    with (
        warnings.catch_warnings(action="ignore"),  # Pillow's about large images
        open_file(path, "Check the path.") as (file, _),
        _pillow_errors(str(path)),
        Image.open(file, formats=_FORMATS) as image,
    ):
        if image.size[0] * image.size[1] > _MOST:
            raise Image.DecompressionBombError
        yield image


@contextmanager
def _pillow_errors(path: str) -> Iterator[None]:
    """Turn whatever Pillow raises into GlassnetError: its decoders raise all kinds of errors."""
    from PIL import Image, UnidentifiedImageError

    try:
        yield
    except GlassnetError:
        raise
    except Image.DecompressionBombError as error:
        raise GlassnetError(
            "has more than 100 million pixels.", where=path, fix="Make it smaller first."
        ) from error
    except UnidentifiedImageError as error:
        raise GlassnetError(
            "is not an image.", where=path, fix=f"Use one of {', '.join(_FORMATS)}."
        ) from error
    except Exception as error:
        raise GlassnetError(
            f"can't be read as an image: {error}.", where=path, fix="The file may be damaged."
        ) from error


def upright(
    image: "Image", mode: str, least: tuple[int, int], largest: int,
    convert: Callable[["Image"], "Image"], path: str,
) -> "Image":  # fmt: skip
    """Return the decoded picture, converted, reduced and rotated upright by its EXIF orientation.

    A JPEG is decoded at a fraction of its size, of at least the `least` (width, height), as
    the `mode` L or RGB. The longer side is then reduced to at least twice `largest`, if it is more.
    Raises GlassnetError if the pixels take over 200 MB of memory.
    """
    from PIL import ImageOps

    size = image.size
    image.draft(mode, least)
    _require_memory(image, size, path)
    image = _reduced(image, largest, convert)
    ImageOps.exif_transpose(image, in_place=True)
    return image


def _require_memory(image: "Image", size: tuple[int, int], path: str) -> None:
    """Raise if the pixels would take too much memory once they are decoded."""
    pixels = image.size[0] * image.size[1]
    if image.format == "WEBP":  # its decoder copies the pixels twice
        need = 12 * pixels
    elif "progressive" in image.info:  # a JPEG that is read as a whole, whatever the draft
        need = 4 * size[0] * size[1]
    else:
        need = _BYTES.get(image.mode, 4) * pixels
    if need > _MOST_BYTES:
        raise GlassnetError(
            f"would take {need / 1e6:.0f} MB of memory, more than {_MOST_BYTES / 1e6:.0f}.",
            where=path,
            fix="Make it smaller first.",
        )


def _reduced(image: "Image", largest: int, convert: Callable[["Image"], "Image"]) -> "Image":
    """Return the converted image, its longer side reduced to at least twice `largest`.

    A large one is converted strip by strip: copies of the whole would take many times its memory.
    """
    from PIL import Image

    exif = image.getexif()
    factor = max(1, max(image.size) // (2 * largest))
    width, height = (-(-side // factor) for side in image.size)
    strip_rows = height if image.size[0] * image.size[1] <= _SMALL else _STRIP
    result: Image.Image | None = None
    for top in range(0, height, strip_rows):
        bottom = min(height, top + strip_rows)
        box = 0, top * factor, image.size[0], min(image.size[1], bottom * factor)
        strip = convert(image.crop(box)).reduce(factor)
        result = result or Image.new(strip.mode, (width, height))
        result.paste(strip, (0, top))
    assert result is not None
    result.info["exif"] = exif.tobytes()  # the orientation
    return result


def from_0_to_255(image: "Image") -> Callable[["Image"], "Image"] | None:
    """Return the function that scales a part of an image of 16 bits or more to F, from 0 to 255.

    None if it has 8 bits. Pillow's conversion to L would clip at 255.
    """
    import PIL.Image

    if image.mode[0] not in "IF":
        return None
    peak = 65535.0 if image.mode[0] == "I" else max(float(image.getextrema()[1]), 1e-9)  # type: ignore[arg-type]

    def scaled(part: "Image") -> "Image":
        values = np.asarray(part, np.float32) * (255 / peak)
        return PIL.Image.fromarray(np.clip(values, 0, 255))

    return scaled
