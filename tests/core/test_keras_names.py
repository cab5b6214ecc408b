"""Attributes and methods of Keras that nothing here reads are refused by name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from glassnet import SGD, Adam, Dense, Model
from glassnet.core.errors import GlassnetError
from glassnet.layers.base import Layer
from glassnet.losses import Loss, MeanSquaredError
from glassnet.metrics import Metric
from glassnet.optimizers import ExponentialDecay, Optimizer


def model(optimizer: Any = None) -> Model:
    m = Model([Dense(3)], input_shape=(4,))
    m.compile(optimizer or SGD(0.1), "mse")
    return m


class PlainDense(Dense):
    """A subclass without @dataclass, which would take any attribute."""


@dataclass(frozen=True)
class OwnLayer(Layer):
    """A layer that is not registered."""


@pytest.mark.parametrize("name", ["layers", "metrics", "loss", "optimizer", "params"])
def test_attributes_of_a_model_that_nothing_reads_can_not_be_set(name: str) -> None:
    with pytest.raises(GlassnetError, match=f"^Model: {name} can't be set"):
        setattr(model(), name, False)


@pytest.mark.parametrize("name", ["train_step", "call", "jit_compile", "trainble", "name"])
def test_unknown_attributes_of_a_model_can_not_be_set(name: str) -> None:
    with pytest.raises(GlassnetError, match=f"^Model: {name} can't be set"):
        setattr(model(), name, None)


@pytest.mark.parametrize("part", [Dense(3), PlainDense(3), MeanSquaredError(), SGD(0.1)])
@pytest.mark.parametrize("name", ["name", "units", "momentum", "reduction"])
def test_attributes_of_parts_can_not_be_set(part: Any, name: str) -> None:
    with pytest.raises(GlassnetError, match=f"^{type(part).__name__}: {name} can't be set"):
        setattr(part, name, None)


def test_attributes_of_an_own_layer_can_not_be_set() -> None:
    with pytest.raises(GlassnetError, match=r"^OwnLayer: units can't be set"):
        OwnLayer().units = 3  # type: ignore[attr-defined]


def test_the_hint_for_a_habit_from_pytorch_says_how_to_freeze() -> None:
    with pytest.raises(AttributeError, match="Set trainable = False, before compile"):
        _ = model().requires_grad_


def test_a_subclass_of_model_declares_its_attributes() -> None:
    class Named(Model):
        title = ""

    named = Named([Dense(3)], input_shape=(4,))
    named.title = "a title"
    assert named.title == "a title"
    with pytest.raises(GlassnetError, match=r"^Named: dense can't be set"):
        named.dense = Dense(3)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("base", "method"),
    [
        *((Model, name) for name in ("call", "train_step", "test_step", "predict_step")),
        *((Model, name) for name in ("compute_loss", "make_train_function", "get_config")),
        *((Layer, name) for name in ("call", "build", "compute_output_shape", "get_config")),
        *((Dense, name) for name in ("call", "build")),
        (Loss, "call"),
        *((Metric, name) for name in ("update_state", "result")),
        *((Optimizer, name) for name in ("update_step", "apply_gradients")),
        (Adam, "update_step"),
    ],
)
def test_methods_that_only_keras_calls_can_not_be_defined(base: type, method: str) -> None:
    with pytest.raises(GlassnetError, match=f"class Mine: defines {method}, which only Keras") as e:
        type("Mine", (base,), {method: lambda self: None})
    assert e.value.fix


@pytest.mark.parametrize("rate", [-1, 0, float("nan"), "fast", None])
def test_a_learning_rate_is_checked_when_it_is_set(rate: Any) -> None:
    optimizer = SGD(0.1)
    with pytest.raises(GlassnetError, match="SGD: learning_rate"):
        optimizer.learning_rate = rate  # type: ignore[misc]
    assert optimizer.learning_rate == 0.1


@pytest.mark.parametrize("new", [SGD, Adam])
def test_a_learning_rate_that_is_set_is_that_of_a_new_optimizer(
    new: Callable[[Any], Any], tmp_path: Any
) -> None:
    x, y = np.random.default_rng(0).normal(size=(8, 4)), np.ones((8, 3))
    first, second = model(new(0.1)), model(new(0.02))
    first.optimizer.learning_rate = np.float32(0.02)  # type: ignore[union-attr, misc]
    for engine in ("numpy", "jax"):
        for m in (first, second):
            m.fit(x, y, verbose=0, engine=engine)
        for a, b in zip(first.get_weights(), second.get_weights(), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-6)
    first.save(tmp_path / "m.safetensors")
    loaded = Model.load(tmp_path / "m.safetensors").optimizer
    assert loaded == first.optimizer
    schedule = ExponentialDecay(0.1, 1, 0.5)
    first.optimizer.learning_rate = schedule  # type: ignore[union-attr, misc]
    assert first.optimizer.rate(1) == 0.05  # type: ignore[union-attr]


def test_an_optimizer_by_name_is_a_new_one_for_each_model() -> None:
    first, second = model("adam"), model("adam")
    first.optimizer.learning_rate = 0.5  # type: ignore[union-attr, misc]
    assert second.optimizer == model("adam").optimizer == Adam()
