"""Run a whole `glassnet train` in one process, and print its peak memory and seconds as JSON.

python benchmarks/whole_process.py [DATA]
"""

import json
import sys
import tempfile
import time

from machine import memory_peak


def main() -> None:
    """Train with the command line, and print peak memory and seconds."""
    from glassnet.cli import main as glassnet

    data = sys.argv[1] if len(sys.argv) > 1 else "fashion-mnist"
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="glassnet-benchmark-") as folder:
        sys.argv = [
            "glassnet",
            *["train", data, "--epochs", "2", "--json", "--out"],
            folder,
        ]
        try:
            glassnet()
        except SystemExit as end:
            if end.code:
                raise
    figures = {"megabytes": memory_peak(), "seconds": time.perf_counter() - began}
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
