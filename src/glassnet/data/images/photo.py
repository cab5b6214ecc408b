"""Read a user's photo and convert it to the form of a network's training images.

If the training images show objects on a plain background, as Fashion-MNIST was made from shop
photos: grayscale, cropped to the object, scaled until its longer side fills the image, centered,
with the background of the training images. Otherwise grayscale and scaled, nothing else.
"""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.core.files import open_file
from glassnet.data.images.doubts import COARSE, doubts_about
from glassnet.data.images.figure import Figure, edges, fitting, scaled, separated
from glassnet.data.images.frames import unframed
from glassnet.data.images.preprocessing import Preprocessing

if TYPE_CHECKING:
    from PIL.Image import Image

_MOST = 100_000_000  # pixels; a file of a few kB can declare more than fits in memory
_MOST_BYTES = 200_000_000  # of decoded pixels
_BYTES = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2}  # of a pixel in Pillow; 4 in other modes
_STRIP = 16  # rows of the reduced photo that are converted at a time
_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM")  # not EPS, which runs a program
_WORKING = 1024  # pixels on the longer side; the steps below need no more
_FILLED = 0.9  # of a side: a photo with such an object and the right proportions is not cropped
_PROPORTIONS = 0.03  # tolerance of their logarithm


@dataclass(frozen=True, eq=False)
class Photo:
    """A photo ready for the network: pixels (H, W) float32 in the range of the training images.

    `polarity` is "inverted" if bright and dark were swapped; `size` is the photo's own, (w, h).
    `doubts` are the reasons why it can't be like the training images, each a part of a sentence.
    """

    pixels: np.ndarray
    polarity: Literal["as it is", "inverted"]
    size: tuple[int, int]
    doubts: tuple[str, ...] = ()


def read_photo(path: str | Path, preprocessing: Preprocessing) -> Photo:
    """Read a photo of any size from an image file, rotated upright by its EXIF orientation.

    If the training images show objects on a plain background, the object is cropped, scaled and
    centered, and the photo is inverted if its edges are bright and the background of the training
    images is dark, or vice versa. If they have no such background, the photo is only scaled, to
    their proportions. A photo that already has the training size is not cropped or scaled. Raises
    GlassnetError if the file is not an image, is damaged, has over 100 million pixels, would take
    over 200 MB in memory, or shows nothing.
    """
    gray, size = _decoded(str(path), preprocessing)
    contrast = float(np.ptp(gray))
    if not contrast >= 4:  # also if it is NaN
        raise GlassnetError(
            "shows nothing: it is equally bright all over.",
            where=str(path),
            fix="Use another photo.",
        )
    shape, inverted = (preprocessing.height, preprocessing.width), False
    doubts: tuple[str, ...] = ()
    has_size = gray.shape == shape
    if preprocessing.background == "none":
        picture = gray if has_size else 255 * np.clip(scaled(gray / 255, shape), 0, 1)
    else:
        light = preprocessing.background == "light"
        picture = gray if has_size else unframed(gray)
        bright_edges = bool(np.median(edges(picture)) > picture.min() + contrast / 2)
        inverted = bright_edges != light
        figure = separated(255 - picture if bright_edges else picture)
        if preprocessing.single and min(gray.shape) >= COARSE:
            doubts = doubts_about(figure, shape)
        if not has_size:
            placed = _placed(figure, shape)
            picture = 255 - placed if light else placed
        elif inverted:
            picture = 255 - picture
    low, high = preprocessing.low, preprocessing.high
    pixels = np.float32(low) + picture * np.float32((high - low) / 255)
    return Photo(pixels, "inverted" if inverted else "as it is", size, doubts)


def _decoded(path: str, preprocessing: Preprocessing) -> tuple[np.ndarray, tuple[int, int]]:
    """Return the grayscale photo, float32 from 0 to 255, and its size in the file."""
    from PIL import Image

    with (
        warnings.catch_warnings(action="ignore"),  # Pillow's about large images
        open_file(path, "Check the path.") as (file, _),
        _pillow_errors(path),
        Image.open(file, formats=_FORMATS) as image,
    ):
        size = image.size
        if size[0] * size[1] > _MOST:
            raise Image.DecompressionBombError
        # A JPEG can be decoded at a fraction of its size, which saves most of the time.
        image.draft("L", (8 * preprocessing.width, 8 * preprocessing.height))
        _require_memory(image, size, path)
        return _gray(image, preprocessing), size


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


def _gray(image: "Image", preprocessing: Preprocessing) -> np.ndarray:
    from PIL import ImageOps

    largest = max(_WORKING, 4 * preprocessing.height, 4 * preprocessing.width)
    image = _reduced(image, largest)
    image.thumbnail((largest, largest))
    ImageOps.exif_transpose(image, in_place=True)
    if image.mode != "RGBA":
        return np.asarray(image, np.float32)
    gray = np.asarray(image.convert("L"), np.float32)
    alpha = np.asarray(image.getchannel("A")) / 255
    # On a white background, as in shop photos, unless the object would be invisible on it.
    background = 255 if (gray * alpha).sum() <= 192 * alpha.sum() else 0
    return (gray * alpha + background * (1 - alpha)).astype(np.float32)


def _reduced(image: "Image", largest: int) -> "Image":
    """Return the image as L, RGBA or F, its longer side reduced to at least twice `largest`.

    It is converted strip by strip: copies of the whole would take many times its memory.
    """
    from PIL import Image

    exif = image.getexif()
    factor = max(1, max(image.size) // (2 * largest))
    width, height = (-(-side // factor) for side in image.size)
    convert = _converter(image)
    result: Image.Image | None = None
    for top in range(0, height, _STRIP):
        bottom = min(height, top + _STRIP)
        box = 0, top * factor, image.size[0], min(image.size[1], bottom * factor)
        strip = convert(image.crop(box)).reduce(factor)
        result = result or Image.new(strip.mode, (width, height))
        result.paste(strip, (0, top))
    assert result is not None
    result.info["exif"] = exif.tobytes()  # the orientation
    return result


def _converter(image: "Image") -> Callable[["Image"], "Image"]:
    """Return the function that converts a part of the image to L, RGBA or, from 0 to 255, F."""
    import PIL.Image

    if image.mode[0] not in "IF":
        mode = "RGBA" if image.has_transparency_data else "L"
        return lambda part: part.convert(mode)
    # 16 bits or more, which convert("L") would clip at 255
    peak = 65535.0 if image.mode[0] == "I" else max(float(image.getextrema()[1]), 1e-9)  # type: ignore[arg-type]

    def scaled(part: "Image") -> "Image":
        values = np.asarray(part, np.float32) * (255 / peak)
        return PIL.Image.fromarray(np.clip(values, 0, 255))

    return scaled


def _placed(figure: Figure, shape: tuple[int, int]) -> np.ndarray:
    """Return the object from 0 to 255, centered, at the largest size that fits."""
    values, (height, width) = figure.values, shape
    if (box := figure.box) is not None:
        crop = values[box]
        filled = max(np.divide(crop.shape, values.shape))
        fits = abs(np.log(values.shape[0] * width / (values.shape[1] * height))) < _PROPORTIONS
        if not (fits and filled > _FILLED):
            values = crop
    small = scaled(values, fitting(values.shape, shape))
    h, w = small.shape
    picture = np.zeros(shape, np.float32)
    # As in Fashion-MNIST, an odd pixel goes above.
    top, left = (height - h + 1) // 2, (width - w + 1) // 2
    picture[top : top + h, left : left + w] = 255 * np.clip(small, 0, 1)
    return picture
