"""Reading in both directions."""

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.core.trees import items
from glassnet.layers import GRU, LSTM, Bidirectional, CallContext, Dense, SimpleRNN

X = np.random.default_rng(0).standard_normal((2, 3, 4))
MASK = np.array([[True, True, False], [True, False, True]])


def run(layer, params, mask=None):  # type: ignore[no-untyped-def]
    return layer.forward(params, X, CallContext(mask=mask))[0]


def test_weights_are_as_in_keras() -> None:
    params, shape = Bidirectional(GRU(2)).init(np.random.default_rng(0), (3, 4))
    assert shape == (4,)
    assert [(path, leaf.shape) for path, leaf in items(params)] == [
        ("forward_layer/kernel", (4, 6)),
        ("forward_layer/recurrent_kernel", (2, 6)),
        ("forward_layer/bias", (2, 6)),
        ("backward_layer/kernel", (4, 6)),
        ("backward_layer/recurrent_kernel", (2, 6)),
        ("backward_layer/bias", (2, 6)),
    ]


@pytest.mark.parametrize("return_sequences", [False, True])
def test_the_parts_in_the_order_of_the_input(return_sequences: bool) -> None:
    inner = LSTM(2, return_sequences=return_sequences)
    layer = Bidirectional(inner)
    params, shape = layer.init(np.random.default_rng(0), (3, 4), "float64")
    y = run(layer, params)
    assert y.shape[1:] == shape
    np.testing.assert_array_equal(y[..., :2], run(inner, params["forward_layer"]))
    reversed_x = inner.forward(params["backward_layer"], X[:, ::-1])[0]
    np.testing.assert_allclose(y[..., 2:], reversed_x[:, ::-1] if return_sequences else reversed_x)


@pytest.mark.parametrize(
    ("mode", "merge"),
    [
        ("sum", lambda a, b: a + b),
        ("mul", lambda a, b: a * b),
        ("ave", lambda a, b: (a + b) / 2),
    ],
)
def test_modes(mode: str, merge) -> None:  # type: ignore[no-untyped-def]
    both = Bidirectional(SimpleRNN(2, return_sequences=True))
    params, _ = both.init(np.random.default_rng(0), (3, 4), "float64")
    y = run(both, params)
    merged = run(Bidirectional(SimpleRNN(2, return_sequences=True), mode), params)
    np.testing.assert_allclose(merged, merge(y[..., :2], y[..., 2:]))


def test_padding_puts_out_0() -> None:
    layer = Bidirectional(GRU(2, return_sequences=True))
    params, _ = layer.init(np.random.default_rng(0), (3, 4))
    assert run(layer, params, MASK).any(axis=-1).tolist() == MASK.tolist()
    assert layer.output_mask(X, MASK) is MASK
    assert Bidirectional(GRU(2)).output_mask(X, MASK) is None


def test_the_two_directions_drop_differently() -> None:
    layer = Bidirectional(SimpleRNN(50, recurrent_dropout=0.5), "sum")
    params, _ = layer.init(np.random.default_rng(0), (3, 4))
    params["backward_layer"] = params["forward_layer"]
    both = np.concatenate([X, X[:, ::-1]], axis=1)  # reads the same in both directions
    y, _ = layer.forward(params, both, CallContext(training=True))
    one, _ = SimpleRNN(50, recurrent_dropout=0.5).forward(
        params["forward_layer"], both, CallContext(training=True, path="forward_layer")
    )
    assert np.abs(y - 2 * one).max() > 0.1


def test_without_the_inputs_gradient() -> None:
    layer = Bidirectional(GRU(2))
    params, _ = layer.init(np.random.default_rng(0), (3, 4))
    y, pullback = layer.forward(params, X, CallContext(wrt_x=False))
    assert pullback(y)[0] is None


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: Bidirectional(Dense(2)),
            "is not a recurrent layer. Give a SimpleRNN, LSTM or GRU",
        ),
        (lambda: Bidirectional(GRU(2, go_backwards=True)), "both would read the same way"),
        (lambda: Bidirectional(GRU(2), "avg"), "unknown merge mode 'avg'. Did you mean 'ave'"),
    ],
)
def test_refusals(make, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(GlassnetError, match=f"Bidirectional: .*{message}"):
        make()
