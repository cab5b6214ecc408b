"""The systems, each in a file with a function `build` that sets up its training.

`build(setup, data, **options)` builds the network and returns two functions: `train()` trains for
`setup.epochs` epochs and returns when the work is done; `predict(x)` returns the class scores of
float images (N, 784). Whatever is built or compiled once is built by the first `train()`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class System:
    """The module of a system, its label, and the options and environment for its measurement."""

    module: str
    label: str
    options: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)


def _keras(backend: str, label: str, steps_per_execution: int = 1) -> System:
    note = "default fit" if steps_per_execution == 1 else f"{steps_per_execution} steps/execution"
    return System(
        "keras_fit",
        f"Keras on {label}, {note}",
        {"steps_per_execution": steps_per_execution},
        {"KERAS_BACKEND": backend},
    )


SYSTEMS = {  # of train_mlp.py, which compares them in this order
    "glassnet": System("glassnet_fit", "glassnet NumPy, Model.fit"),
    "glassnet-accuracy": System(
        "glassnet_fit", "glassnet NumPy, with accuracy", {"metrics": ["accuracy"]}
    ),
    "glassnet-jax": System("glassnet_fit", "glassnet JAX, Model.fit", {"engine": "jax"}),
    "jax-scan": System("jax_scan", "JAX, a hand-written scan"),
    "pytorch": System("pytorch", "PyTorch eager, fused Adam"),
    "pytorch-compile": System("pytorch", "PyTorch, torch.compile", {"compiled": True}),
    "sklearn": System("sklearn_mlp", "scikit-learn MLPClassifier"),
    "keras-tensorflow": _keras("tensorflow", "TensorFlow"),
    "keras-tensorflow-32": _keras("tensorflow", "TensorFlow", 32),
    "keras-jax": _keras("jax", "JAX"),
    "keras-jax-32": _keras("jax", "JAX", 32),
    "keras-torch": _keras("torch", "PyTorch"),
}

SEEDS = {  # of seeds_loop.py
    "textbook": System("textbook_loop", "NumPy, a loop over examples"),
    "glassnet-seeds": System("glassnet_seeds", "glassnet NumPy, Model.fit"),
}


def networks(network: str) -> dict[str, System]:
    """Return the systems of train_networks.py for one of its networks."""
    tensorflow, jax = {"KERAS_BACKEND": "tensorflow"}, {"KERAS_BACKEND": "jax"}
    chosen: dict[str, Any] = {"network": network}
    ours, keras = "glassnet_networks", "keras_networks"
    return {
        f"{network}-glassnet": System(ours, "glassnet NumPy, Model.fit", chosen),
        f"{network}-glassnet-jax": System(
            ours, "glassnet JAX, Model.fit", chosen | {"engine": "jax"}
        ),
        f"{network}-pytorch": System("pytorch_networks", "PyTorch eager, fused Adam", chosen),
        f"{network}-keras-tensorflow": System(keras, "Keras on TensorFlow", chosen, tensorflow),
        f"{network}-keras-jax": System(keras, "Keras on JAX", chosen, jax),
    }


NETWORKS = {network: networks(network) for network in ("cnn", "lstm", "transformer")}

ALL = SYSTEMS | SEEDS | {name: s for systems in NETWORKS.values() for name, s in systems.items()}
