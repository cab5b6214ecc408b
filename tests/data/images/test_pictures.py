"""Pictures in all forms become the same bytes, and never anything else than what they show."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from glassnet.core.errors import GlassnetError
from glassnet.data.images.pictures import forms_of, read_picture, read_pictures

COLORS = np.random.default_rng(0).integers(0, 256, (12, 10, 3), np.uint8)


def saved(path: Path, array: np.ndarray, **options: object) -> str:
    Image.fromarray(array).save(path, **options)  # type: ignore[arg-type]
    return str(path)


@pytest.mark.parametrize("end", ["png", "bmp", "tiff", "webp", "ppm", "gif"])
def test_bytes_are_read_as_they_are(tmp_path: Path, end: str) -> None:
    array = COLORS[:, :, :1].repeat(3, 2) if end == "gif" else COLORS  # 256 colors
    path = saved(tmp_path / f"a.{end}", array, **{"lossless": True} if end == "webp" else {})
    np.testing.assert_array_equal(read_picture(path, 12, 10, 3), array)


@given(st.integers(1, 9), st.integers(1, 9), st.booleans(), st.integers(0, 2**32 - 1))
def test_a_png_of_the_size_is_not_changed(
    tmp_path_factory: pytest.TempPathFactory, height: int, width: int, gray: bool, seed: int
) -> None:
    """Whatever it shows: bright or dark edges, a frame, one color all over."""
    array = np.random.default_rng(seed).integers(0, 256, (height, width, 1 if gray else 3))
    array[0] = array[:, 0] = seed % 256
    array = array.astype(np.uint8)
    path = tmp_path_factory.mktemp("a") / "a.png"
    Image.fromarray(array[:, :, 0] if gray else array).save(path)
    np.testing.assert_array_equal(read_picture(str(path), height, width, array.shape[2]), array)


def test_sizes_are_stretched_with_antialiasing(tmp_path: Path) -> None:
    fine = np.zeros((64, 64), np.uint8)
    fine[:, ::2] = 255  # of which every second pixel alone would be black
    small = read_picture(saved(tmp_path / "a.png", fine), 16, 8, 1)
    assert small.shape == (16, 8, 1)
    assert (abs(small[:, 1:-1].astype(int) - 128) < 4).all()
    large = np.zeros((3000, 2000, 3), np.uint8)
    large[:1500, :, 0] = 255
    for name in ("a.png", "a.jpg"):
        read = read_picture(saved(tmp_path / name, large), 4, 6, 3)
        assert (abs(read[[0, 3]].astype(int) - np.array([[[255, 0, 0]], [[0, 0, 0]]])) < 3).all()


def test_exif_is_turned(tmp_path: Path) -> None:
    picture = Image.fromarray(COLORS)
    for orientation in range(1, 9):
        exif = picture.getexif()
        exif[0x0112] = orientation
        path = tmp_path / f"{orientation}.png"
        picture.save(path, exif=exif)
        shape = (12, 10) if orientation < 5 else (10, 12)
        assert forms_of([str(path)]).tolist() == [[*shape, 3]]
        read = read_picture(str(path), *shape, 3)
        turned = {1: COLORS, 3: COLORS[::-1, ::-1], 6: np.rot90(COLORS, -1), 8: np.rot90(COLORS)}
        if orientation in turned:
            np.testing.assert_array_equal(read, turned[orientation])


def test_transparent_parts_are_white(tmp_path: Path) -> None:
    layers = np.dstack([COLORS, np.full((12, 10), 255, np.uint8)])
    layers[:6, :, 3] = 0
    layers[6, :, 3] = 128
    read = read_picture(saved(tmp_path / "a.png", layers), 12, 10, 3)
    assert (read[:6] == 255).all()
    np.testing.assert_array_equal(read[7:], COLORS[7:])
    half = COLORS[6] * (128 / 255) + 255 * (127 / 255)
    assert (abs(read[6] - half) <= 1).all()
    palette = Image.fromarray(COLORS).quantize(8)
    palette.info["transparency"] = int(np.asarray(palette)[0, 0])
    palette.save(tmp_path / "p.png")
    assert (read_picture(str(tmp_path / "p.png"), 12, 10, 3)[0, 0] == 255).all()


def test_16_bits_cmyk_and_one_bit(tmp_path: Path) -> None:
    gray = np.array([[0, 257, 25700, 65535]], np.uint16)
    read = read_picture(saved(tmp_path / "a.png", gray), 1, 4, 1)
    assert read.reshape(-1).tolist() == [0, 1, 100, 255]
    assert forms_of([str(tmp_path / "a.png")]).tolist() == [[1, 4, 1]]
    flat = Image.new("RGB", (8, 8), (200, 30, 90))
    flat.convert("CMYK").save(tmp_path / "c.jpg", quality=100)
    read = read_picture(str(tmp_path / "c.jpg"), 8, 8, 3)
    assert (abs(read.astype(int) - (200, 30, 90)) < 6).all()
    Image.new("1", (8, 8), 1).save(tmp_path / "b.png")
    assert (read_picture(str(tmp_path / "b.png"), 8, 8, 3) == 255).all()


def test_gray_and_color(tmp_path: Path) -> None:
    gray = saved(tmp_path / "g.png", COLORS[:, :, 0])
    color = saved(tmp_path / "c.png", COLORS)
    indexed = tmp_path / "p.png"
    Image.fromarray(COLORS[:, :, 0]).quantize(256).save(indexed)
    assert forms_of([gray, color, str(indexed)])[:, 2].tolist() == [1, 3, 1]
    read = read_pictures([gray, color], 12, 10, 3)
    np.testing.assert_array_equal(read[0], COLORS[:, :, :1].repeat(3, 2))
    luma = np.asarray(Image.fromarray(COLORS).convert("L"))
    np.testing.assert_array_equal(read_picture(color, 12, 10, 1)[:, :, 0], luma)


def test_what_are_not_pictures(tmp_path: Path) -> None:
    whole = saved(tmp_path / "a.png", COLORS)
    cut = tmp_path / "cut.png"
    cut.write_bytes(Path(whole).read_bytes()[:200])
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "empty.jpg").touch()
    for name, words in (
        ("cut.png", "can't be read as an image.*damaged"), ("text.png", "is not an image"),
        ("empty.jpg", "is not an image"), ("none.png", "No such file"), (".", "."),
    ):  # fmt: skip
        with pytest.raises(GlassnetError, match=words) as caught:
            read_picture(str(tmp_path / name), 8, 8, 3)
        assert name in str(caught.value)
    with pytest.raises(GlassnetError, match=r"cut\.png.*1 other files .*text\.png"):
        read_pictures([whole, str(cut), str(tmp_path / "text.png")], 8, 8, 3)


def test_a_photo_with_a_color_profile_is_read_as_its_bytes(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    path = saved(tmp_path / "a.png", COLORS, icc_profile=profile)
    np.testing.assert_array_equal(read_picture(path, 12, 10, 3), COLORS)
