"""Faults in folders of pictures and audio clips."""

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

from tests.data.faults.planting import ERROR, WARNING, Fault, fault

RNG = np.random.default_rng(5)
COUNT = 24  # files of each class
CLASSES = {"day": 150, "night": 90}  # the mean brightness
RATE = 8000


def picture(brightness: int = 120, size: int = 12, form: str = "PNG", mode: str = "RGB") -> bytes:
    """Return the file of a picture of noise."""
    pixels = RNG.normal(brightness, 40, (size, size, 3)).clip(0, 255).astype(np.uint8)
    Image.fromarray(pixels).convert(mode).save(file := BytesIO(), form)
    return file.getvalue()


def clip(pitch: float, seconds: float = 0.25, rate: int = RATE, gain: float = 0.3) -> bytes:
    """Return the file of a clip: a tone with noise, louder parts clipped."""
    import soundfile

    time = np.arange(int(seconds * rate)) / rate
    tone = np.sin(2 * np.pi * pitch * time) + RNG.normal(0, 0.1, len(time))
    soundfile.write(file := BytesIO(), (gain * tone).clip(-1, 1), rate, format="WAV")
    return file.getvalue()


PICTURES = {
    f"{name}/{at:02d}.png": picture(brightness)
    for name, brightness in CLASSES.items()
    for at in range(COUNT)
}
CLIPS = {
    f"{name}/{at:02d}.wav": clip(pitch * RNG.uniform(0.9, 1.1))
    for name, pitch in (("high", 1500), ("low", 400))
    for at in range(COUNT)
}


def in_another_form(end: str, **form: Any) -> dict[str, bytes]:
    """Return the pictures, those of the night in another form."""
    day = {path: content for path, content in PICTURES.items() if path.startswith("day")}
    return day | {f"night/{at:02d}{end}": picture(90, **form) for at in range(COUNT)}


def in_other_clips(**form: Any) -> dict[str, bytes]:
    """Return the clips, the low ones in another form: a value, or a range from which it is."""
    high = {path: content for path, content in CLIPS.items() if path.startswith("high")}
    low = (
        clip(400, **{name: RNG.uniform(*value) if isinstance(value, tuple) else value
                     for name, value in form.items()})
        for _ in range(COUNT)
    )  # fmt: skip
    return high | {f"low/{at:02d}.wav": content for at, content in enumerate(low)}


THREE = {f"middle/{at:02d}.wav": clip(800, seconds=RNG.uniform(0.2, 0.3)) for at in range(COUNT)}


def copied(files: Mapping[str, bytes], to: Callable[[str], str], count: int) -> dict[str, bytes]:
    """Return the files, with copies of the first ones."""
    return {**files} | {to(path): files[path] for path in [*files][:count]}


def folder(name: str, level: str, *words: str, files: Mapping[str, bytes]) -> Fault:
    """Return a fault in a folder of files."""
    return fault(name, level, *words, table=files, file="things", target=None)


def noisy_copies() -> dict[str, bytes]:
    """Return the pictures, with copies of some that differ a little."""
    copies = {}
    for path in [*PICTURES][:12]:
        pixels = np.asarray(Image.open(BytesIO(PICTURES[path]))).astype(int)
        pixels[5, :6] += 1
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(file := BytesIO(), "PNG")
        copies[path.replace("/", "/again")] = file.getvalue()
    return {**PICTURES} | copies


def scenes() -> dict[str, bytes]:
    """Return pictures with small and large shapes."""
    from scipy.ndimage import gaussian_filter

    rng, files = np.random.default_rng(8), {}
    for name, brightness in CLASSES.items():
        for at in range(COUNT):
            waves = [60 * blur * gaussian_filter(rng.normal(size=(48, 48, colors)), (blur, blur, 0))
                     for blur, colors in ((1, 1), (3, 1), (8, 3))]  # fmt: skip
            pixels = (brightness + sum(waves)).clip(0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(file := BytesIO(), "PNG")
            files[f"{name}/{at:02d}.png"] = file.getvalue()
    return files


SCENES = scenes()


def changed_copies(change: Callable[[Any], Any], end: str = ".png", **how: Any) -> dict[str, bytes]:
    """Return the scenes, with changed copies of all of them."""
    copies = {}
    for path, content in SCENES.items():
        changed = change(Image.open(BytesIO(content)))
        changed.save(file := BytesIO(), "JPEG" if end == ".jpg" else "PNG", **how)
        copies[path.replace("/", "/again").replace(".png", end)] = file.getvalue()
    return {**SCENES} | copies


JPEG = picture(form="JPEG", size=64)
LIKE = "a training picture in another size, quality, brightness or crop"
FAULTS: list[Fault] = [
    folder("an empty folder", ERROR, "things", "no files", files={}),
    folder("pictures without folders of classes", ERROR, "no folders of classes",
           files={path.replace("/", "-"): content for path, content in PICTURES.items()}),
    folder("a folder of only one class", ERROR, "only one class, 'day'",
           files={path: PICTURES[path] for path in PICTURES if path.startswith("day")}),
    folder("a folder too high", ERROR, "the level is wrong", "Is 'all' the folder of the data?",
           files={f"all/{path}": content for path, content in PICTURES.items()}),
    folder("classes beside train", ERROR, "'train' and 'day' side by side", files={
        **PICTURES, **{f"train/{path}": content for path, content in PICTURES.items()}}),
    folder("a test folder, but no train folder", ERROR, "no folder 'train'",
           files={f"test/{path}": content for path, content in PICTURES.items()}),
    folder("a class that only the test folder has", ERROR, "'dusk' has no pictures for training",
           "test/dusk/00.png", files={
               **{f"train/{path}": content for path, content in PICTURES.items()},
               **{f"test/{path}": content for path, content in [*PICTURES.items()][::4]},
               "test/dusk/00.png": picture()}),
    folder("pictures and clips", ERROR, "holds 48 pictures and 48 audio", files=PICTURES | CLIPS),
    folder("folders that differ by a space", WARNING, "'day' and 'day '", "are one class",
           files=copied(PICTURES, lambda path: path.replace("day/", "day /x"), COUNT)),
    folder("folders that differ by case", WARNING, "'Day' and 'day'", "but are 2 classes",
           files=PICTURES | {f"Day/{at:02d}.png": picture(150) for at in range(COUNT)}),
    folder("files of another kind", WARNING, "is not a picture, and is not read",
           files=PICTURES | {"day/notes.pdf": b"%PDF-1.7"}),
    folder("a picture in no class", WARNING, "in no class folder", "'00.png'",
           files=PICTURES | {"00.png": picture()}),
    folder("a picture that was cut off", ERROR, "day/99.jpg", "can't be read as an image",
           files=PICTURES | {"day/99.jpg": JPEG[: len(JPEG) // 2]}),
    folder("a picture without bytes", ERROR, "day/99.png", "is not an image", files=PICTURES | {
        "day/99.png": b""}),
    folder("a text called .png", ERROR, "day/99.png", "is not an image",
           files=PICTURES | {"day/99.png": b"<html>Not found</html>"}),
    folder("black pictures", WARNING, "equally bright all over", "file day/",
           files=PICTURES | {f"day/{at:02d}.png": picture(-500) for at in range(0, COUNT, 3)}),
    folder("one class in another size", WARNING, "the size of a picture alone tells 'label'",
           "12x12", "16x16", files=in_another_form(".png", size=16)),
    folder("one class in another format", WARNING, "the format of a picture alone tells 'label'",
           ".png", ".jpg", files=in_another_form(".jpg", form="JPEG")),
    folder("one class in gray", WARNING, "the number of colors of a picture alone tells 'label'",
           files=in_another_form(".png", mode="L")),
    folder("copies of pictures in both parts", WARNING, "test rows", "file day/",
           files=copied(PICTURES, lambda path: path.replace("/", "/again"), COUNT)),
    folder("the same pictures in two classes", WARNING, "are equal, but have the labels",
           files=copied(PICTURES, lambda path: path.replace("day/", "night/d"), COUNT)),
    folder("pictures in both parts, with a little noise", WARNING, "differ from a training row",
           "file day/", files=noisy_copies()),
    folder("resized pictures in both parts", WARNING, LIKE, "file day/",
           files=changed_copies(lambda image: image.resize((30, 30)))),
    folder("JPEG copies of pictures in both parts", WARNING, LIKE, "file day/",
           files=changed_copies(lambda image: image, ".jpg", quality=60)),
    folder("brighter copies of pictures in both parts", WARNING, LIKE, "file day/",
           files=changed_copies(lambda image: image.point(lambda v: 1.08 * v + 5))),
    folder("cropped pictures in both parts", WARNING, LIKE, "file day/",
           files=changed_copies(lambda image: image.crop((1, 2, 46, 47)))),
    folder("mirrored pictures in both parts", WARNING, LIKE, "of them mirrored", "file day/",
           files=changed_copies(lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT))),
    folder("a silent clip", WARNING, "high/05.wav", "silent",
           files=CLIPS | {"high/05.wav": clip(900, gain=0)}),
    folder("a clipped clip", WARNING, "high/05.wav", "clipped",
           files=CLIPS | {"high/05.wav": clip(900, gain=5)}),
    folder("a very short clip", WARNING, "high/05.wav", "shorter",
           files=CLIPS | {"high/05.wav": clip(900, seconds=0.02)}),
    folder("mixed sample rates", WARNING, "high/05.wav", "16,000 samples per second",
           files=CLIPS | {"high/05.wav": clip(900, rate=16000)}),
    folder("one class at another sample rate", WARNING, "the sample rate of a clip alone tells",
           "11,025 Hz", files=in_other_clips(rate=11025)),
    folder("one class of another length", WARNING, "the length of a clip alone tells",
           "0.40 s", files=in_other_clips(seconds=0.4)),
    folder("one of three classes of other lengths", WARNING, "the length of a clip alone tells",
           "'low'", files=THREE | in_other_clips(seconds=(0.5, 0.7))),
    folder("one class of another loudness", WARNING, "the loudness of a clip alone tells",
           files=in_other_clips(gain=(0.02, 0.04))),
    folder("one of three classes in another format", WARNING, "the format of a picture alone tells",
           "'label' 'night'", files=in_another_form(".jpg", form="JPEG") | {
               f"noon/{at:02d}.png": picture(120) for at in range(COUNT)}),
    folder("a clip that was cut off", WARNING, "high/05.wav", "cut off",
           files=CLIPS | {"high/05.wav": CLIPS["high/05.wav"][:2000]}),
    folder("a text called .wav", ERROR, "high/99.wav", "can't be read as audio",
           files=CLIPS | {"high/99.wav": b"Not found: this is a text, whatever its name says."}),
    folder("copies of clips in both parts", WARNING, "test rows", "file high/",
           files=copied(CLIPS, lambda path: path.replace("/", "/again"), COUNT)),
]  # fmt: skip
