"""Read a user's photo and convert it to the form of a network's training images.

If the training images show objects on a plain background, as Fashion-MNIST was made from shop
photos: grayscale, cropped to the object, scaled until its longer side fills the image, centered,
with the background of the training images. Otherwise as `pictures.py` reads them, nothing else.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.data.images.doubts import COARSE, doubts_about
from glassnet.data.images.figure import Figure, edges, fitting, scaled, separated
from glassnet.data.images.frames import unframed
from glassnet.data.images.image_file import from_0_to_255, opened, upright
from glassnet.data.images.pictures import read_picture
from glassnet.data.images.preprocessing import Preprocessing

if TYPE_CHECKING:
    from PIL.Image import Image

_WORKING = 1024  # pixels on the longer side; the steps below need no more
_FILLED = 0.9  # of a side: a photo with such an object and the right proportions is not cropped
_PROPORTIONS = 0.03  # tolerance of their logarithm


@dataclass(frozen=True, eq=False)
class Photo:
    """A photo ready for the network: pixels (H, W) or (H, W, C) float32 in the range of the
    training images.

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
    over 200 MB in memory, or, where an object is looked for, shows nothing.
    """
    low, high = preprocessing.low, preprocessing.high
    if preprocessing.background == "none":
        picture, size = _picture(str(path), preprocessing)
        return Photo(_in_range(picture, low, high), "as it is", size)
    gray, size = _decoded(str(path), preprocessing)
    contrast = float(np.ptp(gray))
    if not contrast >= 4:  # also if it is NaN
        raise GlassnetError(
            "shows nothing: it is equally bright all over.",
            where=str(path),
            fix="Use another photo.",
        )
    shape = preprocessing.height, preprocessing.width
    has_size, light = gray.shape == shape, preprocessing.background == "light"
    picture = gray if has_size else unframed(gray)
    bright_edges = bool(np.median(edges(picture)) > picture.min() + contrast / 2)
    inverted = bright_edges != light
    figure = separated(255 - picture if bright_edges else picture)
    doubts: tuple[str, ...] = ()
    if preprocessing.single and min(gray.shape) >= COARSE:
        doubts = doubts_about(figure, shape)
    if not has_size:
        placed = _placed(figure, shape)
        picture = 255 - placed if light else placed
    elif inverted:
        picture = 255 - picture
    polarity: Literal["as it is", "inverted"] = "inverted" if inverted else "as it is"
    return Photo(_in_range(picture, low, high), polarity, size, doubts)


def _in_range(picture: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return values from 0 to 255 in another range, in float32."""
    return np.float32(low) + picture.astype(np.float32) * np.float32((high - low) / 255)


def _picture(path: str, preprocessing: Preprocessing) -> tuple[np.ndarray, tuple[int, int]]:
    """Return the picture in bytes, and its size in the file."""
    with opened(path) as image:
        size = image.size
    channels = preprocessing.channels or 1
    pixels = read_picture(path, preprocessing.height, preprocessing.width, channels)
    return pixels.reshape(preprocessing.shape), size


def _decoded(path: str, preprocessing: Preprocessing) -> tuple[np.ndarray, tuple[int, int]]:
    """Return the grayscale photo, float32 from 0 to 255, and its size in the file."""
    height, width = preprocessing.height, preprocessing.width
    largest = max(_WORKING, 4 * height, 4 * width)
    with opened(path) as image:
        size = image.size
        scaled = from_0_to_255(image)
        mode = "RGBA" if image.has_transparency_data else "L"
        convert = scaled or (lambda part: part.convert(mode))
        photo = upright(image, "L", (8 * width, 8 * height), largest, convert, path)
        photo.thumbnail((largest, largest))
        return _gray(photo), size


def _gray(image: "Image") -> np.ndarray:
    if image.mode != "RGBA":
        return np.asarray(image, np.float32)
    gray = np.asarray(image.convert("L"), np.float32)
    alpha = np.asarray(image.getchannel("A")) / 255
    # On a white background, as in shop photos, unless the object would be invisible on it.
    background = 255 if (gray * alpha).sum() <= 192 * alpha.sum() else 0
    return (gray * alpha + background * (1 - alpha)).astype(np.float32)


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
