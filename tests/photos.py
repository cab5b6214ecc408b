"""Photos of test images in many forms, and photos that show no garment.

`python -m tests.photos RUN...` prints the figures of docs/photos.md for runs on Fashion-MNIST.
"""

import io
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image
from sklearn.datasets import load_sample_image

from glassnet.data import Dataset, load
from glassnet.data.images.out_of_distribution import OutOfDistributionDetector
from glassnet.data.images.photo import read_photo
from glassnet.data.images.preprocessing import Preprocessing
from glassnet.model.model import Model

FASHION = Preprocessing(28, 28, 0.0, 255.0, "dark")
QUALITY = 85  # of JPEG
SCENES = [np.asarray(Image.fromarray(load_sample_image(name)).convert("L"), np.float32)
          for name in ("china.jpg", "flower.jpg")]  # fmt: skip


def large(picture: np.ndarray, times: int = 10) -> np.ndarray:
    """Return the image enlarged `times` times, as a float array from 0 to 255."""
    size = (times * picture.shape[1], times * picture.shape[0])
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BICUBIC), np.float32)


def padded(picture: np.ndarray, width: object, level: float) -> np.ndarray:
    return np.pad(np.asarray(picture, np.float32), width, constant_values=level)  # type: ignore[call-overload]


def noisy(picture: np.ndarray) -> np.ndarray:
    return picture + np.random.default_rng(0).normal(0, 3, picture.shape)


Form = tuple[Callable[[np.ndarray], np.ndarray], str]
# fmt: off
FORMS: dict[str, Form] = {
    "PNG": (lambda p: p, "png"),
    "JPEG": (lambda p: p, "jpg"),
    "inverted": (lambda p: 255 - p, "png"),
    "inverted, JPEG": (lambda p: 255 - p, "jpg"),
    "10 times larger": (large, "png"),
    "10 times larger, inverted, JPEG": (lambda p: 255 - large(p), "jpg"),
    "padded with black": (lambda p: padded(p, 6, 0), "png"),
    "padded with white": (lambda p: padded(255 - p, 6, 255), "png"),
    "large on black, JPEG": (lambda p: padded(large(p), 60, 0), "jpg"),
    "large on white, JPEG": (lambda p: padded(255 - large(p), 60, 255), "jpg"),
    "in a corner of a wide white page": (
        lambda p: padded(255 - large(p), ((40, 300), (500, 20)), 255), "jpg"),
    "on white in a black frame": (
        lambda p: padded(padded(255 - large(p), 40, 255), 10, 0), "jpg"),
    "on black in a white frame": (
        lambda p: padded(padded(large(p), 40, 0), 10, 255), "jpg"),
    "on white in a thick black frame": (
        lambda p: padded(padded(255 - large(p), 20, 255), 60, 0), "jpg"),
    "in a black frame that touches it": (lambda p: padded(255 - large(p), 10, 0), "jpg"),
    "in a white frame that touches it": (lambda p: padded(large(p), 10, 255), "jpg"),
    "in a picture mat": (
        lambda p: padded(padded(padded(255 - large(p), 40, 255), 6, 0), 20, 255), "jpg"),
    "light on white": (lambda p: noisy(padded(250 - 0.35 * large(p), 40, 250)), "jpg"),
    "gray on gray, with noise": (lambda p: noisy(padded(180 - 0.6 * large(p), 50, 180)), "jpg"),
}
# fmt: on


def taken(picture: np.ndarray, form: str, folder: Path) -> np.ndarray:
    """Return what the network sees of an image that was saved in a form."""
    make, kind = FORMS[form]
    return read_photo(written(make(picture), folder, kind), FASHION).pixels


def written(values: np.ndarray, folder: Path, kind: str = "jpg") -> Path:
    """Write the image to a file of this kind; return its path."""
    path = folder / f"photo.{kind}"
    options = {"quality": QUALITY} if kind == "jpg" else {}
    _image(values).save(path, **options)
    return path


def unlike(values: np.ndarray, folder: Path, kind: str = "jpg") -> tuple[str, ...]:
    """Return the doubts about an image that was saved as a file of this kind."""
    return read_photo(written(values, folder, kind), FASHION).doubts


def agreement(model: Model, pictures: np.ndarray, folder: Path) -> dict[str, float]:
    """Return the share of images that keep their predicted class in each form."""
    classes = model.predict(pictures).argmax(axis=1)
    seen = {form: np.stack([taken(p, form, folder) for p in pictures]) for form in FORMS}
    return {
        form: float((model.predict(x).argmax(axis=1) == classes).mean()) for form, x in seen.items()
    }


def strangers(count: int, seed: int, folder: Path) -> dict[str, np.ndarray]:
    """Return what the network sees of photos that show no garment, `count` of each kind."""
    from sklearn.datasets import load_digits

    rng = np.random.default_rng(seed)

    def photographed(values: np.ndarray) -> np.ndarray:
        path = folder / "stranger.png"
        _image(values).save(path)
        return read_photo(path, FASHION).pixels

    rows = rng.permutation(len(load_digits().images))[:count]
    digits = (load_digits().images[rows] * 15.9).astype(np.uint8)
    return {
        "digits": np.stack([photographed(255 - large(one, 25)) for one in digits]),
        "noise": np.stack([photographed(rng.integers(0, 256, (200, 200))) for _ in range(count)]),
        "noise of 28 × 28": rng.integers(0, 256, (count, 28, 28)).astype(np.float32),
        "textures": np.stack([photographed(texture(i, rng)) for i in range(count)]),
        "parts of two photos": np.stack(
            [photographed(crop(SCENES[i % 2], rng)) for i in range(count)]
        ),
    }


def strangers_of(kind: str, count: int) -> list[np.ndarray]:
    """Return photos of natural textures, or of parts of scikit-learn's two photos."""
    rng = np.random.default_rng(0)
    if kind == "textures":
        return [texture(i, rng) for i in range(count)]
    return [crop(SCENES[i % 2], rng) for i in range(count)]


def _beside(a: np.ndarray, b: np.ndarray, rng: np.random.Generator, axis: int) -> np.ndarray:
    gap = np.zeros((28, int(rng.integers(2, 9))), np.uint8)
    both = np.concatenate([a, gap if axis else gap.T, b], axis=axis)
    return padded(255 - large(both), 40, 255)


def _with_arm(a: np.ndarray, b: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a garment with an arm in skin tones that reaches in from an edge, with four
    fingers.
    """
    photo = padded(255 - large(a), 60, 255)
    height, width = photo.shape
    y, thick = int(rng.integers(height // 4, 3 * height // 4)), int(rng.integers(20, 50))
    wrist = int(rng.integers(width // 6, width // 2)) - thick
    rows, columns = np.mgrid[:height, :width]
    arm = (abs(rows - y) < thick) & (columns < wrist)
    arm |= np.hypot(rows - y, columns - wrist) < 1.2 * thick
    for finger in range(4):
        across = abs(rows - y - (finger - 1.5) * 0.55 * thick) < 0.2 * thick
        arm |= across & (columns >= wrist) & (columns < wrist + 2 * thick)
    skin = rng.uniform(90, 200) + rng.normal(0, 4, photo.shape)
    return np.rot90(np.where(arm, skin, photo), int(rng.integers(4)))


def _with_ball(a: np.ndarray, b: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a garment with a dark ball next to it."""
    photo = padded(255 - large(a), 160, 255)
    rows, columns = np.mgrid[: photo.shape[0], : photo.shape[1]]
    ball = np.hypot(rows - rng.integers(80, 520), columns - 75) < rng.integers(40, 70)
    return np.where(ball, 60, photo)


CROWDED: dict[str, Callable[[np.ndarray, np.ndarray, np.random.Generator], np.ndarray]] = {
    "two side by side": lambda a, b, rng: _beside(a, b, rng, 1),
    "two, one above the other": lambda a, b, rng: _beside(a, b, rng, 0),
    "a garment and an arm": _with_arm,
    "a garment and a ball": _with_ball,
}


def texture(kind: int, rng: np.random.Generator, size: int = 200) -> np.ndarray:
    """Return stripes, a chessboard, clouds or rings, depending on `kind`."""
    rows, columns = np.mgrid[:size, :size]
    frequency, angle = rng.uniform(0.02, 0.3), rng.uniform(0, np.pi)
    match kind % 4:
        case 0:
            across = columns * np.cos(angle) + rows * np.sin(angle)
            return 127 + 120 * np.sin(frequency * across)
        case 1:
            side = int(rng.integers(4, 40))
            return 255.0 * ((columns // side + rows // side) % 2)
        case 2:
            few = rng.integers(0, 256, [int(rng.integers(4, 25))] * 2).astype(np.uint8)
            return np.asarray(Image.fromarray(few).resize((size, size)), np.float32)
        case _:
            x, y = rng.uniform(0, size, 2)
            return 127 + 120 * np.sin(frequency * np.hypot(columns - x, rows - y))


def crop(scene: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    side = int(rng.integers(60, 400))
    top, left = (int(rng.integers(0, n - side)) for n in scene.shape)
    return scene[top : top + side, left : left + side]


def _image(values: np.ndarray) -> Image.Image:
    return Image.fromarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))


def figures(runs: list[str], count: int = 300) -> str:
    """Return the two tables of docs/photos.md, measured on the test set."""
    from sklearn.metrics import roc_auc_score

    data: Dataset = load("fashion-mnist")
    models = {Path(run).name: Model.load(run) for run in runs}
    right = np.all(
        [m.predict(data.x_test).argmax(axis=1) == data.y_test for m in models.values()], axis=0
    )
    pictures = data.x_test[right][:count]
    out = io.StringIO()
    with TemporaryDirectory() as name:
        folder = Path(name)
        found = {run: agreement(model, pictures, folder) for run, model in models.items()}
        print("| form |", " | ".join(models), "|\n|---|" + "---:|" * len(models), file=out)
        for form in FORMS:
            print(
                f"| {form} |", " | ".join(f"{f[form]:.1%}" for f in found.values()), "|", file=out
            )
        seen = strangers(count, 2026, folder)
        garments = [taken(p, "large on white, JPEG", folder) for p in data.x_test[:2000]]
    typical = next(iter(models.values())).typical
    assert typical is not None
    known = typical.distances(data.x_test, FASHION)
    print(f"\n| {count} photos of | AUROC | rejected |\n|---|---:|---:|", file=out)
    for kind, x in seen.items():
        far = typical.distances(x, FASHION)
        truth = np.repeat([0, 1], [len(known), len(far)])
        area = roc_auc_score(truth, np.concatenate([known, far]))
        share = (far > typical.threshold).mean()
        print(f"| {kind} | {area:.3f} | {share:.0%} |", file=out)
    for name, far in (
        ("10,000 test garments", known),
        ("2,000 of them, large on white", typical.distances(np.stack(garments), FASHION)),
    ):
        print(f"| {name} | | {(far > typical.threshold).mean():.1%} |", file=out)
    return out.getvalue() + doubt_table(typical, data.x_test[:count])


def doubt_table(typical: OutOfDistributionDetector, garments: np.ndarray) -> str:
    """Return the third table of docs/photos.md: the share of photos with doubts, or also too far
    away.
    """
    rng, count = np.random.default_rng(0), len(garments) - 1
    size = 200, 300
    photos: dict[str, tuple[list[np.ndarray], str]] = {
        **{form: ([make(g) for g in garments], kind) for form, (make, kind) in FORMS.items()},
        **{name: ([make(garments[i], garments[i + 1], rng) for i in range(count)], "jpg")
           for name, make in CROWDED.items()},
        "gray noise": ([rng.integers(0, 256, size) for _ in range(count)], "jpg"),
        "color noise": ([rng.integers(0, 256, (*size, 3)) for _ in range(count)], "jpg"),
        "normal noise": ([rng.normal(128, 40, size) for _ in range(count)], "jpg"),
        "textures": (strangers_of("textures", count), "jpg"),
        "parts of two photos": (strangers_of("parts of two photos", count), "jpg"),
    }  # fmt: skip
    lines = ["| photos | doubts | doubts or distance |", "|---|---:|---:|"]
    with TemporaryDirectory() as name:
        for what, (images, kind) in photos.items():
            read = [read_photo(written(image, Path(name), kind), FASHION) for image in images]
            doubtful = np.array([bool(photo.doubts) for photo in read])
            far = typical.distances(np.stack([photo.pixels for photo in read]), FASHION)
            rejected = doubtful | (far > typical.threshold)
            lines.append(f"| {what} | {doubtful.mean():.1%} | {rejected.mean():.1%} |")
    return "\n".join(["", *lines, ""])


if __name__ == "__main__":
    sys.stdout.write(figures(sys.argv[1:]))
