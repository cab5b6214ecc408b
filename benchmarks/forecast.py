"""Compare the prediction of `glassnet train --dry-run` with the training itself.

Prints predicted, real, and real / predicted: wall time, processor time (which other programs on the
machine disturb less) and memory. XLA compiles its programs again in both.
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
    """Run the command line in this process, and print its output, times and memory."""
    import glassnet.runs.dry_run
    from glassnet.cli import main as command

    if arguments[arguments.index("--engine") + 1] == "jax":
        import glassnet.engines.jax  # noqa: F401
    sys.argv = ["glassnet", *arguments]
    began, cpu, output = time.perf_counter(), time.process_time(), io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.suppress(SystemExit):
        command()
    figures = {
        "seconds": time.perf_counter() - began,
        "cpu": time.process_time() - cpu,
        "bytes": memory_peak() * 2**20,
        "output": json.loads(output.getvalue()),
    }
    print(json.dumps(figures))


def in_a_process(arguments: list[str]) -> dict:
    """Do the same in a new process with an empty XLA compilation cache."""
    with tempfile.TemporaryDirectory(prefix="glassnet-benchmark-") as folder:
        done = subprocess.run(
            [sys.executable, __file__, "--work", *arguments, "--out", folder, "--json"],
            env=os.environ | {"JAX_COMPILATION_CACHE_DIR": os.path.join(folder, "xla")},
            stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
    return json.loads(done.stdout)


def compare(network: str, engine: str, data: str) -> None:
    """Predict and run one training, and print both."""
    arguments = ["train", data, *TRAININGS[network], "--engine", engine]
    forecast = in_a_process([*arguments, "--dry-run"])["output"]
    real = in_a_process(arguments)
    pairs = {
        "training, s": (forecast["seconds"]["training"], real["output"]["seconds"]),
        "whole, s": (forecast["seconds"]["total"], real["seconds"]),
        "whole, processor s": (forecast["cpu_seconds"]["total"], real["cpu"]),
        "peak memory, MB": (forecast["memory"]["peak"] / 1e6, real["bytes"] / 1e6),
    }
    for name, (predicted, measured) in pairs.items():
        row = f"{network:8}{engine:8}{name:22}{predicted:10.2f}{measured:10.2f}"
        print(f"{row}{measured / predicted:8.2f}", flush=True)


def main() -> None:
    """Compare all trainings on all engines, or those named in the options."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", nargs="+", default=list(TRAININGS), choices=list(TRAININGS))
    parser.add_argument("--engines", nargs="+", default=list(ENGINES), choices=ENGINES)
    parser.add_argument("--data", default="fashion-mnist")
    arguments = parser.parse_args()
    as_users_have_it()
    print(*(f"{name}: {value}" for name, value in description().items()), sep="\n")
    print(f"\n{'network':8}{'engine':8}{'':22}{'predicted':>10}{'real':>10}{'ratio':>8}")
    for network in arguments.networks:
        for engine in arguments.engines:
            compare(network, engine, arguments.data)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--work"]:
        work(sys.argv[2:])
    else:
        main()
