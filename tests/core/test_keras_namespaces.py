"""Keras's names: here, or one sentence says what to write, however they are imported."""

import importlib

import numpy as np
import pytest

import glassnet


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("from glassnet.layers import ConvLSTM2D", "glassnet.layers has no 'ConvLSTM2D'. Use LSTM"),
        ("from glassnet.layers import Dens", "Did you mean 'Dense'?"),
        ("from glassnet.applications import ResNet50", "glassnet has no 'applications'. Pretr"),
        ("import glassnet.backend", "glassnet has no 'backend'. An engine"),
        ("from glassnet.preprocessing.image import x", "glassnet has no 'preprocessing'. Read"),
        ("from glassnet.callbacks import RemoteMonitor", "has no 'RemoteMonitor'. Write a Callb"),
        ("from glassnet.losses import Circle", "has no 'Circle'. No loss compares pairs"),
        ("from glassnet.initializers import STFT", "has no 'STFT'. Compute the spectrogram"),
        ("from glassnet.optimizers.legacy import Adam", "has no 'legacy'. Use glassnet.opt"),
        ("from glassnet.datasets import mnist", "has no 'mnist'. Read the data into arrays"),
        ("from glassnet import nn", "has no 'nn'. Layers are in glassnet.layers"),
        ("from glassnet.layers import Linear", "has no 'Linear'. Use Dense(units)"),
        ("from glassnet.layers import serialize", "has no 'serialize'. save and load"),
        ("from glassnet.losses import CrossEntropyLoss", "Use SparseCategoricalCrossentropy(from"),
        ("from glassnet.activations import get", "Layers take the name itself"),
        ("from glassnet import GradientTape", "has no 'GradientTape'. Pullbacks compute"),
    ],
)
def test_imports_of_what_is_missing(code: str, message: str) -> None:
    with pytest.raises(ImportError) as caught:
        exec(code)
    assert message in str(caught.value)


def test_attributes_that_are_missing() -> None:
    with pytest.raises(AttributeError, match=r"glassnet.ops has no 'ones'. Use NumPy"):
        _ = glassnet.ops.ones  # type: ignore[attr-defined]
    assert not hasattr(glassnet.layers, "Dens")
    assert not hasattr(glassnet, "__wrapped__")


def test_names_in_the_modules_of_keras() -> None:
    for path in (
        "activations.relu", "callbacks.EarlyStopping", "constraints.max_norm",
        "datasets.fashion_mnist", "initializers.he_normal", "models.Sequential",
        "regularizers.l2", "saving.load_model", "utils.to_categorical", "utils.pad_sequences",
    ):  # fmt: skip
        module, name = path.split(".")
        assert getattr(importlib.import_module(f"glassnet.{module}"), name)
    relu = glassnet.activations.relu  # type: ignore[attr-defined]
    assert relu(np.array([-1.0, 2.0])).tolist() == [0.0, 2.0]
    assert glassnet.Dense(3, glassnet.activations.tanh) == glassnet.Dense(3, "tanh")  # type: ignore[attr-defined]
