"""A person's own photo, brought to the form of the pictures that a network was trained on.

As Fashion-MNIST was made from shop photos: grey, cut to the object, its longer side filling the
picture, centred, background as in training.
"""

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.data.images.frames import unframed
from glassnet.data.images.preprocessing import Preprocessing, edges

if TYPE_CHECKING:
    from PIL.Image import Image

_MOST = 100_000_000  # pixels; a few kB can declare more than the memory holds
_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM")  # not EPS, which starts a program
_WORKING = 1024  # pixels on the longer side; what is done below needs no more
_EVEN = 0.5  # of the photo's contrast: a ground varies less
_OBJECT = 0.15  # of the object's contrast: fainter is shadow and noise
_SPECK = 0.005  # of a row or column: less is dust
_FILLED = (
    0.9  # of a side: such a photo is cut already, if its proportions (within _ALIKE) are right
)
_ALIKE = 0.03


@dataclass(frozen=True, eq=False)
class Photo:
    """A photo ready for the network: pixels (H, W) float32 in the range of the training pictures.

    `polarity` says whether bright and dark were exchanged; `size` is the photo's own, (w, h).
    """

    pixels: np.ndarray
    polarity: Literal["as it is", "inverted"]
    size: tuple[int, int]


def read_photo(path: str | Path, preprocessing: Preprocessing) -> Photo:
    """The photo in an image file, of any size, turned upright as the camera says.

    Bright edges where training has dark ones mean that it is inverted. A picture that already has
    the training size is not cut or scaled. Raises GlassnetError for what is not an image, is
    damaged, has over 100 million pixels, or shows nothing.
    """
    grey, size = _decoded(str(path), preprocessing)
    contrast = float(np.ptp(grey))
    if not contrast >= 4:  # nor is it a number, of a photo of NaN
        raise GlassnetError(
            "shows nothing: all of it is equally bright.", where=str(path), fix="Try another photo."
        )
    if grey.shape != (preprocessing.height, preprocessing.width):
        grey = unframed(grey)
    bright_edges = np.median(edges(grey)) > grey.min() + contrast / 2
    inverted = bright_edges != (preprocessing.background == "light")
    if grey.shape != (preprocessing.height, preprocessing.width):
        figure = _placed(255 - grey if bright_edges else grey, preprocessing)
        grey = figure if preprocessing.background == "dark" else 255 - figure
    elif inverted:
        grey = 255 - grey
    low, high = preprocessing.low, preprocessing.high
    pixels = np.float32(low) + grey * np.float32((high - low) / 255)
    return Photo(pixels, "inverted" if inverted else "as it is", size)


def _decoded(path: str, preprocessing: Preprocessing) -> tuple[np.ndarray, tuple[int, int]]:
    """The photo in grey, float32 from 0 to 255, and the size it has in the file."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of large images below our own limit
            with Image.open(path, formats=_FORMATS) as image:
                size = image.size
                if size[0] * size[1] > _MOST:
                    raise Image.DecompressionBombError
                # A JPEG can be decoded at a fraction of its size; that saves most of the time.
                image.draft("L", (8 * preprocessing.width, 8 * preprocessing.height))
                return _grey(ImageOps.exif_transpose(image), preprocessing), size
    except Image.DecompressionBombError as error:
        raise GlassnetError(
            "has more than 100 million pixels.", where=path, fix="Make it smaller first."
        ) from error
    except FileNotFoundError as error:
        raise GlassnetError("no such file.", where=path, fix="Check the path.") from error
    except UnidentifiedImageError as error:
        raise GlassnetError(
            "is not an image.", where=path, fix=f"Give one of {', '.join(_FORMATS)}."
        ) from error
    except Exception as error:  # Pillow's decoders raise anything at all for damaged files
        raise GlassnetError(
            f"can't be read as an image: {error}.", where=path, fix="The file may be damaged."
        ) from error


def _grey(image: "Image", preprocessing: Preprocessing) -> np.ndarray:
    import PIL.Image

    largest = max(_WORKING, 4 * preprocessing.height, 4 * preprocessing.width)
    if image.mode[0] in "IF":  # 16 bits or more, which convert("L") would cut off at 255
        values = np.asarray(image, np.float32)
        peak = 65535 if image.mode[0] == "I" else max(float(values.max()), 1e-9)
        image = PIL.Image.fromarray(np.clip(values * (255 / peak), 0, 255))
        image.thumbnail((largest, largest))
        return np.asarray(image)
    if not image.has_transparency_data:
        image = image.convert("L")
        image.thumbnail((largest, largest))
        return np.asarray(image, np.float32)
    image = image.convert("RGBA")
    image.thumbnail((largest, largest))
    grey, alpha = (
        np.asarray(image.convert("L"), np.float32),
        np.asarray(image.getchannel("A")) / 255,
    )
    # On white paper, as shops show things, unless the object would not be seen on it.
    paper = 255 if (grey * alpha).sum() <= 192 * alpha.sum() else 0
    return (grey * alpha + paper * (1 - alpha)).astype(np.float32)


def _placed(grey: np.ndarray, preprocessing: Preprocessing) -> np.ndarray:
    """A bright object on a dark ground, cut out, stretched to 0..255, centred and as large as fits.

    The ground is the median of the edges, plus the spread that they show.
    """
    from PIL import Image

    border = edges(grey)
    ground = np.median(border)
    spread = 2 * np.percentile(abs(border - ground), 75) + 2
    even = spread < _EVEN * np.ptp(grey)  # or there is no ground to take away
    figure = np.maximum(grey - (ground + spread if even else grey.min()), 0)
    peak = np.percentile(figure[figure > 0], 99) if figure.any() else 1.0
    figure = np.minimum(figure / peak, 1).astype(np.float32)

    seen = figure > _OBJECT
    rows = np.flatnonzero(seen.mean(axis=1) > _SPECK)
    columns = np.flatnonzero(seen.mean(axis=0) > _SPECK)
    height, width = preprocessing.height, preprocessing.width
    if rows.size and columns.size:
        cut = figure[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        filled = max(np.divide(cut.shape, figure.shape))
        alike = abs(np.log(figure.shape[0] * width / (figure.shape[1] * height))) < _ALIKE
        if not (alike and filled > _FILLED):
            figure = cut

    scale = min(height / figure.shape[0], width / figure.shape[1])
    h, w = (max(1, round(side * scale)) for side in figure.shape)
    small = Image.fromarray(figure).resize((w, h), Image.Resampling.LANCZOS)
    picture = np.zeros((height, width), np.float32)
    top, left = (height - h + 1) // 2, (width - w + 1) // 2  # an odd pixel goes above, as there
    picture[top : top + h, left : left + w] = 255 * np.clip(np.asarray(small), 0, 1)
    return picture
