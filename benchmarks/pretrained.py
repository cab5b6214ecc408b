"""Compare predictions of networks of `keras.applications` in several systems.

    python benchmarks/pretrained.py

The same .keras file, with random weights, in glassnet and in Keras, and the same architecture in
PyTorch; float32 pictures, softmax over 1,000 classes. Each system has its own process, for each
batch size a new one. They are measured in turn. The peak memory is that of the whole process, with
the library; "of it" is what the predictions added to the peak of loading the network.
"""

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from machine import as_users_have_it, description, environment, hold_to_cores, memory_peak

NETWORKS = ("MobileNetV2", "ResNet50", "EfficientNetB0", "DenseNet121")
SYSTEMS = {  # name: (label, module of the library, Keras's backend)
    "glassnet": ("glassnet NumPy, predict", "numpy", ""),
    "glassnet-jax": ("glassnet JAX, compiled", "jax", ""),
    "keras-tensorflow": ("Keras on TensorFlow, predict", "tensorflow", "tensorflow"),
    "keras-jax": ("Keras on JAX, predict", "jax", "jax"),
    "pytorch": ("PyTorch eager", "torch", ""),
}
MAKE = """
import sys, keras
keras.utils.set_random_seed(0)
size = int(sys.argv[3])
network = getattr(keras.applications, sys.argv[1])
network(weights=None, input_shape=(size, size, 3)).save(sys.argv[2])
"""


def build(system: str, network: str, path: str, threads: int) -> Callable[[Any], Any]:
    """Return the system's function that predicts pictures."""
    module = import_module(f"peers.{system.partition('-')[0]}_pretrained")
    if system == "pytorch":
        predict: Callable[[Any], Any] = module.build(network, threads)
    elif system.startswith("keras"):
        predict = module.build(path)
    else:
        predict = module.build(path, compiled=system == "glassnet-jax")
    return predict


def work(system: str, network: str, path: str, size: int, batch: int, threads: int) -> None:
    """In a process of its own: build, then answer each line of the input with the seconds."""
    with os.fdopen(os.dup(1), "w", buffering=1) as answers:  # what libraries print is no answer
        os.dup2(2, 1)
        x = np.random.default_rng(0).uniform(-1, 1, (batch, size, size, 3)).astype(np.float32)
        predict = build(system, network, path, threads)
        loaded = memory_peak()
        began = time.perf_counter()
        y = predict(x)
        first = time.perf_counter() - began
        assert y.shape == (batch, 1000)
        print(json.dumps({"first": first, "outputs": y[0, :5].tolist()}), file=answers)
        for _ in sys.stdin:
            began = time.perf_counter()
            predict(x)
            seconds, peak = time.perf_counter() - began, memory_peak()
            figures = {"seconds": seconds, "peak": peak, "added": peak - loaded}
            print(json.dumps(figures), file=answers)


def measure(network: str, path: str, batch: int, args: argparse.Namespace) -> None:
    """Print a table of all systems for one network and batch size."""
    print(f"\n{network}, {args.size} × {args.size}, batch {batch}")
    print(f"{'':30}{'ms/picture':>11}{'× PyTorch':>11}{'first, s':>10}{'peak MB':>9}{'of it':>7}")
    rows: dict[str, list[dict[str, float]]] = {}
    firsts: dict[str, Any] = {}
    with contextlib.ExitStack() as stack:
        running = {}
        for system in args.systems:
            _, module, backend = SYSTEMS[system]
            if find_spec(module) is None:
                continue
            words = [system, network, path, str(args.size), str(batch), str(args.threads)]
            variables = {"KERAS_BACKEND": backend} if backend else {}
            process = subprocess.Popen(
                [sys.executable, __file__, "--work", *words], text=True, stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, env=os.environ | environment(args.threads) | variables
                | {"TF_CPP_MIN_LOG_LEVEL": "3"},
            )  # fmt: skip
            running[system] = stack.enter_context(process)
            firsts[system], rows[system] = _answer(process, system), []
        for _ in range(args.repeats):
            for system, process in running.items():
                print("predict", file=process.stdin, flush=True)
                rows[system].append(_answer(process, system))
        for process in running.values():
            process.stdin.close()
    _require_equal({name: first["outputs"] for name, first in firsts.items()})
    for system in args.systems:
        label, module, _ = SYSTEMS[system]
        if system not in rows:
            print(f"{label:30}  missing: no module {module!r}")
            continue
        seconds = [row["seconds"] for row in rows[system]]
        ratio = "-"
        if "pytorch" in rows:
            pairs = zip(rows["pytorch"], seconds, strict=True)
            ratio = f"{statistics.median(base['seconds'] / s for base, s in pairs):.2f}"
        last = rows[system][-1]
        print(
            f"{label:30}{statistics.median(seconds) / batch * 1e3:11.2f}{ratio:>11}"
            f"{firsts[system]['first']:10.2f}{last['peak']:9.0f}{last['added']:7.0f}",
            flush=True,
        )


def _answer(process: Any, system: str) -> dict[str, Any]:
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"{system} failed.")
    answer: dict[str, Any] = json.loads(line)
    return answer


def _require_equal(outputs: dict[str, list[float]]) -> None:
    """Raise unless all systems that read the file predict the same."""
    same = [np.array(values) for system, values in outputs.items() if system != "pytorch"]
    for values in same[1:]:
        np.testing.assert_allclose(values, same[0], rtol=1e-3)


def main() -> None:
    """Measure all networks and batch sizes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", nargs="+", default=list(NETWORKS), choices=NETWORKS)
    parser.add_argument("--systems", nargs="+", default=list(SYSTEMS), choices=list(SYSTEMS))
    parser.add_argument("--batches", nargs="+", type=int, default=[1, 32])
    parser.add_argument("--size", type=int, default=224, help="of the pictures (default 224)")
    parser.add_argument("--repeats", type=int, default=5, help="rounds (default 5)")
    parser.add_argument("--threads", type=int, default=2, help="threads and cores for each")
    args = parser.parse_args()
    if find_spec("keras") is None:
        print("missing: no module 'keras', which makes the files")
        return
    hold_to_cores(args.threads)
    print(*(f"{name:9} {value}" for name, value in description().items()), sep="\n")
    print(f"{args.threads} threads; median of {args.repeats} repeats, measured in turn")
    with tempfile.TemporaryDirectory(prefix="glassnet-benchmark-") as folder:
        for network in args.networks:
            path = os.path.join(folder, f"{network}.keras")
            words = [sys.executable, "-c", MAKE, network, path, str(args.size)]
            subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
            for batch in args.batches:
                measure(network, path, batch, args)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--work"]:
        name, network, path, *numbers = sys.argv[2:]
        work(name, network, path, *map(int, numbers))
    else:
        as_users_have_it()
        main()
