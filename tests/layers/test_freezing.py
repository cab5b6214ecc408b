"""Frozen layers: what training leaves as it is, on both engines, and what it doesn't."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from glassnet import layers
from glassnet.core.errors import GlassnetError
from glassnet.core.trees import items
from glassnet.layers import BatchNormalization, CallContext, Dense, Dropout, Input, Layer
from glassnet.layers.base import Weight
from glassnet.layers.constraints import MaxNorm
from glassnet.layers.freezing import frozen_layers
from glassnet.layers.initializers import Ones
from glassnet.model.model import Model
from glassnet.optimizers import SGD, AdamW

RNG = np.random.default_rng(0)
X = RNG.normal(size=(48, 4)).astype("float32")
Y = X[:, :1] - 2 * X[:, 1:2]
ENGINES = ["numpy", pytest.param("jax", marks=pytest.mark.filterwarnings("default"))]


def network() -> Model:
    return Model(
        [
            Dense(5, "relu", name="a", kernel_regularizer="l2", kernel_constraint=MaxNorm(0.5)),
            BatchNormalization(name="norm"),
            Dropout(0.2),
            Dense(4, "tanh", name="b"),
            Dense(1, name="head"),
        ],
        input_shape=(4,),
    )


def fitted(model: Model, engine: str = "numpy", **options: Any) -> dict[str, bool]:
    """Return for each weight if training changed it."""
    before = {path: np.array(leaf) for path, leaf in items(model.params)}
    optimizer = AdamW(0.01, weight_decay=0.1, use_ema=True, ema_momentum=0.5, global_clipnorm=1.0)
    model.compile(optimizer, "mse")
    model.fit(X, Y, batch_size=16, epochs=3, verbose=0, engine=engine, **options)
    return {path: not np.array_equal(before[path], leaf) for path, leaf in items(model.params)}


@pytest.mark.parametrize("engine", ENGINES)
def test_frozen_weights_and_statistics_stay_and_all_others_move(engine: str) -> None:
    if engine == "jax":
        pytest.importorskip("jax")
    model = network()
    for name in ("a", "norm"):
        model.get_layer(name).trainable = False
    moved = fitted(model, engine)
    assert {path for path, changed in moved.items() if changed} == {
        "b/kernel", "b/bias", "head/kernel", "head/bias",
    }  # fmt: skip
    assert [v.path for v in model.trainable_weights] == [p for p, moves in moved.items() if moves]
    assert len(model.non_trainable_weights) == 6


def test_a_frozen_layer_between_trained_ones_passes_the_gradient_on() -> None:
    model = network()
    model.layers[1].trainable = model.layers[3].trainable = False
    moved = {path.split("/")[0] for path, changed in fitted(model).items() if changed}
    assert moved == {"a", "head"}


def test_a_step_is_that_of_the_network_with_the_frozen_part_as_a_constant() -> None:
    body, head = Dense(5, "tanh"), Dense(1)
    whole = Model([body, BatchNormalization(), head], input_shape=(4,), dtype="float64")
    whole.layers[0].trainable = whole.layers[1].trainable = False
    features = Model(whole.layers[:2], input_shape=(4,), dtype="float64").predict(X)
    alone = Model([head.clone()], input_shape=(5,), dtype="float64")
    for model, x in ((whole, X), (alone, features)):
        model.compile(SGD(0.1, momentum=0.9), "mse")
        model.fit(x, Y, epochs=3, verbose=0)
    for weight, other in zip(head.get_weights(), alone.get_weights(), strict=True):
        np.testing.assert_allclose(weight, other, rtol=1e-12)


def test_only_the_penalties_of_trained_weights_are_part_of_the_loss() -> None:
    model = network()
    model.compile("sgd", "mse")
    penalized = model.evaluate(X, Y, verbose=0)
    model.layers[0].trainable = False
    kernel = model.layers[0].get_weights()[0]
    assert penalized - model.evaluate(X, Y, verbose=0) == pytest.approx(
        0.01 * (kernel**2).sum(), rel=1e-4
    )


def test_the_flag_reaches_the_layers_inside_which_can_be_set_again() -> None:
    base = Model([Dense(3, name="a"), Dense(3, name="b")], input_shape=(4,), name="base")
    base.trainable = False
    assert [layer.trainable for layer in base.layers] == [False, False]
    assert base.trainable_weights == []
    base.layers[1].trainable = True
    model = Model([base, Dense(1, name="head")])
    model.build((4,))
    assert [v.path for v in model.trainable_weights] == [
        "base/b/kernel",
        "base/b/bias",
        "head/kernel",
        "head/bias",
    ]  # fmt: skip  (as in Keras)
    assert frozen_layers(model.network) == {"base/a"}
    base.trainable = True
    assert not frozen_layers(model.network)
    model.trainable = False
    model.layers[1].trainable = True
    assert model.trainable_weights == []
    assert "" in frozen_layers(model.network)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (layers.Bidirectional(layers.LSTM(3)), (5, 4)),
        (layers.TimeDistributed(Dense(3)), (5, 4)),
        (layers.Residual((Dense(4), BatchNormalization())), (4,)),
        (layers.MultiHeadAttention(2, 3), (5, 4)),
        (layers.SimpleRNN(3), (5, 4)),
        (layers.GRU(3), (5, 4)),
        (layers.SeparableConv1D(3, 2), (5, 4)),
        (layers.Embedding(9, 3), (5,)),
    ],
)
def test_all_kinds_of_layers_freeze(layer: Layer, shape: tuple[int, ...]) -> None:
    x = Input(shape)
    model = Model(inputs=x, outputs=Dense(1, name="head")(layers.Flatten()(layer(x))))
    model.layers[0].trainable = False
    model.compile(SGD(0.1), "mse")
    before = {path: np.array(leaf) for path, leaf in items(model.params)}
    data = RNG.integers(0, 9, (20, *shape)).astype("float32")
    model.fit(data, data.reshape(20, -1)[:, 0], verbose=0)
    moved = {p for p, leaf in items(model.params) if not np.array_equal(before[p], leaf)}
    assert moved == {"head/kernel", "head/bias"}


@dataclass(frozen=True)
class Own(Dense):
    """A layer of a user, which nothing registers, with a decorator that freezes its fields."""

    extra: int = 1


class Plain(Layer):
    """Another, without fields, whose statistics follow the data."""

    def weights(self, shape: tuple[int, ...]) -> Any:
        return {
            "w": Weight((shape[-1],), Ones()),
            "mean": Weight((shape[-1],), Ones(), trainable=False),
        }

    def forward(self, params: Any, x: Any, context: Any = None) -> Any:
        context.update("mean", x.mean(axis=0))
        return x * params["w"], lambda dy: (dy * params["w"], {"w": (dy * x).sum(axis=0)})


@pytest.mark.filterwarnings("ignore:The trained model can't be saved")
@pytest.mark.parametrize("own", [Own(4), Plain()], ids=["dataclass", "class"])
def test_layers_of_classes_that_are_not_registered_freeze(own: Layer) -> None:
    model = Model([own, Dense(1)], input_shape=(4,))
    own.trainable = False
    moved = fitted(model)
    assert [path for path, changed in moved.items() if changed] == ["dense/kernel", "dense/bias"]
    assert deepcopy(own).trainable is False
    with pytest.raises(GlassnetError, match="units can't be set"):
        own.units = 3  # type: ignore[attr-defined]


def test_a_shared_layer_is_frozen_in_every_call() -> None:
    shared, x = Dense(4, "tanh", name="shared"), Input((4,))
    model = Model(inputs=x, outputs=Dense(1, name="head")(shared(BatchNormalization()(shared(x)))))
    shared.trainable = False
    moved = fitted(model)
    assert not moved["shared/kernel"]
    assert moved["batch_normalization/gamma"]


def test_the_flags_are_kept_by_files_copies_and_configurations(tmp_path: Any) -> None:
    model = network()
    model.layers[0].trainable = False
    model.save(tmp_path / "model.safetensors")
    copies = [
        Model.load(tmp_path / "model.safetensors"), model.clone(),
        Model.from_config(model.get_config()), Model(model.network.clone(), input_shape=(4,)),
    ]  # fmt: skip
    for copy in copies:
        assert [layer.trainable for layer in copy.layers] == [False, True, True, True, True]
    assert Dense(3, trainable=False) == Dense.from_config(Dense(3, trainable=False).get_config())
    assert not Dense.from_config(Dense(3, trainable=False).get_config()).trainable
    assert "trainable" not in Dense(3).get_config()


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (lambda: fitted(_all_frozen()), "no weights to train: all its layers are frozen"),
        (lambda: setattr(Dense(3), "trainable", "no"), "must be True or False, got 'no'"),
        (lambda: Dense(3, trainable="no"), "Dense: trainable: must be True or False, got 'no'"),
        (lambda: setattr(network(), "trainable", None), "must be True or False, got None"),
        (
            lambda: setattr(network().layers[0].weights[0], "trainable", False),
            "a/kernel.*is trained or frozen with its layer. Set layer.trainable = False",
        ),
    ],
)
def test_mistakes(program: Callable[[], Any], message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        program()


def _all_frozen() -> Model:
    model = network()
    model.trainable = False
    return model


@pytest.mark.parametrize("layer", [Dense(3), layers.Conv1D(3, 2)])
def test_a_frozen_kernel_has_no_gradient_between_trained_layers(layer: Layer) -> None:
    x = RNG.normal(size=(4, 5, 4))
    params, _ = layer.init(np.random.default_rng(0), (5, 4), "float64")
    (y, back), (_, back_frozen) = (
        layer.forward(params, x, CallContext(True, path="a", frozen_layers=frozenset(paths)))
        for paths in ((), ("a",))
    )
    (dx, grads), (dx_frozen, grads_frozen) = back(y), back_frozen(y)
    np.testing.assert_array_equal(dx, dx_frozen)
    assert {*grads} == {"kernel", "bias"}
    assert "kernel" not in grads_frozen
