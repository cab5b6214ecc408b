"""Small healthy data, and functions that pass them to glassnet and return its findings."""

import gzip
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from glassnet import Dense, GlassnetError, Layer, Model
from glassnet.core.trees import items
from glassnet.doctor import DoctorWarning
from glassnet.runs.doctor import diagnose_settings
from glassnet.runs.settings import Settings, choose
from glassnet.runs.train import run_training

Told = list[tuple[str, str]]  # (level, message)

ROWS = 120
RNG = np.random.default_rng(0)
X = RNG.normal(size=(ROWS, 5)).astype(np.float32)
Y = (X @ RNG.normal(size=(5, 3))).argmax(axis=1)
ONE_HOT = np.eye(3, dtype=np.float32)[Y]
SOFTMAX = (Dense(8, "relu"), Dense(3, "softmax"))
SPARSE, ONE = "sparse_categorical_crossentropy", "categorical_crossentropy"


def fitted(
    layers: Sequence[Layer] = SOFTMAX,
    x: Any = X,
    y: Any = Y,
    loss: Any = SPARSE,
    optimizer: Any = "adam",
    engine: str = "numpy",
    weights: Sequence[Any] | None = None,
    metrics: Any = None,
    **options: Any,
) -> Told:
    """Return the findings of `Model.fit`."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", DoctorWarning)
        try:
            model = Model([layer.clone() for layer in layers])
            model.compile(optimizer, loss, metrics)
            if weights is not None:
                model.build(np.shape(x)[1:])
                for (_, leaf), new in zip(items(model.params), weights, strict=True):
                    leaf[...] = new
            model.fit(x, y, verbose=0, engine=engine, **options)
        except GlassnetError as error:
            return [("error", str(error))]
    return [("warning", str(one.message)) for one in caught if one.category is DoctorWarning]


def arrays(**changes: Any) -> dict[str, Any]:
    """Return the arrays of a data set: those above, and a test set."""
    rng = np.random.default_rng(1)
    x_test = rng.normal(size=(30, 5)).astype(np.float32)
    return {"x_train": X, "y_train": Y, "x_test": x_test, "y_test": np.arange(30) % 3} | changes


def npz(folder: Path, **changes: Any) -> str:
    """Write a file with these arrays and return its path."""
    path = folder / "data.npz"
    np.savez(path, **arrays(**changes))
    return str(path)


def doctored(folder: Path, data: str | None = None, /, **changes: Any) -> Told:
    """Return the findings of `glassnet doctor` on a file with these arrays, or on this data set.

    `changes` are arrays of the file (x_..., y_...) and settings.
    """
    findings = diagnose_settings(chosen(folder, data, **changes))
    return [(finding.level, str(finding).replace(str(folder) + "/", "")) for finding in findings]


def trained(folder: Path, data: str | None = None, /, **changes: Any) -> Told:
    """Return the findings of `glassnet train`, before and after training."""
    out = str(folder / "runs")
    findings = run_training(chosen(folder, data, **changes), out=out).findings
    return [(finding.level, str(finding).replace(str(folder) + "/", "")) for finding in findings]


FILE = ("x_train", "y_train", "x_test", "y_test", "weights_train", "class_names")  # arrays


def chosen(folder: Path, data: str | None = None, /, **changes: Any) -> Settings:
    """Return settings for a file with these arrays, or for this data set."""
    files = {key: changes.pop(key) for key in list(changes) if key in FILE}
    data = npz(folder, **files) if data is None else data
    kind = "texts" if data.endswith(".csv") or data == "docstrings" else "numbers"
    own = {"hidden": (8,)} if kind == "numbers" else {}
    return replace(choose(data, kind, changes.pop("network", None), **own), **changes)


def idx(folder: Path, damage: str) -> str:
    """Write a folder with Fashion-MNIST's four file names, one of them damaged."""
    images = bytes((0, 0, 8, 3)) + np.array((60000, 28, 28), ">u4").tobytes()
    labels = bytes((0, 0, 8, 1)) + np.array((60000,), ">u4").tobytes()
    contents = {
        "train-images-idx3-ubyte": images + bytes(1000 if damage == "truncated" else 60000 * 784),
        "train-labels-idx1-ubyte": labels + bytes(60000),
        "t10k-images-idx3-ubyte": images,
        "t10k-labels-idx1-ubyte": labels,
    }
    if damage == "header":
        contents["train-images-idx3-ubyte"] = bytes((0, 0, 8, 1)) + images[4:]
    if damage == "count":
        contents["train-images-idx3-ubyte"] = (
            bytes((0, 0, 8, 3)) + np.array((59999, 28, 28), ">u4").tobytes()
        )
    for name, content in contents.items():
        (folder / f"{name}.gz").write_bytes(gzip.compress(content, 1))
    return str(folder)
