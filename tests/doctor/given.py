"""Small healthy data, and ways to hand them to glassnet as people do."""

import gzip
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from glassnet import Dense, GlassnetError, Layer, Model
from glassnet.doctor import DoctorWarning
from glassnet.runs.diagnose import examined
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
    """What `Model.fit` says."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", DoctorWarning)
        try:
            model = Model(list(layers))
            model.compile(optimizer, loss, metrics)
            if weights is not None:
                model.build(np.shape(x)[1:])
                model.set_weights(weights)
            model.fit(x, y, verbose=0, engine=engine, **options)
        except GlassnetError as error:
            return [("error", str(error))]
    return [("warning", str(one.message)) for one in caught if one.category is DoctorWarning]


def arrays(**changes: Any) -> dict[str, Any]:
    """The arrays of a data set: those above, and others to test on."""
    rng = np.random.default_rng(1)
    x_test = rng.normal(size=(30, 5)).astype(np.float32)
    return {"x_train": X, "y_train": Y, "x_test": x_test, "y_test": np.arange(30) % 3} | changes


def npz(folder: Path, **changes: Any) -> str:
    """A file with these arrays."""
    path = folder / "data.npz"
    np.savez(path, **arrays(**changes))
    return str(path)


def doctored(folder: Path, data: str | None = None, /, **changes: Any) -> Told:
    """What `glassnet doctor` says of a file with these arrays, or of this data set.

    Small letters are settings; arrays are those of the file.
    """
    found = examined(chosen(folder, data, **changes))
    return [(finding.level, str(finding).replace(str(folder) + "/", "")) for finding in found]


def trained(folder: Path, data: str | None = None, /, **changes: Any) -> Told:
    """What `glassnet train` says, before and after a training."""
    out = str(folder / "runs")
    found = run_training(chosen(folder, data, **changes), out=out).findings
    return [(finding.level, str(finding).replace(str(folder) + "/", "")) for finding in found]


def chosen(folder: Path, data: str | None = None, /, **changes: Any) -> Settings:
    """Settings for a file with these arrays, or for this data set."""
    files = {key: changes.pop(key) for key in list(changes) if key[:2] in ("x_", "y_")}
    data = npz(folder, **files) if data is None else data
    kind = "texts" if data.endswith(".csv") or data == "docstrings" else "numbers"
    own = {"hidden": (8,)} if kind == "numbers" else {}
    return replace(choose(data, kind, changes.pop("network", None), **own), **changes)


def idx(folder: Path, damage: str) -> str:
    """A folder with Fashion-MNIST's four file names, one of them damaged."""
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
