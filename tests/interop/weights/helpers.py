"""State dicts as PyTorch and Keras write them, and models that load them."""

from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy

from glassnet import Model
from glassnet.layers import Dense

RNG = np.random.default_rng(0)


def arrays(**shapes: tuple[int, ...]) -> dict[str, Any]:
    """Random arrays; __ in a name is a dot."""
    return {
        name.replace("__", "."): RNG.normal(size=shape).astype("float32")
        for name, shape in shapes.items()
    }


def saved(tmp_path: Path, tensors: dict[str, Any]) -> Path:
    path = tmp_path / "theirs.safetensors"
    safetensors.numpy.save_file({n: np.ascontiguousarray(t) for n, t in tensors.items()}, path)
    return path


def mlp(first: str | None = "fc1", second: str | None = "fc2") -> Model:
    return Model([Dense(3, "relu", name=first), Dense(2, name=second)], (4,))


MLP = {"fc1__weight": (3, 4), "fc1__bias": (3,), "fc2__weight": (2, 3), "fc2__bias": (2,)}


def mlp_outputs(tensors: dict[str, Any], x: Any, front: str = "") -> Any:
    h = np.maximum(x @ tensors[f"{front}fc1.weight"].T + tensors[f"{front}fc1.bias"], 0)
    return h @ tensors[f"{front}fc2.weight"].T + tensors[f"{front}fc2.bias"]
