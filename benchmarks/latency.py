"""Measure the prediction of one image, an import, and a whole training to 89%.

    python benchmarks/latency.py

One prediction: the median of many calls, each system in its own process, because a process has only
one Keras backend. A training to 89%: the time of a process from start to exit, for the glassnet
command line and for a Keras script that does the same.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec

from machine import as_users_have_it, environment

SETUP = """
import statistics, time
import numpy as np
image = np.random.default_rng(0).integers(0, 256, (1, 28, 28), dtype=np.uint8)
def median(call, least=30):
    call(); times = []; until = time.perf_counter() + SECONDS
    while len(times) < least or time.perf_counter() < until:
        began = time.perf_counter(); call(); times.append(time.perf_counter() - began)
    print(statistics.median(times) * 1e6)
"""
ONE = {
    "plain NumPy expression": """
rng = np.random.default_rng(0)
w1, w2 = (rng.normal(0, .05, s).astype(np.float32) for s in ((784, 128), (128, 10)))
b1, b2 = np.zeros(128, np.float32), np.zeros(10, np.float32)
def bare():
    x = image.reshape(1, 784).astype(np.float32) * np.float32(1 / 255)
    h = np.maximum(x @ w1 + b1, 0)
    z = h @ w2 + b2
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)
median(bare)
""",
    "glassnet Model.predict": """
import glassnet as g
m = g.Model([g.Flatten(), g.Rescaling(1 / 255), g.Dense(128, "relu"), g.Dense(10, "softmax")],
            input_shape=(28, 28))
median(lambda: m.predict(image))
""",
    "PyTorch, inference mode": """
import torch; from torch import nn
m = nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10), nn.Softmax(-1))
def run():
    with torch.inference_mode():
        return m(torch.from_numpy(image).float() / 255).numpy()
median(run)
""",
    "Keras on TensorFlow, model(x)": """
import keras; L = keras.layers
m = keras.Sequential([keras.Input((28, 28)), L.Flatten(), L.Rescaling(1 / 255),
                      L.Dense(128, "relu"), L.Dense(10, "softmax")])
median(lambda: np.asarray(m(image)))
""",
    "Keras on TensorFlow, predict": """
import keras; L = keras.layers
m = keras.Sequential([keras.Input((28, 28)), L.Flatten(), L.Rescaling(1 / 255),
                      L.Dense(128, "relu"), L.Dense(10, "softmax")])
median(lambda: m.predict(image, verbose=0))
""",
}
KERAS_TRAINING = """
import keras, numpy as np
from glassnet.data import load
L = keras.layers; d = load("fashion-mnist")
m = keras.Sequential([keras.Input((28, 28)), L.Flatten(), L.Rescaling(1 / 255),
                      L.Dense(128, "relu"), L.Dense(10, "softmax")])
steps = EPOCHS * 844
rate = keras.optimizers.schedules.CosineDecay(
    0.0, steps - steps // 10, warmup_target=0.002, warmup_steps=steps // 10)
m.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
m.fit(d.x_train[:54000].astype("float32"), d.y_train[:54000], batch_size=64, epochs=EPOCHS,
      verbose=0, validation_data=(d.x_train[54000:].astype("float32"), d.y_train[54000:]))
print(m.evaluate(d.x_test.astype("float32"), d.y_test, verbose=0)[1])
"""


def python(code: str, **variables: str) -> tuple[str, float]:
    """Return the last word that a new process prints, and its seconds from start to exit."""
    began = time.perf_counter()
    env = os.environ | environment(2) | {"TF_CPP_MIN_LOG_LEVEL": "3", **variables}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return (done.stdout.split() or [""])[-1], time.perf_counter() - began


def one_prediction(seconds: float, only: str) -> None:
    """Print microseconds for one image, from calls for this many seconds."""
    print("one prediction, 784-128-10, 28×28 bytes to 10 probabilities")
    bare = None
    for name, code in ONE.items():
        if only not in name and "NumPy" not in name:  # the base of the ratios
            continue
        module = "torch" if "PyTorch" in name else "keras" if "Keras" in name else "numpy"
        if find_spec(module) is None:
            print(f"  {name:32}  missing: no module {module!r}")
            continue
        code = f"SECONDS = {seconds}\n{SETUP}{code}"
        microseconds = float(python(code, KERAS_BACKEND="tensorflow")[0])
        bare = bare or microseconds
        print(f"  {name:32} {microseconds:10.1f} µs {microseconds / bare:10.2f} × plain NumPy")


def imports(repeats: int, only: str) -> None:
    """Print the seconds of processes that only import a module."""
    print(f"a process that only imports (seconds, median of {repeats})")
    for module in (
        "numpy",
        "glassnet",
        "glassnet.model.model",
        "sklearn.neural_network",
        "torch",
        "keras",
    ):
        if only not in module:
            continue
        if find_spec(module.partition(".")[0]) is None:
            print(f"  {module:32}  missing")
            continue
        seconds = statistics.median(python(f"import {module}")[1] for _ in range(repeats))
        print(f"  {module:32} {seconds:8.2f} s")
    code = "import sys; from glassnet.cli import main; sys.argv = ['glassnet', '--help']; main()"
    seconds = statistics.median(python(code)[1] for _ in range(repeats))
    print(f"  {'glassnet --help':32} {seconds:8.2f} s")


def to_accuracy(epochs: int, only: str) -> None:
    """Print the seconds of processes that train the default recipe, from start to exit."""
    print(
        f"a whole process that trains the default recipe ({epochs} epochs), with its test accuracy"
    )
    for engine in ("numpy", "jax"):
        if engine == "jax" and find_spec("jax") is None:
            print("  glassnet train --engine jax       missing: no module 'jax'")
            continue
        with tempfile.TemporaryDirectory() as folder:
            code = (
                "import sys, json, io, contextlib; from glassnet.cli import main\n"
                f"sys.argv = ['glassnet', 'train', '--engine', {engine!r}, '--epochs', "
                f"'{epochs}', '--json', '--out', {folder!r}]\n"
                "out = io.StringIO()\n"
                "with contextlib.redirect_stdout(out):\n"
                "    try: main()\n"
                "    except SystemExit as end: assert not end.code\n"
                "print(json.loads(out.getvalue())['test']['accuracy'])"
            )
            accuracy, seconds = python(code)
        print(f"  glassnet train --engine {engine:10} {seconds:8.1f} s  {float(accuracy):.2%}")
    if only not in "Keras":
        return
    if find_spec("keras") is None:
        print("  the same in Keras                 missing: no module 'keras'")
        return
    for backend in ("tensorflow", "jax"):
        accuracy, seconds = python(f"EPOCHS = {epochs}\n{KERAS_TRAINING}", KERAS_BACKEND=backend)
        print(f"  the same in Keras on {backend:12} {seconds:8.1f} s  {float(accuracy):.2%}")


def main() -> None:
    """Measure all three."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=2.0, help="of predictions (default 2)")
    parser.add_argument("--repeats", type=int, default=5, help="imports of a module (default 5)")
    parser.add_argument("--epochs", type=int, default=15, help="of a training (default 15)")
    parser.add_argument("--only", default="", help="rows whose name contains this, e.g. glassnet")
    args = parser.parse_args()
    one_prediction(args.seconds, args.only)
    print()
    imports(args.repeats, args.only)
    print()
    to_accuracy(args.epochs, args.only)


if __name__ == "__main__":
    as_users_have_it()
    main()
