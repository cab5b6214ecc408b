"""MultiHeadAttention: weights, masks, errors."""

from typing import Any

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.core.trees import items
from glassnet.layers import CallContext, MultiHeadAttention

RNG = np.random.default_rng(6)
X, ENCODED = RNG.normal(size=(2, 5, 6)), RNG.normal(size=(2, 3, 7))


def init(layer: MultiHeadAttention, shape: tuple[Any, ...] = (5, 6)) -> Any:
    return layer.init(np.random.default_rng(0), shape, "float64")[0]


def test_weights_are_as_in_keras() -> None:
    layer = MultiHeadAttention(2, 3, value_dim=4)
    assert {path: w.shape for path, w in items(init(layer, ((5, 6), (3, 7))))} == {
        "query/kernel": (6, 2, 3),
        "query/bias": (2, 3),
        "key/kernel": (7, 2, 3),
        "key/bias": (2, 3),
        "value/kernel": (7, 2, 4),
        "value/bias": (2, 4),
        "attention_output/kernel": (2, 4, 6),
        "attention_output/bias": (6,),
    }
    assert [p for p, _ in items(init(MultiHeadAttention(2, 3, use_bias=False)))] == [
        f"{name}/kernel" for name in ("query", "key", "value", "attention_output")
    ]


def test_kernels_are_drawn_as_the_matrices_that_they_are() -> None:
    params = init(MultiHeadAttention(4, 16), (5, 64))
    for name in ("query", "attention_output"):
        limit = np.sqrt(6 / (64 + 64))
        assert 0.99 * limit < np.abs(params[name]["kernel"]).max() <= limit


def test_output_shapes() -> None:
    assert MultiHeadAttention(2, 3).output_shape((5, 6)) == (5, 6)
    assert MultiHeadAttention(2, 3, output_dim=9).output_shape(((5, 6), (3, 7))) == (5, 9)


def test_a_causal_step_sees_none_after_it() -> None:
    layer = MultiHeadAttention(2, 3, causal=True)
    params = init(layer)
    whole, _ = layer.forward(params, X)
    for steps in range(1, 6):
        np.testing.assert_allclose(layer.forward(params, X[:, :steps])[0], whole[:, :steps])


def test_padding_is_not_seen() -> None:
    layer = MultiHeadAttention(2, 3)
    params, mask = init(layer), np.arange(5) < np.array([[3], [3]])
    y, _ = layer.forward(params, X, CallContext(mask=mask))
    np.testing.assert_allclose(y[:, :3], layer.forward(params, X[:, :3])[0])


def test_an_example_of_padding_only_is_no_error() -> None:
    layer = MultiHeadAttention(2, 3, causal=True)
    y, pullback = layer.forward(init(layer), X, CallContext(mask=np.zeros((2, 5), bool)))
    dx, grads = pullback(y)
    assert all(np.isfinite(a).all() for a in (y, dx, *dict(items(grads)).values()))


def test_every_input_has_its_own_mask_and_the_first_one_goes_on() -> None:
    layer, mask = MultiHeadAttention(2, 3), np.array([[True, False, True]] * 2)
    params = init(layer, ((5, 6), (3, 7)))
    y, _ = layer.forward(params, (X, ENCODED), CallContext(mask=(None, mask)))
    np.testing.assert_allclose(y, layer.forward(params, (X, ENCODED[:, ::2]))[0])
    three, _ = layer.forward(params, (X, ENCODED, ENCODED), CallContext(mask=(None, None, mask)))
    np.testing.assert_allclose(three, y)
    assert layer.output_mask((X, ENCODED), (None, mask)) is None
    assert layer.output_mask((X, ENCODED), (mask, None)) is mask
    assert layer.output_mask(X, mask) is mask


def test_the_key_s_bias_changes_nothing() -> None:
    layer = MultiHeadAttention(2, 3)
    params = init(layer)
    y, pullback = layer.forward(params, X)
    moved = params | {"key": params["key"] | {"bias": np.ones((2, 3))}}
    np.testing.assert_array_equal(layer.forward(moved, X)[0], y)
    assert not pullback(y)[1]["key"]["bias"].any()


def test_dropout_only_in_training() -> None:
    layer = MultiHeadAttention(2, 3, dropout=0.5)
    params = init(layer)
    calm, again = layer.forward(params, X)[0], layer.forward(params, X)[0]
    first, same, later = (
        layer.forward(params, X, CallContext(training=True, step=step))[0] for step in (1, 1, 2)
    )
    np.testing.assert_array_equal(calm, again)
    np.testing.assert_array_equal(first, same)
    assert (first != calm).all()
    assert (first != later).any()


def test_dx_is_left_out_where_nobody_asks_for_it() -> None:
    layer, call = MultiHeadAttention(2, 3), CallContext(wrt_x=False)
    y, pullback = layer.forward(init(layer), X, call)
    assert pullback(y)[0] is None
    y, pullback = layer.forward(init(layer, ((5, 6), (3, 7))), (X, ENCODED), call)
    assert pullback(y)[0] == (None, None)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MultiHeadAttention(0, 3), "num_heads: must be a whole number ≥ 1, got 0"),
        (lambda: MultiHeadAttention(2, 3, value_dim=0), "value_dim: must be"),
        (lambda: MultiHeadAttention(2, 3, output_dim=2.5), "output_dim: must be"),  # type: ignore[arg-type]
        (lambda: MultiHeadAttention(2, 3, dropout=1.0), r"dropout must be in \[0, 1\)"),
        (lambda: MultiHeadAttention(2, 3, kernel_initializer="he"), "unknown initializer 'he'"),
        (lambda: init(MultiHeadAttention(2, 3), (6,)), "expects sequences of vectors"),
        (lambda: init(MultiHeadAttention(2, 3), ((5, 6),) * 5), "expects sequences of vectors"),
        (
            lambda: init(MultiHeadAttention(2, 3), ((5, 6),) * 4),
            r"attention_mask is of shape \(5, 6\).*Use Input\(\(5, 5\)\)",
        ),
        (
            lambda: init(MultiHeadAttention(2, 3), ((5, 6), (4, 6), (3, 6))),
            "the value has 4 steps, but the key has 3",
        ),
    ],
)
def test_refusals(make, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(GlassnetError, match=message):
        make()
