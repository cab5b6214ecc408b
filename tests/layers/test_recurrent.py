"""Recurrent layers."""

from typing import Any

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.layers import GRU, LSTM, CallContext, Layer, SimpleRNN
from glassnet.layers.initializers import Constant
from glassnet.layers.regularizers import L2

X = np.random.default_rng(0).standard_normal((2, 3, 4))
MASK = np.array([[True, True, False], [True, False, True]])
ALL = (SimpleRNN, LSTM, GRU)
every_layer = pytest.mark.parametrize("cls", ALL)


def init(layer: Layer, shape: tuple[int, ...] = (3, 4)) -> Any:
    return layer.init(np.random.default_rng(0), shape, "float64")


def run(layer: Layer, x: Any = X, **call: Any) -> Any:
    return layer.forward(init(layer)[0], x, CallContext(**call))[0]


@pytest.mark.parametrize(
    ("layer", "wide", "bias"),
    [
        (SimpleRNN(5), 5, (5,)),
        (LSTM(5), 20, (20,)),
        (GRU(5), 15, (2, 15)),
        (GRU(5, reset_after=False), 15, (15,)),
    ],
    ids=str,
)
def test_weights_are_as_in_keras(layer: Layer, wide: int, bias: tuple[int, ...]) -> None:
    params, shape = init(layer)
    assert shape == (5,)
    assert [(name, leaf.shape) for name, leaf in params.items()] == [
        ("kernel", (4, wide)),
        ("recurrent_kernel", (5, wide)),
        ("bias", bias),
    ]
    assert np.abs(params["kernel"]).max() <= np.sqrt(6 / (4 + wide))
    recurrent = params["recurrent_kernel"]
    np.testing.assert_allclose(recurrent @ recurrent.T, np.eye(5), atol=1e-12)


def test_only_the_forget_gate_s_bias_begins_at_1() -> None:
    assert init(LSTM(2))[0]["bias"].tolist() == [0, 0, 1, 1, 0, 0, 0, 0]
    assert not init(LSTM(2, unit_forget_bias=False))[0]["bias"].any()
    both = LSTM(2, bias_initializer=Constant(3.0))
    assert init(both)[0]["bias"].tolist() == [3, 3, 1, 1, 3, 3, 3, 3]


def waves(shape: tuple[int, ...], k: int) -> np.ndarray:
    return np.sin(np.arange(np.prod(shape)) * (k + 1) + k).reshape(shape)


@pytest.mark.parametrize(
    ("layer", "wanted"),
    [
        (SimpleRNN(2), [[0.7891868, 0.5368291], [0.6922322, -0.2583211]]),
        (LSTM(2), [[0.2432904, -0.3072578], [0.0241380, -0.1862106]]),
        (GRU(2), [[0.1807130, -0.5149771], [-0.3651693, 0.2247259]]),
        (GRU(2, reset_after=False), [[0.3334375, -0.4397956], [-0.3739255, 0.1221853]]),
    ],
    ids=str,
)
def test_keras_finds_the_same(layer: Layer, wanted: Any) -> None:
    """Numbers from Keras 3.15.1 with the same weights and the same mask."""
    params, _ = init(layer, (3, 2))
    params = {name: waves(w.shape, i + 1) for i, (name, w) in enumerate(params.items())}
    y, _ = layer.forward(params, waves((2, 3, 2), 0), CallContext(mask=MASK))
    np.testing.assert_allclose(y, wanted, atol=1e-6)


@every_layer
def test_the_last_output_is_the_last_of_all(cls: Any) -> None:
    sequences = cls(5, return_sequences=True)
    assert init(sequences)[1] == (3, 5)
    np.testing.assert_array_equal(run(cls(5)), run(sequences)[:, -1])


@every_layer
def test_backwards_is_forwards_over_reversed_steps(cls: Any) -> None:
    backwards = cls(5, return_sequences=True, go_backwards=True)
    forwards = cls(5, return_sequences=True)
    np.testing.assert_array_equal(
        run(backwards, mask=MASK), run(forwards, X[:, ::-1], mask=MASK[:, ::-1])
    )


@every_layer
def test_a_masked_step_repeats_the_output(cls: Any) -> None:
    y = run(cls(5, return_sequences=True), mask=MASK)
    np.testing.assert_array_equal(y[0, 2], y[0, 1])
    np.testing.assert_array_equal(y[1, 1], y[1, 0])
    without = run(cls(5), X[1:, [0, 2]])
    np.testing.assert_allclose(y[1:, 2], without)


@every_layer
def test_a_mask_goes_on_with_the_sequence(cls: Any) -> None:
    assert cls(5, return_sequences=True).output_mask(X, MASK) is MASK
    assert cls(5).output_mask(X, MASK) is None


@every_layer
@pytest.mark.parametrize("kind", ["dropout", "recurrent_dropout"])
def test_dropout_is_for_training_only(cls: Any, kind: str) -> None:
    layer, plain = cls(5, **{kind: 0.5}), cls(5)
    np.testing.assert_array_equal(run(layer), run(plain))
    dropped = run(layer, training=True, seed=3)
    assert np.abs(dropped - run(plain)).max() > 0.01
    np.testing.assert_array_equal(dropped, run(layer, training=True, seed=3))
    assert np.abs(dropped - run(layer, training=True, seed=4)).max() > 0.01


def test_dropout_drops_the_same_features_at_all_steps() -> None:
    layer = SimpleRNN(1, "linear", dropout=0.5, kernel_initializer="ones", use_bias=False)
    params = {"kernel": np.ones((100, 1)), "recurrent_kernel": np.ones((1, 1))}
    x = np.ones((8, 10, 100))
    y, pullback = layer.forward(params, x, CallContext(training=True))
    kept = pullback(np.ones_like(y))[0]
    assert set(kept.ravel()) == {0, 2}
    assert (kept == kept[:, :1]).all()
    assert (kept[0] != kept[1]).any()
    np.testing.assert_allclose(y[:, 0], kept.sum(axis=(1, 2)))


def test_recurrent_dropout_drops_the_same_units_at_all_steps() -> None:
    layer = SimpleRNN(100, "linear", recurrent_dropout=0.5, return_sequences=True)
    params = {"kernel": np.ones((1, 100)), "recurrent_kernel": np.eye(100), "bias": np.zeros(100)}
    y, _ = layer.forward(params, np.ones((2, 3, 1)), CallContext(training=True))
    assert set(y[:, 0].ravel()) == {1}
    assert set(map(tuple, y.transpose(0, 2, 1).reshape(-1, 3))) == {(1, 1, 1), (1, 3, 7)}


@every_layer
def test_the_gradient_of_data_is_not_worked_out(cls: Any) -> None:
    layer = cls(5)
    y, pullback = layer.forward(init(layer)[0], X, CallContext(wrt_x=False))
    assert pullback(y)[0] is None


def test_what_is_penalised() -> None:
    layer = GRU(3, kernel_regularizer=L2(0.1), recurrent_regularizer="l2")
    penalties = [weight.regularizer for weight in layer.weights((3, 4)).values()]
    assert penalties == [L2(0.1), L2(), None]


@every_layer
@pytest.mark.parametrize("steps", [3, 30])
def test_xla_compiles_loops_whatever_the_number_of_steps(cls: Any, steps: int) -> None:
    jax = pytest.importorskip("jax")
    layer = cls(5)
    params, _ = init(layer)

    def gradients(params: Any, x: Any) -> Any:
        y, pullback = layer.forward(params, x)
        return y, pullback(y)

    x = np.ones((2, steps, 4), np.float32)
    program = str(jax.make_jaxpr(gradients)(params, x))
    assert program.count("scan[") == 2
    # x @ kernel, h @ recurrent_kernel, and two products back for each
    assert program.count("dot_general[") == 6


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LSTM(0), "LSTM: units: must be a whole number ≥ 1, got 0"),
        (lambda: GRU(2, "thanh"), "GRU: unknown activation 'thanh'. Did you mean 'tanh'"),
        (lambda: SimpleRNN(2, "softmax"), "SimpleRNN: softmax ties the units of a step together"),
        (lambda: LSTM(2, recurrent_activation="softmax"), "LSTM: softmax ties"),
        (lambda: LSTM(2, recurrent_initializer="orthagonal"), "Did you mean 'orthogonal'"),
        (lambda: LSTM(2, dropout=1.0), r"LSTM: dropout must be in \[0, 1\), got 1.0"),
        (lambda: LSTM(2, recurrent_dropout=-0.1), "LSTM: recurrent_dropout must be in"),
        (lambda: init(LSTM(2), (3,)), r"LSTM: reads sequences.*\(steps, features\)"),
        (lambda: init(GRU(2), (28, 28, 1)), "GRU: reads sequences.* start with a Reshape"),
        (lambda: init(GRU(2), (0, 4)), "at least one step"),
    ],
)
def test_refusals(make: Any, message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        make()
