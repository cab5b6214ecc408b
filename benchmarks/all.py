"""All benchmarks in one run, printed and written to docs/benchmarks.md.   make bench"""

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
    "One image, an import, a whole training": ["latency.py"],
    "The way of the first notebooks: a step for each example": ["seeds_loop.py"],
}


def main() -> None:
    """Run each part and keep what it prints."""
    page = [
        "# Benchmarks",
        "",
        "Written by `make bench`: what the programs in `benchmarks/` printed in one run, on the "
        "machine that they name. Systems take turns, so that ratios within a table are fair even "
        "where the machine is noisy; what is not installed is named as missing.",
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
