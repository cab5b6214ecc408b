"""Operations are counted as by hand, and counting changes no number."""

from typing import Any

import numpy as np
import pytest

from glassnet.layers import (
    LSTM,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Layer,
    MultiHeadAttention,
    Sequential,
)
from glassnet.layers.call import CallContext
from glassnet.model.flops import flops
from glassnet.optimizers import SGD, Adam, Muon

N, T, D, U = 3, 5, 4, 6


def counted(layer: Layer, shape: tuple[int, ...], wrt_x: bool = True) -> tuple[int, int]:
    """(forward, forward and backward) for N examples."""
    rng = np.random.default_rng(0)
    params, _ = layer.init(rng, shape)
    x = rng.normal(size=(N, *shape)).astype(np.float32)
    y = layer.forward(params, x)[0]

    def forward(params: Any, x: Any) -> None:
        assert np.array_equal(layer.forward(params, x, CallContext(wrt_x=wrt_x))[0], y)

    def both(params: Any, x: Any) -> None:
        y, back = layer.forward(params, x, CallContext(wrt_x=wrt_x))
        back(y)

    return flops(forward, params, x), flops(both, params, x)


def test_dense() -> None:
    product = 2 * N * D * U
    assert counted(Dense(U, use_bias=False), (D,)) == (product, 3 * product)
    assert counted(Dense(U, use_bias=False), (D,), wrt_x=False) == (product, 2 * product)
    assert counted(Dense(U), (D,)) == (product + N * U, 3 * product + 2 * N * U)  # bias: + and Σ


def test_of_a_chain_the_first_layer_s_gradient_of_the_data_is_not_asked_for() -> None:
    first, second = 2 * N * D * U, 2 * N * U * D
    chain = Sequential((Dense(U, use_bias=False), Dense(D, use_bias=False)))
    assert counted(chain, (D,), wrt_x=False) == (first + second, 2 * first + 3 * second)


def test_conv2d() -> None:
    product = 2 * (N * 4 * 5) * (3 * 3 * 2) * U  # windows, cells, filters
    forward, both = counted(Conv2D(U, 3, use_bias=False), (6, 7, 2))
    assert forward == product
    # dx is a product for each cell, and the cells' numbers are added up: Σ over the padded places
    assert both == 3 * product + (3 * 3 - 1) * N * 6 * 7 * 2


def test_depthwise_conv2d_multiplies_elementwise() -> None:
    places, cells = N * 4 * 5 * 2, 3 * 3
    forward, _ = counted(DepthwiseConv2D(3, use_bias=False), (6, 7, 2))
    assert forward == places * (2 * cells - 1)


def test_lstm() -> None:
    inputs, recurrent = 2 * N * T * D * 4 * U, 2 * N * T * U * 4 * U
    forward, both = counted(LSTM(U, return_sequences=True, use_bias=False), (T, D))
    sigmoids, tanh = 3 * (4 + 2), 1 + 2  # value and slope of the three gates, of the candidate
    cell = 4 + sigmoids + tanh + 3 + tanh + 4 + 1 + 1  # z + ..., c, its tanh, slopes, h, o slope
    assert forward == inputs + recurrent + N * T * U * cell
    # back: both products for the input, dh at each step, and no h before the first step
    products = 3 * inputs + 2 * recurrent + recurrent * (T - 1) // T
    assert both - forward > products - inputs - recurrent
    elementwise = both - forward - (products - inputs - recurrent)
    assert elementwise == N * T * U * (1 + 2 + 4 + 1)  # dh + ..., dc, dz, dc f


@pytest.mark.parametrize("heads", [1, 2])
def test_attention(heads: int) -> None:
    width = 4
    layer = MultiHeadAttention(heads, width, use_bias=False)
    forward, both = counted(layer, (T, D))
    maps = 4 * 2 * N * T * D * heads * width  # query, key, value, output
    products = 2 * 2 * N * heads * T * T * width  # q kᵀ, P v
    # q's scale; the largest, minus it, exp, their sum; y / z; a sum over heads may be a product
    softmax = N * heads * T * (width + 4 * T + width)
    assert forward == maps + products + softmax
    assert both > 3 * (maps + products)


def test_an_optimizer_s_rule_counts_and_muon_s_products_most() -> None:
    weights = {"kernel": np.ones((30, 20), np.float32)}

    def step(optimizer: Any) -> int:
        def update(weights: Any, gradient: Any) -> None:
            rule = optimizer.rule_for("kernel", (30, 20))
            slots = tuple(optimizer.init_state(weights)[name]["kernel"] for name in rule.slots)
            rule.step(gradient, slots, weights["kernel"], 0.1, 1)

        return flops(update, weights, weights["kernel"] * 2)

    assert step(SGD(0.1)) == 2 * 600  # w − rate g
    assert 8 * 600 <= step(Adam(0.1)) <= 20 * 600
    assert step(Muon(0.1)) > 5 * 2 * (20 * 20 * 30 + 20**3)


def test_whole_numbers_copies_and_comparisons_are_free() -> None:
    def run(x: Any) -> None:
        xp = x.__array_namespace__()
        xp.where(x > 0, xp.concat([x, x])[:4], x).reshape(2, 2).astype(np.int32).sum()

    assert flops(run, np.ones(4, np.float32)) == 0
    assert flops(lambda x: x.__iadd__(1.0), np.ones(4, np.float32)) == 4
