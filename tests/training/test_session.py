"""Before the first step: what could not be saved after the last one is said."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet import SGD, BackupAndRestore, Dense, Input, Model, ModelCheckpoint, Sequential
from glassnet.core.errors import GlassnetError
from glassnet.core.registry import register
from glassnet.layers import Residual
from glassnet.layers.base import Layer
from glassnet.optimizers.schedules import Schedule

X, Y = np.random.default_rng(0).normal(size=(8, 4)), np.zeros((8, 4))


@dataclass(frozen=True)
class OwnIdentity(Layer):
    """y = x, in a class that is not registered."""

    def forward(self, params: Any, x: Any, context: Any = None) -> Any:
        return x, lambda dy: (dy, {})


@dataclass(frozen=True)
class RegisteredIdentity(OwnIdentity):
    """y = x, in a class that a test registers."""


class UndecoratedDense(Dense):
    """A Dense whose class is not its own in files."""


@dataclass(frozen=True)
class OwnSchedule(Schedule):
    """A constant rate, in a class that is not registered."""

    def __call__(self, step: int) -> float:
        return 0.1


def compiled(layer: Layer, optimizer: Any = "sgd") -> Model:
    model = Model([layer, Dense(4)], input_shape=(4,))
    model.compile(optimizer, "mse")
    return model


def graph() -> Model:
    a = Input((4,))
    model = Model(inputs=a, outputs=Dense(4)(OwnIdentity()(a)))
    model.compile("sgd", "mse")
    return model


UNREADABLE = [
    lambda: compiled(OwnIdentity()),
    lambda: compiled(Sequential((OwnIdentity(),))),
    lambda: compiled(Residual((OwnIdentity(),))),
    lambda: compiled(UndecoratedDense(3)),
    lambda: compiled(Dense(3), SGD(OwnSchedule())),
    graph,
]


@pytest.mark.parametrize("new", UNREADABLE)
@pytest.mark.parametrize("engine", ["numpy", "jax"])
def test_what_is_not_registered_is_said_before_training(
    new: Any, engine: str, tmp_path: Path
) -> None:
    files = [ModelCheckpoint(tmp_path / "m.safetensors"), BackupAndRestore(tmp_path / "backup")]
    for callback in files:
        model = new()
        before = model.get_weights()
        with pytest.raises(GlassnetError, match=r"is not registered.* Write @register\(") as caught:
            model.fit(X, Y, verbose=0, callbacks=[callback], engine=engine)
        assert caught.value.fix
        for a, b in zip(before, model.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)
    with pytest.warns(UserWarning, match="The trained model can't be saved: .* not registered"):
        new().fit(X, Y, verbose=0, engine=engine)
    with pytest.raises(GlassnetError, match="is not registered"):
        new().save(tmp_path / "m.safetensors")
    assert not list(tmp_path.iterdir())


def test_weights_alone_can_be_written(tmp_path: Path) -> None:
    checkpoint = ModelCheckpoint(tmp_path / "w.safetensors", save_weights_only=True)
    model = compiled(OwnIdentity())
    with pytest.warns(UserWarning, match="can't be saved"):
        model.fit(X, Y, verbose=0, callbacks=[checkpoint])
    other = compiled(OwnIdentity())
    other.load_weights(tmp_path / "w.safetensors")
    np.testing.assert_array_equal(other.predict(X), model.predict(X))


def test_what_is_registered_is_saved_and_loaded(own_registry: None, tmp_path: Path) -> None:
    register("layer")(RegisteredIdentity)
    model = compiled(RegisteredIdentity())
    model.fit(X, Y, verbose=0, callbacks=[ModelCheckpoint(tmp_path / "m.safetensors")])
    loaded = Model.load(tmp_path / "m.safetensors")
    assert loaded.network == model.network
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
