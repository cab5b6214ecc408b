"""Defects planted in real data, so that the findings of an audit can be checked.

`python -m tests.audit.planted` prints the figures of docs/audit.md.
"""

import io
import sys

import numpy as np
from PIL import Image

from glassnet.audit.label_errors import out_of_fold, suspects
from glassnet.audit.neighbors import neighbors
from glassnet.data import load


def jpeg(image: np.ndarray, quality: int) -> np.ndarray:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer))


def changed(image: np.ndarray, by: float | np.ndarray) -> np.ndarray:
    return np.clip(np.rint(image + by), 0, 255).astype(np.uint8)


# fmt: off
COPIES = {
    "exact": lambda p, rng: p,
    "brightness +2": lambda p, rng: changed(p, 2.0),
    "brightness −2": lambda p, rng: changed(p, -2.0),
    "contrast 80%": lambda p, rng: changed(p * 0.8, 0.0),
    "noise of 1": lambda p, rng: changed(p, rng.normal(0, 1, p.shape)),
    "noise of 3": lambda p, rng: changed(p, rng.normal(0, 3, p.shape)),
    "JPEG of quality 95": lambda p, rng: jpeg(p, 95),
    "JPEG of quality 85": lambda p, rng: jpeg(p, 85),
    "JPEG of quality 75": lambda p, rng: jpeg(p, 75),
    "one pixel to the side": lambda p, rng: np.roll(p, 1, axis=1),
}
# fmt: on


def copies_found(x: np.ndarray, kind: str, count: int, seed: int) -> float:
    """The share of `count` planted copies that are found as copies of their originals."""
    rng = np.random.default_rng(seed)
    rows = rng.permutation(len(x))[:count]
    planted = np.stack([COPIES[kind](x[row], rng) for row in rows])
    pairs = {tuple(pair) for pair in neighbors(np.concatenate([x, planted])).pairs.tolist()}
    return float(np.mean([(row, len(x) + i) in pairs for i, row in enumerate(rows.tolist())]))


def flips_found(x: np.ndarray, labels: np.ndarray, seed: int, share: float = 0.01) -> float:
    """The share of flipped labels within the first 2% of the list of suspects."""
    rng, classes = np.random.default_rng(seed), int(labels.max()) + 1
    count, wrong = round(share * len(labels)), labels.copy()
    flipped = rng.permutation(len(labels))[:count]
    wrong[flipped] = (wrong[flipped] + rng.integers(1, classes, count)) % classes
    p = out_of_fold(x, wrong, classes, seed)
    first = suspects(wrong, p)[0][: round(0.02 * len(labels))]
    return float(np.isin(flipped, first).mean())


def figures(seeds: int = 3, flip_seeds: int = 5) -> str:
    """The tables of docs/audit.md: mean and worst over seeds, 10,000 real images each."""
    data, out = load("fashion-mnist"), io.StringIO()
    chosen = [np.random.default_rng(seed).permutation(60_000)[:10_000] for seed in range(9)]
    print("| planted duplicate | found, mean | worst |\n|---|---:|---:|", file=out)
    for kind in COPIES:
        found = [copies_found(data.x_train[chosen[s]], kind, 200, s) for s in range(seeds)]
        print(f"| {kind} | {np.mean(found):.1%} | {min(found):.1%} |", file=out)
    found = [
        flips_found(data.x_train[chosen[s]], data.y_train[chosen[s]], s) for s in range(flip_seeds)
    ]
    print(f"\n1% flipped labels within the first 2%: {np.mean(found):.1%} over {flip_seeds} seeds, "
          f"worst {min(found):.1%}", file=out)  # fmt: skip
    return out.getvalue()


if __name__ == "__main__":
    sys.stdout.write(figures())
