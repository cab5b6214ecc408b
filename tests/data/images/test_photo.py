"""Photos of all sizes, formats and polarities give back the images they were made from."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from glassnet.core.errors import GlassnetError
from glassnet.data import Dataset
from glassnet.data.images.photo import read_photo
from glassnet.data.images.preprocessing import Preprocessing
from tests.photos import SCENES, crop

FASHION = Preprocessing(28, 28, 0.0, 255.0, "dark")
# Images of different classes that fill the 28 pixels, on a dark background.
SHOWN = [0, 1, 3, 5, 6, 8, 11, 18, 35]


def photographed(picture: np.ndarray, *, paper: int, ink: int, noise: float = 3.0) -> Image.Image:
    """The image as a large photo, off center, on a background of this brightness, with noise."""
    large = Image.fromarray(picture).resize((420, 420), Image.Resampling.BICUBIC)
    values = paper + (ink - paper) * (np.asarray(large, np.float32) / 255)
    photo = np.full((600, 900), float(paper), np.float32)
    photo[100:520, 300:720] = values
    photo += np.random.default_rng(0).normal(0, noise, photo.shape)
    return Image.fromarray(np.clip(photo, 0, 255).astype(np.uint8))


def likeness(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a.reshape(-1), b.reshape(-1))[0, 1])


@pytest.mark.parametrize(("paper", "ink", "polarity"), [
    (255, 0, "inverted"), (200, 30, "inverted"), (0, 255, "as it is"), (60, 220, "as it is"),
])  # fmt: skip
@pytest.mark.parametrize("index", SHOWN)
def test_a_photo_becomes_the_picture(
    fashion: Dataset, tmp_path: Path, paper: int, ink: int, polarity: str, index: int
) -> None:
    picture = fashion.x_train[index]
    photographed(picture, paper=paper, ink=ink).save(tmp_path / "photo.jpg", quality=85)
    photo = read_photo(tmp_path / "photo.jpg", FASHION)
    assert photo.pixels.shape == (28, 28)
    assert photo.pixels.dtype == np.float32
    assert photo.pixels.min() >= 0
    assert photo.pixels.max() <= 255
    assert photo.polarity == polarity
    assert photo.size == (900, 600)
    assert likeness(photo.pixels, picture) > 0.87  # a shift by one pixel turns 0.99 into 0.87


@pytest.mark.parametrize("index", SHOWN)
def test_the_training_size_is_left_as_it_is(fashion: Dataset, tmp_path: Path, index: int) -> None:
    picture = fashion.x_train[index]
    Image.fromarray(picture).save(tmp_path / "same.png")
    photo = read_photo(tmp_path / "same.png", FASHION)
    assert photo.polarity == "as it is"
    np.testing.assert_array_equal(photo.pixels, picture)
    Image.fromarray(255 - picture).save(tmp_path / "negative.png")
    photo = read_photo(tmp_path / "negative.png", FASHION)
    assert photo.polarity == "inverted"
    np.testing.assert_array_equal(photo.pixels, picture)


def test_the_range_and_ground_of_training(fashion: Dataset, tmp_path: Path) -> None:
    picture = fashion.x_train[0]
    Image.fromarray(picture).save(tmp_path / "same.png")
    digits = Preprocessing(28, 28, 0.0, 16.0, "dark")
    np.testing.assert_allclose(
        read_photo(tmp_path / "same.png", digits).pixels, picture * (16 / 255), rtol=1e-6
    )
    light = Preprocessing(28, 28, -1.0, 1.0, "light")
    photo = read_photo(tmp_path / "same.png", light)
    assert photo.polarity == "inverted"
    np.testing.assert_allclose(photo.pixels, 1 - picture / 127.5, atol=1e-6)
    photographed(picture, paper=230, ink=20).save(tmp_path / "large.png")
    photo = read_photo(tmp_path / "large.png", light)
    assert photo.polarity == "as it is"
    assert likeness(photo.pixels, 1 - picture / 127.5) > 0.9
    assert photo.pixels[0, 0] == 1


def test_wide_and_narrow_training_pictures(tmp_path: Path) -> None:
    values = np.zeros((300, 300), np.uint8)
    values[100:150, 50:250] = 200
    Image.fromarray(values).save(tmp_path / "bar.png")
    pixels = read_photo(tmp_path / "bar.png", Preprocessing(20, 40, 0, 1, "dark")).pixels
    seen = pixels > 0.5
    assert seen.any(axis=0).sum() == 40  # as wide as fits
    assert seen.any(axis=1).sum() == 10  # with its own proportions
    assert seen[5:15].all()


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "P", "CMYK", "1", "I;16", "I", "F"])
def test_kinds_of_image(tmp_path: Path, mode: str) -> None:
    values = np.full((90, 90), 255, np.uint8)
    values[20:70, 30:60] = 0
    gray = Image.fromarray(values)
    if mode == "I;16":
        image = Image.fromarray(values.astype(np.uint16) * 257)
    elif mode == "I":
        image = Image.fromarray(values.astype(np.int32) * 257)
    elif mode == "F":
        image = Image.fromarray(values / np.float32(255))
    else:
        image = gray.convert("RGB").convert(mode) if mode == "CMYK" else gray.convert(mode)
    image.save(tmp_path / "image.tif")
    photo = read_photo(tmp_path / "image.tif", FASHION)
    assert photo.polarity == "inverted"
    assert photo.pixels[14, 14] == 255
    assert (photo.pixels > 128).any(axis=0).sum() in (16, 17, 18)


@pytest.mark.parametrize("ink", [0, 120, 255])
def test_transparent_grounds(tmp_path: Path, ink: int) -> None:
    """The object is visible in any color, whatever the color of the transparent background."""
    values = np.full((90, 90, 4), ink, np.uint8)
    values[..., 3] = 0
    values[20:70, 30:60, 3] = 255
    Image.fromarray(values).save(tmp_path / "cut-out.png")
    pixels = read_photo(tmp_path / "cut-out.png", FASHION).pixels
    assert pixels[14, 14] == 255
    assert pixels[14, 0] == 0


def test_the_camera_lay_on_its_side(tmp_path: Path) -> None:
    values = np.full((200, 300), 250, np.uint8)
    values[40:160, 100:140] = 10  # upright
    exif = Image.Exif()
    exif[0x0112] = 6  # rotate clockwise: stored on its side
    Image.fromarray(np.rot90(values)).save(tmp_path / "turned.jpg", exif=exif)
    pixels = read_photo(tmp_path / "turned.jpg", FASHION).pixels
    assert (pixels > 128).any(axis=1).sum() == 28
    assert (pixels > 128).any(axis=0).sum() < 14


def test_dust_is_overlooked(tmp_path: Path) -> None:
    values = np.full((600, 600), 240, np.uint8)
    values[200:400, 250:350] = 20
    values[10, 10] = values[590, 300] = 0
    Image.fromarray(values).save(tmp_path / "dust.png")
    assert (read_photo(tmp_path / "dust.png", FASHION).pixels > 128).any(axis=1).sum() == 28


def test_nothing_to_see(tmp_path: Path) -> None:
    for size in ((28, 28), (300, 200)):
        Image.new("L", size, 77).save(tmp_path / "blank.png")
        with pytest.raises(GlassnetError, match="shows nothing"):
            read_photo(tmp_path / "blank.png", FASHION)


def png_that_declares(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("side", [10_001, 20_000, 1_000_000])
def test_bombs_are_refused_before_decoding(tmp_path: Path, side: int) -> None:
    (tmp_path / "bomb.png").write_bytes(png_that_declares(side, side))
    with pytest.raises(GlassnetError, match="more than 100 million pixels"):
        read_photo(tmp_path / "bomb.png", FASHION)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is not an image"),
        (b"GIF89a", "is not an image|can't be read"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "is not an image"),
        (png_that_declares(300, 300), "can't be read as an image"),
        (png_that_declares(300, 300)[:40], "can't be read as an image|is not an image"),
    ],
)
def test_what_is_no_image(tmp_path: Path, data: bytes, words: str) -> None:
    (tmp_path / "image.png").write_bytes(data)
    with pytest.raises(GlassnetError, match=words) as caught:
        read_photo(tmp_path / "image.png", FASHION)
    assert caught.value.where == str(tmp_path / "image.png")


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(GlassnetError, match="No such file"):
        read_photo(tmp_path / "none.png", FASHION)
    with pytest.raises(GlassnetError, match="Is a directory"):
        read_photo(tmp_path, FASHION)


@given(place=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255), kind=st.sampled_from(
    ["PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM"]
))  # fmt: skip
def test_damage_anywhere(
    tmp_path_factory: pytest.TempPathFactory, place: float, byte: int, kind: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged"
    values = np.zeros((40, 40), np.uint8)
    values[10:30, 10:30] = np.arange(200, 220)
    Image.fromarray(values).save(path, kind)
    data = bytearray(path.read_bytes())
    data[int(place * len(data))] = byte
    path.write_bytes(data)
    try:
        photo = read_photo(path, FASHION)
    except GlassnetError:
        return
    assert photo.pixels.shape == (28, 28)
    assert np.isfinite(photo.pixels).all()


@pytest.mark.parametrize(("color", "megabytes"), [(2, 400), (6, 400), (0, None)])
def test_what_would_take_much_memory_is_refused_before_decoding(
    tmp_path: Path, color: int, megabytes: int | None
) -> None:
    data = bytearray(png_that_declares(9999, 9999))
    data[25] = color  # of the header: gray, RGB or RGBA
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    (tmp_path / "large.png").write_bytes(data)
    words = f"would take {megabytes} MB" if megabytes else "can't be read as an image"  # damaged
    with pytest.raises(GlassnetError, match=words):
        read_photo(tmp_path / "large.png", FASHION)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "I;16", "P"])
def test_strips_give_what_the_whole_gives(
    tmp_path: Path, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    gray = np.zeros((2507, 3001), np.uint8)
    gray[600:2000, 1000:1800] = np.linspace(100, 250, 800).astype(np.uint8)
    image: Image.Image = Image.fromarray(gray)
    if mode == "I;16":
        image = Image.fromarray(gray.astype(np.uint16) * 257)
    elif mode != "L":
        image = image.convert(mode)
    image.save(tmp_path / "large.png")
    strips = read_photo(tmp_path / "large.png", FASHION).pixels
    monkeypatch.setattr("glassnet.data.images.image_file._STRIP", 10_000)
    np.testing.assert_array_equal(strips, read_photo(tmp_path / "large.png", FASHION).pixels)
    assert strips.max() > 200


def natural(count: int, side: int = 32) -> np.ndarray:
    """Parts of natural photos, some bright at the edges and some dark."""
    rng = np.random.default_rng(0)
    small = [Image.fromarray(crop(scene, rng)).resize((side, side)) for _ in range(count // 2)
             for scene in SCENES]  # fmt: skip
    return np.stack([np.asarray(image, np.float32) for image in small]).astype(np.uint8)


def test_natural_photos_are_as_the_training_pictures_were(tmp_path: Path) -> None:
    """Neither inverted nor cropped nor stretched in brightness, whatever their edges."""
    pictures = natural(60)
    preprocessing = Preprocessing.fitted(pictures, objects=True)
    assert preprocessing == Preprocessing(32, 32, 0.0, 255.0, "none")
    for picture in pictures[:20]:
        Image.fromarray(picture).save(tmp_path / "same.png")
        photo = read_photo(tmp_path / "same.png", preprocessing)
        np.testing.assert_array_equal(photo.pixels, picture)
        assert photo.polarity == "as it is"
        large = Image.fromarray(picture).resize((320, 320), Image.Resampling.BICUBIC)
        large.save(tmp_path / "large.png")
        photo = read_photo(tmp_path / "large.png", preprocessing)
        assert likeness(photo.pixels, picture) > 0.97
        assert abs(photo.pixels.mean() - picture.mean()) < 2
        assert photo.doubts == ()
        assert photo.polarity == "as it is"


def test_pictures_of_objects_on_white_stay_on_white(fashion: Dataset, tmp_path: Path) -> None:
    pictures = 255 - fashion.x_train[:300]
    preprocessing = Preprocessing.fitted(pictures, objects=True)
    assert preprocessing == Preprocessing(28, 28, 0.0, 255.0, "light")
    for picture in pictures[:10]:
        Image.fromarray(picture).save(tmp_path / "same.png")
        photo = read_photo(tmp_path / "same.png", preprocessing)
        np.testing.assert_array_equal(photo.pixels, picture)


def test_a_mix_of_dark_and_light_backgrounds_is_left_as_it_is(
    fashion: Dataset, tmp_path: Path
) -> None:
    pictures = fashion.x_train[:300].copy()
    pictures[::2] = 255 - pictures[::2]
    preprocessing = Preprocessing.fitted(pictures, objects=True)
    assert preprocessing is not None
    assert preprocessing.background == "none"
    for picture in pictures[:10]:
        Image.fromarray(picture).save(tmp_path / "same.png")
        np.testing.assert_array_equal(
            read_photo(tmp_path / "same.png", preprocessing).pixels, picture
        )
