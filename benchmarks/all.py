"""Run all benchmarks, print their output and write it to docs/benchmarks.md.   make bench"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "benchmarks.md"
PARTS = {
    "A training step": ["train_mlp.py"],
    "A CNN, an LSTM, a transformer": ["train_networks.py"],
    "Networks of keras.applications": ["pretrained.py"],
    "A head on a frozen MobileNetV2": ["frozen_features.py"],
    "One prediction, an import, a whole training": ["latency.py"],
    "The notebooks' original training loop: one step per example": ["seeds_loop.py"],
}


def main() -> None:
    """Run each part and write its output to the page."""
    page = [
        "# Benchmarks",
        "",
        "Written by `make bench`: the output of the programs in `benchmarks/` from one run, on the "
        "machine that they name. Systems are measured in turn, so ratios within a table are fair "
        "even on a noisy machine. Systems that are not installed are listed as missing.",
    ]
    empty = tempfile.TemporaryDirectory(prefix="glassnet-benchmark-")
    os.environ["JAX_COMPILATION_CACHE_DIR"] = empty.name  # compiling is part of the work
    for title, command in PARTS.items():
        done = subprocess.run(
            [sys.executable, HERE / command[0], *command[1:]],
            stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
        print(done.stdout)
        page += ["", f"## {title}", "", "```text", done.stdout.rstrip(), "```"]
    empty.cleanup()
    PAGE.write_text("\n".join(page) + "\n")


if __name__ == "__main__":
    main()
