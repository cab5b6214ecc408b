"""Sequential: names, errors, the chain of pullbacks."""

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.core.trees import items
from glassnet.layers import (
    GRU,
    Activation,
    CallContext,
    Dense,
    Dropout,
    Flatten,
    Layer,
    Normalization,
    Rescaling,
    Residual,
    Sequential,
)
from glassnet.layers.call import INFERENCE


def init(network: Sequential, shape: tuple[int, ...] = (4,)):  # type: ignore[no-untyped-def]
    return network.init(np.random.default_rng(0), shape, "float64")


def test_names_are_keras_s() -> None:
    network = Sequential((
        Flatten(), Dense(3), Dropout(0.1), Dense(3), Dense(2, name="out"), Dropout(0.1), Dense(1),
    ))  # fmt: skip
    assert [name for name, _ in network.parts] == [
        "flatten", "dense", "dropout", "dense_1", "out", "dropout_1", "dense_2",
    ]  # fmt: skip


def test_weights_are_a_tree_by_name_without_empty_branches() -> None:
    inner = Sequential((Dense(3, use_bias=False), Activation("tanh")), name="inner")
    params, shape = init(Sequential([Flatten(), inner, Dense(2)]), (2, 2))  # type: ignore[arg-type]
    assert [path for path, _ in items(params)] == [
        "inner/dense/kernel",
        "dense/kernel",
        "dense/bias",
    ]
    assert shape == (2,)


def test_shapes_are_those_between_the_layers() -> None:
    network = Sequential((Flatten(), Dense(5), Dense(2)))
    assert network.shapes((2, 3)) == [(2, 3), (6,), (5,), (2,)]


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (3, "Sequential: expects a list of layers"),
        ([Flatten(), "relu"], "Sequential: entry 1 is 'relu', not a layer"),
        ([Dense], "Sequential: entry 0 is .*Dense.*, not a layer"),
        ([Dense(1, name="a"), Dense(2, name="a")], "two layers are named 'a'"),
        ([Dense(1, name="a/b")], "'a/b' is not a valid layer name"),
        ([Dense(1, name="")], "'' is not a valid layer name"),
    ],
)
def test_refusals(layers, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(GlassnetError, match=message):
        Sequential(layers)


@pytest.mark.parametrize(
    ("layers", "shape", "message"),
    [
        ([Activation("relu"), Dense(2)], (), r"layer 'dense': expects examples.*It gets.*\(\)"),
        ([Dense(2), Normalization(axis=3)], (4,), r"layer 'normalization': axis 3 .*\(2,\)"),
        (
            [Residual((Sequential((Dense(2), GRU(3))),))],
            (4,),
            r"^layer 'residual': layer 'sequential': layer 'gru': (?!.*It gets.*It gets).*\(2,\)",
        ),
        ([GRU(2), GRU(2)], (5, 3), r"layer 'gru_1': .* needs return_sequences=True"),
    ],
)
def test_errors_name_the_layer(layers: list[Layer], shape: tuple[int, ...], message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        init(Sequential(tuple(layers)), shape)


class Counting(Dense):
    """A Dense that records whether dx is needed in each call."""

    asked: list[bool]

    def forward(self, params, x, context=INFERENCE):  # type: ignore[no-untyped-def]
        self.asked.append(context.wrt_x)
        return super().forward(params, x, context)


@pytest.mark.parametrize("wrt_x", [True, False])
def test_the_first_layer_s_dx_is_left_out_when_nobody_asks(wrt_x: bool) -> None:
    Counting.asked = []
    network = Sequential((
        Rescaling(2.0), Sequential((Flatten(), Counting(3, "tanh"))), Counting(3), Counting(2),
    ))  # fmt: skip
    params, _ = init(network)
    x = np.ones((5, 4))
    y, pullback = network.forward(params, x, CallContext(training=True, wrt_x=wrt_x))
    dx, grads = pullback(y)
    assert Counting.asked == [wrt_x, True, True]
    assert (dx is None) != wrt_x
    whole = network.forward(params, x)[1](y)[1]
    assert dict(items(grads)).keys() == dict(items(params)).keys()
    for path, gradient in items(grads):
        np.testing.assert_array_equal(gradient, dict(items(whole))[path])


def test_a_record_gets_every_output_by_path() -> None:
    network = Sequential((Dense(3), Sequential((Activation("tanh"), Dense(2)))))
    params, _ = init(network)
    context = CallContext(record={})
    y, _ = network.forward(params, np.ones((5, 4)), context)
    assert context.record is not None
    paths = {"dense", "sequential/activation", "sequential/dense", "sequential"}
    assert set(context.record) == paths
    np.testing.assert_array_equal(
        context.record["sequential/activation"], np.tanh(context.record["dense"])
    )
    np.testing.assert_array_equal(context.record["sequential"], y)


def test_an_empty_network_is_the_identity() -> None:
    x = np.ones((2, 3))
    y, pullback = Sequential(()).forward({}, x)
    np.testing.assert_array_equal(y, x)
    np.testing.assert_array_equal(pullback(x)[0], x)


def test_configuration_and_weights_are_apart() -> None:
    network = Sequential((Dense(2),))
    with pytest.raises(GlassnetError, match="layers can't be set"):
        network.layers = ()  # type: ignore[misc]
    assert network == Sequential((Dense(2),))
    assert hash(network) == hash(Sequential((Dense(2),)))


def test_one_layer_at_two_places_is_refused_where_it_has_weights() -> None:
    layer = Dense(4)
    with pytest.raises(GlassnetError, match=r"'dense_1': is in the list twice.*layer.clone"):
        Sequential((layer, layer))
    act = Activation("relu")
    assert len(Sequential((act, Dense(4), act)).layers) == 3
