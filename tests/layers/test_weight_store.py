"""Models that share layers share weights; the numbers beside Keras are in check_shared_weights."""

import copy
import gc
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet import BackupAndRestore
from glassnet.core.errors import GlassnetError
from glassnet.core.trees import Tree
from glassnet.layers import (
    LSTM,
    Bidirectional,
    Concatenate,
    Dense,
    Input,
    Layer,
    Residual,
    Sequential,
    TimeDistributed,
    weight_store,
)
from glassnet.model.model import Model
from glassnet.training.callbacks import Callback, Record

X = np.random.default_rng(0).normal(size=(32, 4)).astype("float32")
Y = np.tanh(X[:, :2])


def trained(model: Model, x: Any = X, y: Any = Y) -> Model:
    model.compile("adam", "mse")
    model.fit(x, y, epochs=3, verbose=0)
    return model


def same(a: list[np.ndarray], b: list[np.ndarray]) -> bool:
    return len(a) == len(b) and all(map(np.array_equal, a, b))


def test_one_store_is_read_and_written_by_all_models_that_share_a_layer() -> None:
    layer, x = Dense(2, "tanh"), Input((4,))
    first, second = Model([layer], (4,)), Model(x, Dense(2)(layer(x)))
    trained(second)
    assert same(first.get_weights(), second.get_weights()[:2])
    first.set_weights([np.ones((4, 2)), np.zeros(2)])
    np.testing.assert_array_equal(second.params["dense"]["kernel"], np.ones((4, 2)))


@pytest.mark.parametrize("wrap", [
    lambda d: TimeDistributed(d), lambda d: Sequential((Dense(4), d)),
    lambda d: Residual((Dense(4), d)), lambda d: Sequential((Sequential((Dense(4),)), d)),
])  # fmt: skip
def test_a_layer_is_shared_from_inside_other_layers(wrap: Callable[[Layer], Layer]) -> None:
    layer = Dense(4, "tanh")
    shape = (3, 4) if isinstance(wrap(layer), TimeDistributed) else (4,)
    alone, wrapped = Model([layer], (4,)), Model([wrap(layer)], shape)
    rows = np.random.default_rng(1).normal(size=(8, *shape))
    trained(wrapped, rows, np.tanh(rows))
    weights = wrapped.get_weights()[-2:]
    assert same(alone.get_weights(), weights)
    np.testing.assert_allclose(
        alone.predict(X), np.tanh(X @ weights[0] + weights[1]), rtol=1e-4, atol=1e-6
    )


def test_both_directions_of_a_recurrent_layer_have_their_own_weights() -> None:
    layer = LSTM(3)
    alone, both = Model([layer], (5, 4)), Model([Bidirectional(layer)], (5, 4))
    assert same(alone.get_weights(), both.get_weights()[:3])
    assert not np.array_equal(both.get_weights()[0], both.get_weights()[3])


def test_a_layer_in_the_list_twice_is_one_layer() -> None:
    layer = Dense(4, "tanh")
    model = Model([layer, layer, Dense(2)], (4,))
    assert model.count_params() == 20 + 10
    trained(model)
    kernel, bias, *head = model.get_weights()
    hidden = np.tanh(np.tanh(X @ kernel + bias) @ kernel + bias)
    np.testing.assert_allclose(model.predict(X), hidden @ head[0] + head[1], rtol=1e-4, atol=1e-6)


def test_models_are_layers_of_a_list() -> None:
    base = Model([Dense(3, "relu")], (4,))
    model = trained(Model([base, Dense(2)], (4,)))
    assert same(base.get_weights(), model.get_weights()[:2])


def test_a_layer_where_it_would_need_two_sets_of_weights_is_refused() -> None:
    layer, steps = Dense(4), Input((3, 4))
    node = Concatenate()(layer(steps), TimeDistributed(layer)(steps))
    with pytest.raises(GlassnetError, match=r"'dense' and 'time_distributed/layer', that can't"):
        Model(steps, node)


def test_the_layers_of_a_model_inside_and_beside_it_are_one_graph() -> None:
    x, shared = Input((4,)), Dense(3, name="shared")
    base = Model(x, Dense(2, name="head")(shared(x)), name="base")
    model = Model(x, Concatenate()(base(x), shared(x)))
    assert [name for name, _ in model.network.parts] == ["shared", "head", "concatenate"]
    assert model.count_params() == base.count_params()


def test_names_of_models_are_those_of_layers() -> None:
    x = Input((4,))
    model = Model(x, Model([Dense(2)], name="encoder")(x))
    assert model.get_layer("encoder").name == "encoder"
    with pytest.raises(GlassnetError, match="'a/b' is not a valid layer name"):
        Model([Dense(2)], name="a/b")


@pytest.mark.parametrize(
    "copied", [Model.clone, copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))]
)
def test_copies_share_nothing(copied: Callable[[Model], Model]) -> None:
    model = trained(Model([Dense(3, "relu"), Dense(2)], (4,)))
    other = copied(model)
    weights = model.get_weights()
    assert same(other.get_weights(), weights)
    other.fit(X, Y, verbose=0)
    assert same(model.get_weights(), weights)
    assert not same(other.get_weights(), weights)
    again = Model([*other.layers[:-1], Dense(1)], (4,))  # layers of the copy have its weights
    assert same(again.get_weights()[:2], other.get_weights()[:2])


def test_two_models_copied_together_share_as_before() -> None:
    layer = Dense(2)
    first, second = copy.deepcopy((Model([layer], (4,)), Model([layer], (4,))))
    trained(first)
    assert same(first.get_weights(), second.get_weights())


@pytest.mark.parametrize(
    "copied", [Layer.clone, copy.deepcopy, lambda layer: pickle.loads(pickle.dumps(layer))]
)
@pytest.mark.parametrize("layer", [Dense(4), Residual((Dense(4),)), Bidirectional(LSTM(2))])
def test_copies_of_a_layer_have_copies_of_its_weights(
    copied: Callable[[Layer], Layer], layer: Layer
) -> None:
    layer = layer.clone()
    shape = (3, 4) if isinstance(layer, Bidirectional) else (4,)
    first = Model([layer], shape, seed=1)
    second, third = (
        Model([copied(layer)], shape),
        Model([layer.clone(weights=False)], shape, seed=2),
    )
    weights = first.get_weights()
    assert same(weights, second.get_weights())
    assert not same(weights, third.get_weights())
    second.set_weights([0 * weight for weight in weights])
    assert same(first.get_weights(), weights)


def test_what_can_t_be_shared_is_refused_and_changes_nothing() -> None:
    layer, other = Dense(2, name="shared"), Dense(3)
    model = Model([layer], (4,))
    weights = model.get_weights()
    with pytest.raises(GlassnetError, match=r"'shared': already has weights.*\(4, 2\).*\(3, 2\)"):
        Model([other, layer], (4,))
    with pytest.raises(GlassnetError, match=r'not a weight of dtype float64.*dtype="float32"'):
        Model([layer], (4,), dtype="float64")
    assert same(model.get_weights(), weights)
    assert Model([other], (5,)).count_params() == 18  # the refusal gave it no weights


def test_a_seed_that_draws_nothing_is_noticed() -> None:
    layers = [Dense(3, "relu"), Dense(2)]
    model = Model(layers, (4,), seed=1)
    model.build((4,))
    with pytest.warns(UserWarning, match="seed 2 draws no weights: all layers already have"):
        Model(layers, (4,), seed=2)
    Model([*layers[:-1], Dense(1)], (4,), seed=2)
    Model([layer.clone(weights=False) for layer in layers], (4,), seed=2)


@pytest.mark.parametrize("change", [
    lambda m: m.fit(X, Y, verbose=0), lambda m: m.set_weights(m.get_weights()),
])  # fmt: skip
def test_weights_that_another_model_is_training_can_t_be_changed(
    change: Callable[[Model], Any],
) -> None:
    layer = Dense(2, "tanh")
    model, other = (Model([layer, Dense(2)], (4,)) for _ in range(2))
    unrelated = trained(Model([Dense(2)], (4,)))
    for one in (model, other):
        one.compile("adam", "mse")

    class Change(Callback):
        def on_epoch_end(self, record: Record) -> None:
            change(unrelated)
            change(other)

    with pytest.raises(GlassnetError, match="shares layers with a model that is"):
        model.fit(X, Y, verbose=0, callbacks=[Change()])
    change(other)  # the training has ended
    assert not model.in_training


def test_a_model_cloned_in_a_callback_can_be_trained(tmp_path: Path) -> None:
    model, clones = Model([Dense(2, "tanh")], (4,)), []
    model.compile("adam", "mse")

    class Clone(Callback):
        def on_epoch_end(self, record: Record) -> None:
            clones.append(self.model.clone())
            with pytest.raises(GlassnetError, match="is being trained"):
                self.model.compile("sgd", "mse")

    model.fit(X, Y, verbose=0, callbacks=[Clone()])
    clones[0].fit(X, Y, verbose=0)


def test_a_callback_of_a_frozen_class_is_given_the_model_too() -> None:
    model = Model([Dense(2, "tanh")], (4,))
    model.compile("adam", "mse")

    @dataclass(frozen=True)
    class Frozen(Callback):
        seen: list[Any]

        def on_epoch_end(self, record: Record) -> None:
            self.seen.append(self.model)

    class Own(Callback):
        @property
        def model(self) -> str:  # type: ignore[override]
            return "own"

    frozen = Frozen([])
    model.fit(X, Y, verbose=0, callbacks=[frozen, Own()])
    assert frozen.seen == [model]
    model.set_weights(model.get_weights())


def test_a_layer_as_a_model_with_a_name_keeps_its_weights() -> None:
    layer = Dense(3)
    model, named = Model(layer, (4,)), Model(layer, (4,), name="named")
    model.set_weights([np.full((4, 3), 5), np.zeros(3)])
    assert same(named.get_weights(), model.get_weights())
    assert named.network.name == "named"


def test_weights_live_as_long_as_their_layer() -> None:
    model = Model([Dense(2), Dense(1)], (4,))
    first, weights = model.layers[0], model.get_weights()[:2]
    del model
    gc.collect()
    assert same(Model([first], (4,)).get_weights(), weights)
    count = len(weight_store._trees)
    del first
    gc.collect()
    assert len(weight_store._trees) < count


def test_callbacks_see_the_weights_of_the_epoch_in_models_that_share_them() -> None:
    x = Input((4,))
    hidden = Dense(3, "tanh")(x)
    model, features = Model(x, Dense(2)(hidden)), Model(x, hidden)
    seen: list[tuple[np.ndarray, Tree]] = []

    class Watch(Callback):
        def on_epoch_end(self, record: Record) -> None:
            seen.append((features.get_weights()[0], record.model().params))

    model.compile("adam", "mse")
    model.fit(X, Y, epochs=3, verbose=0, callbacks=[Watch()])
    assert len({weight.tobytes() for weight, _ in seen}) == 3
    for weight, params in seen:
        np.testing.assert_array_equal(weight, params["dense"]["kernel"])


def test_what_was_fitted_to_the_weights_is_discarded_when_another_model_changes_them() -> None:
    layer = Dense(3, "tanh")
    base, other = Model([layer], (4,)), Model([layer, Dense(2)], (4,))
    base.about["temperature"] = 2.0
    assert base.about == {"temperature": 2.0}
    trained(other)
    assert "temperature" not in base.about
    base.about["temperature"] = 3.0
    base.set_weights([2 * weight for weight in base.get_weights()])
    assert "temperature" not in base.about


def backed_up(folder: Path, kill_at: int | None) -> bytes:
    """Train a tower inside a siamese network with backups; die after so many epochs."""
    a, b, x = Input((4,)), Input((4,)), Input((4,))
    tower = Model(x, Dense(2, "tanh")(Dense(5, "relu")(x)))
    model = Model([a, b], Dense(2, "tanh")(Concatenate()(tower(a), tower(b))))

    class Kill(Callback):
        def on_segment_end(self, record: Record) -> None:
            if record.epoch == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

    callbacks = [BackupAndRestore(folder, save_freq=2, delete_checkpoint=False), Kill()]
    model.compile("adam", "mse")
    model.fit([X, X[::-1]], Y, 8, 4, verbose=0, callbacks=callbacks)
    kernels = tower.get_weights(), model.get_weights()[:4]
    assert same(*kernels)
    return b"".join(weight.tobytes() for weight in model.get_weights())


def test_models_that_share_layers_resume_from_kills(tmp_path: Path) -> None:
    whole = backed_up(tmp_path / "whole", None)
    for epoch in (0, 1, 3):  # in a process of its own, which JAX's threads keep a fork from being
        program = f"from {__name__} import *; backed_up(Path({str(tmp_path / 'cut')!r}), {epoch})"
        done = subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[2])
        assert done.returncode == -signal.SIGKILL
    assert backed_up(tmp_path / "cut", None) == whole
