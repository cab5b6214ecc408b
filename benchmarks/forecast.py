"""`glassnet train --dry-run` beside the training that it foretells, one after the other.

Prints what was predicted, what was real, and real / predicted: by the clock, in processor time,
which other programs on the machine disturb less, and of memory. XLA's programs are compiled anew
in both.
"""

import argparse
import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
import time

from machine import as_users_have_it, description, memory_peak

TRAININGS = {
    "mlp": ["--epochs", "5"],
    "cnn": ["--network", "cnn", "--filters", "8,16", "--epochs", "2"],
}
ENGINES = ("numpy", "jax")


def work(arguments: list[str]) -> None:
    """Run the command line in this process, and print what it said and took."""
    import glassnet.runs.dry_run
    from glassnet.cli import main as command

    if arguments[arguments.index("--engine") + 1] == "jax":
        import glassnet.engines.jax  # noqa: F401
    sys.argv = ["glassnet", *arguments]
    began, cpu, said = time.perf_counter(), time.process_time(), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
        command()
    figures = {
        "seconds": time.perf_counter() - began,
        "cpu": time.process_time() - cpu,
        "bytes": memory_peak() * 2**20,
        "said": json.loads(said.getvalue()),
    }
    print(json.dumps(figures))


def in_a_process(arguments: list[str]) -> dict:
    """The same in a process of its own, with no program that XLA has compiled before."""
    with tempfile.TemporaryDirectory(prefix="glassnet-benchmark-") as folder:
        done = subprocess.run(
            [sys.executable, __file__, "--work", *arguments, "--out", folder, "--json"],
            env=os.environ | {"JAX_COMPILATION_CACHE_DIR": os.path.join(folder, "xla")},
            stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
    return json.loads(done.stdout)


def compare(network: str, engine: str, data: str) -> None:
    """One training, foretold and done."""
    arguments = ["train", data, *TRAININGS[network], "--engine", engine]
    said = in_a_process([*arguments, "--dry-run"])["said"]
    real = in_a_process(arguments)
    pairs = {
        "training, s": (said["seconds"]["training"], real["said"]["seconds"]),
        "whole, s": (said["seconds"]["total"], real["seconds"]),
        "whole, processor s": (said["cpu_seconds"]["total"], real["cpu"]),
        "peak memory, MB": (said["memory"]["peak"] / 1e6, real["bytes"] / 1e6),
    }
    for name, (predicted, found) in pairs.items():
        row = f"{network:8}{engine:8}{name:22}{predicted:10.2f}{found:10.2f}"
        print(f"{row}{found / predicted:8.2f}", flush=True)


def main() -> None:
    """All trainings on all engines, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", nargs="+", default=list(TRAININGS), choices=list(TRAININGS))
    parser.add_argument("--engines", nargs="+", default=list(ENGINES), choices=ENGINES)
    parser.add_argument("--data", default="fashion-mnist")
    chosen = parser.parse_args()
    as_users_have_it()
    print(*(f"{name}: {value}" for name, value in description().items()), sep="\n")
    print(f"\n{'network':8}{'engine':8}{'':22}{'predicted':>10}{'real':>10}{'ratio':>8}")
    for network in chosen.networks:
        for engine in chosen.engines:
            compare(network, engine, chosen.data)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--work"]:
        work(sys.argv[2:])
    else:
        main()
