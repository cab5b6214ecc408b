"""The memory and the time in which a folder of 60,000 color pictures of 64×64 pixels is trained.

    python benchmarks/pictures_memory.py [FOLDER] [--count 60000] [--engines numpy jax]

Writes the pictures (JPEG and PNG, 10 classes) to the folder, unless they are there already, and
trains a small cnn on them for one epoch with `glassnet train`, report included. The cache of
decoded pictures is in the folder, too; each engine is trained twice, first without it.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

CLASSES, SIDE = 10, 64


def write_pictures(folder: Path, count: int) -> None:
    """Write pictures of two colors, whose border's slope is the class, with noise."""
    rng = np.random.default_rng(0)
    down, across = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    for label in range(CLASSES):
        (folder / f"class{label}").mkdir(parents=True, exist_ok=True)
    for i in range(count):
        label = i % CLASSES
        angle = (label + rng.uniform(-0.3, 0.3)) * np.pi / CLASSES
        side = (np.cos(angle) * down + np.sin(angle) * across > rng.uniform(-0.4, 0.4))[..., None]
        colors = rng.integers(0, 200, (2, 3))
        picture = np.where(side, *colors) + rng.integers(0, 56, (SIDE, SIDE, 3))
        end = "png" if i % 5 == 0 else "jpg"
        path = folder / f"class{label}" / f"{i:05}.{end}"
        Image.fromarray(picture.astype(np.uint8)).save(path)


def trained(folder: Path, engine: str) -> tuple[float, float]:
    """Return (seconds, peak memory in GiB) of a training."""
    command = [sys.executable, "-m", "glassnet", "train", str(folder / "pictures"), "--engine",
               engine, "--network", "cnn", "--filters", "4,8", "--depth", "1", "--epochs", "1",
               "--out", str(folder / "runs")]  # fmt: skip
    start = time.perf_counter()
    process = subprocess.Popen(command, env=os.environ | {"XDG_CACHE_HOME": str(folder / "cache")})
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit("glassnet train failed")
    return time.perf_counter() - start, usage.ru_maxrss / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--count", type=int, default=60_000)
    parser.add_argument("--engines", nargs="+", default=["numpy", "jax"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        if not (folder / "pictures").exists():
            write_pictures(folder / "pictures", options.count)
        lines = []
        for engine in options.engines:
            for arrays in (folder / "cache/glassnet/arrays").glob("*.npy"):
                arrays.unlink()
            for what in ("decoding", "from the cache"):
                seconds, peak = trained(folder, engine)
                lines.append(f"{engine}, {what}: {seconds:.0f} s, peak memory {peak:.2f} GiB")
        print("\n".join(lines))


if __name__ == "__main__":
    main()
