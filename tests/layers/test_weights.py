"""Every weight of every layer gets the constraint of its layer."""

import json
from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from glassnet import layers
from glassnet.core.errors import GlassnetError
from glassnet.core.registry import build, classes, describe
from glassnet.core.trees import items
from glassnet.engines.numpy import NumpyEngine
from glassnet.engines.state import initial_state
from glassnet.layers import Dense, Flatten, Sequential
from glassnet.layers.constraints import NonNeg, UnitNorm
from glassnet.layers.regularizers import L2
from glassnet.losses import MeanSquaredError
from glassnet.optimizers import SGD
from glassnet.training.criterion import Criterion
from glassnet.training.step import Objective

VOLUME, IMAGE, STEPS = (3, 4, 3, 2), (5, 5, 4), (5, 4)
GIVEN: dict[str, tuple[dict[str, Any], tuple[int, ...]]] = {
    "BatchNormalization": ({}, IMAGE),
    "Conv1D": ({"filters": 2, "kernel_size": 2}, STEPS),
    "Conv1DTranspose": ({"filters": 2, "kernel_size": 2}, STEPS),
    "Conv2D": ({"filters": 2, "kernel_size": 2}, IMAGE),
    "Conv2DTranspose": ({"filters": 2, "kernel_size": 2}, IMAGE),
    "Conv3D": ({"filters": 2, "kernel_size": 2}, VOLUME),
    "Conv3DTranspose": ({"filters": 2, "kernel_size": 2}, VOLUME),
    "Dense": ({"units": 3}, STEPS),
    "DepthwiseConv1D": ({"kernel_size": 2}, STEPS),
    "DepthwiseConv2D": ({"kernel_size": 2}, IMAGE),
    "EinsumDense": (
        {"equation": "abc,cd->abd", "output_shape": (None, 3), "bias_axes": "d"}, STEPS,
    ),
    "Embedding": ({"input_dim": 3, "output_dim": 2}, STEPS),
    "GRU": ({"units": 3}, STEPS),
    "GroupNormalization": ({"groups": 2}, IMAGE),
    "LSTM": ({"units": 3}, STEPS),
    "LayerNormalization": ({}, STEPS),
    "MultiHeadAttention": ({"num_heads": 2, "key_dim": 2}, STEPS),
    "SeparableConv1D": ({"filters": 2, "kernel_size": 2}, STEPS),
    "PReLU": ({}, STEPS),
    "SeparableConv2D": ({"filters": 2, "kernel_size": 2}, IMAGE),
    "SimpleRNN": ({"units": 3}, STEPS),
}  # fmt: skip


def kinds(name: str) -> list[str]:
    return [f.name for f in fields(classes("layer")[name]) if f.name.endswith("_constraint")]


def test_none_is_forgotten() -> None:
    assert {name for name in classes("layer") if kinds(name)} == set(GIVEN)


@pytest.mark.parametrize("name", GIVEN)
def test_a_step_leaves_no_weight_outside(name: str) -> None:
    options, shape = GIVEN[name]
    layer = getattr(layers, name)(**options, **dict.fromkeys(kinds(name), "non_neg"))
    assert build("layer", json.loads(json.dumps(describe(layer)))) == layer
    network = Sequential((layer, Flatten(), Dense(2, name="last")))
    constrained = dict(items(layer.weights(shape)))
    assert {w.constraint for w in constrained.values() if w.trainable} == {NonNeg()}
    params, _ = network.init(np.random.default_rng(0), shape, "float64")
    objective = Objective(network, Criterion(MeanSquaredError()), network.weights(shape))
    engine = NumpyEngine(objective, SGD(0.1), initial_state(objective, SGD(0.1), params), 0)
    x = np.random.default_rng(1).integers(0, 3, (4, *shape))
    engine.run(x, np.ones((4, 2)), [np.arange(4)], [0.1])
    (place, _), *_ = network.parts
    for path, weight in items(engine.params):
        if path.startswith(f"{place}/"):
            assert (weight >= 0).all(), path
    assert (engine.params["last"]["kernel"] < 0).any()


@pytest.mark.parametrize("name", GIVEN)
def test_each_kind_constrains_its_own_weight(name: str) -> None:
    options, shape = GIVEN[name]
    for kind in kinds(name):
        layer = getattr(layers, name)(**options, **{kind: NonNeg()})
        found = {path.split("/")[-1] for path, w in items(layer.weights(shape)) if w.constraint}
        stem = kind.removesuffix("_constraint")
        assert len(found) == 1
        assert found <= {stem, f"{stem}_kernel", "kernel" if stem == "depthwise" else stem}


def test_refusals() -> None:
    with pytest.raises(GlassnetError, match=r"LSTM: .*'nonneg'.*Did you mean 'non_neg'"):
        layers.LSTM(2, recurrent_constraint="nonneg")
    layer = Dense(2, bias_constraint=UnitNorm(1))
    with pytest.raises(GlassnetError, match=r"Dense: bias_constraint: .*axis 1 .* shape \(2,\)"):
        layer.weights((3,))


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (layers.Dense(2, bias_regularizer="l2"), (3,)),
        (layers.Conv1D(2, 3, bias_regularizer="l2"), (5, 3)),
        (layers.Conv2DTranspose(2, 3, bias_regularizer="l2"), (5, 5, 3)),
        (layers.SeparableConv2D(2, 3, bias_regularizer="l2"), (5, 5, 3)),
        (layers.DepthwiseConv2D(3, bias_regularizer="l2"), (5, 5, 3)),
        (layers.MultiHeadAttention(2, 3, bias_regularizer="l2"), (5, 4)),
        *((cell(2, bias_regularizer="l2"), (5, 3)) for cell in (layers.GRU, layers.LSTM)),
    ],
)
def test_biases_are_penalised(layer: layers.Layer, shape: tuple[int, ...]) -> None:
    found = {path: weight.regularizer for path, weight in items(layer.weights(shape))}
    assert {path for path, penalty in found.items() if penalty == L2()} == {
        path for path in found if "bias" in path
    }
