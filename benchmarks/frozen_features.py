"""Train a head on a frozen MobileNetV2, with and without reuse.   python frozen_features.py

The network is MobileNetV2 with random weights, all frozen but the last dense layer of 10 classes,
which is trained with Adam in batches of 32 on random pictures. An epoch is timed in three ways:
in batches     the whole network computes each batch: what data in batches get, which are not reused
one by one     the frozen layers compute each example alone, in each epoch
reused         the same, in the first epoch only
The last two must give the same bits.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
from machine import as_users_have_it, description, hold_to_cores

BAR = 10  # times as fast an epoch
WAYS = ("in batches", "one by one", "reused")
CLASSES, BATCH = 10, 32


@dataclass(frozen=True)
class Outcome:
    """A training: the seconds of each epoch, and all that must be the same."""

    seconds: Sequence[float]
    weights: Sequence[Any]
    history: dict[str, list[float]]


def train(way: str, engine: str, x: Any, y: Any, epochs: int) -> Outcome:
    """Train a new model in this way."""
    from glassnet import Model
    from glassnet.layers import Rescaling
    from glassnet.networks.mobilenet_v2 import mobilenet_v2
    from glassnet.training.frozen_features import computed_each_time

    shape = x.shape[1:]
    network = mobilenet_v2(CLASSES, shape, rescaling=Rescaling(1 / 127.5, -1))
    for layer in network.layers[:-1]:
        layer.trainable = False
    model = Model(network, shape)
    model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
    data = (Batches(x, y),) if way == "in batches" else (x, y, BATCH)
    with computed_each_time() if way == "one by one" else nullcontext():
        history = model.fit(*data, epochs=epochs, verbose=0, engine=engine)
    return Outcome(history.seconds, model.get_weights(), history.history)


@dataclass(frozen=True)
class Batches:
    """Data in batches, in order."""

    x: Any
    y: Any

    def __iter__(self) -> Iterator[Any]:
        for start in range(0, len(self.x), BATCH):
            yield self.x[start : start + BATCH], self.y[start : start + BATCH]


def report(engine: str, rows: int, size: int, epochs: int) -> Iterator[str]:
    """Yield the lines about one engine."""
    draws = np.random.default_rng(0)
    x = draws.integers(0, 256, (rows, size, size, 3), dtype=np.uint8)
    y = draws.integers(0, CLASSES, rows)
    outcomes = {way: train(way, engine, x, y, epochs) for way in WAYS}
    yield f"{engine:13}  first epoch s  later epochs s"
    for way, outcome in outcomes.items():
        first, *later = outcome.seconds
        yield f"{way:13}  {first:13.3f}  {median(later):14.4f}"
    reused, alone, batches = (outcomes[way] for way in reversed(WAYS))
    pairs = zip(reused.weights, alone.weights, strict=True)
    same = reused.history == alone.history and all(a.tobytes() == b.tobytes() for a, b in pairs)
    yield f"the same bits with and without: {'yes' if same else 'NO'}"
    for without in (batches, alone):
        way = next(name for name, outcome in outcomes.items() if outcome is without)
        ratio = median(without.seconds[1:]) / median(reused.seconds[1:])
        verdict = "reached" if ratio >= BAR else "MISSED"
        yield f"{ratio:.0f} times as fast as {way} (bar {BAR}: {verdict})"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print a table for each engine."""
    parser = argparse.ArgumentParser(description="Epochs of a head on a frozen MobileNetV2.")
    parser.add_argument("--rows", type=int, default=320, help="pictures (default 320)")
    parser.add_argument("--size", type=int, default=96, help="of a picture (default 96)")
    parser.add_argument("--epochs", type=int, default=4, help="of each training (default 4)")
    parser.add_argument("--threads", type=int, default=2, help="cores")
    parser.add_argument("--engines", default="numpy,jax", help="(default numpy,jax)")
    args = parser.parse_args(arguments)
    hold_to_cores(args.threads)
    print(f"MobileNetV2, {args.rows} pictures of {args.size}x{args.size}, batch {BATCH}")
    print("\n".join(f"{key:9} {value}" for key, value in description().items()))
    for engine in args.engines.split(","):
        print("", *report(engine, args.rows, args.size, args.epochs), sep="\n")
    return 0


if __name__ == "__main__":
    as_users_have_it()
    sys.exit(main())
