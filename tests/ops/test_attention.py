"""Attention against its formula and in edge cases; projections against sums over indices."""

import numpy as np

from glassnet.ops.activations import softmax
from glassnet.ops.attention import attention, from_heads, to_heads

RNG = np.random.default_rng(8)
Q, K, V = RNG.normal(size=(2, 3, 4)), RNG.normal(size=(2, 5, 4)), RNG.normal(size=(2, 5, 6))


def test_it_is_the_formula() -> None:
    weights, back_softmax = softmax(Q @ K.mT / 2)
    y, pullback = attention(Q, K, V)
    np.testing.assert_allclose(y, weights @ V)
    dy = RNG.normal(size=y.shape)
    dscores = back_softmax(dy @ V.mT) / 2
    for found, true in zip(
        pullback(dy), (dscores @ K, dscores.mT @ Q, weights.mT @ dy), strict=True
    ):
        np.testing.assert_allclose(found, true, atol=1e-14)


def test_keys_that_fit_alike_count_alike() -> None:
    y, _ = attention(0 * Q, K, V)
    np.testing.assert_allclose(y, np.broadcast_to(V.mean(axis=1, keepdims=True), y.shape))


def test_what_is_masked_has_no_say_and_no_gradient() -> None:
    mask = np.array([True, False, True, True, False])
    y, pullback = attention(Q, K, V, mask)
    np.testing.assert_allclose(y, attention(Q, K[:, mask], V[:, mask])[0])
    _, dk, dv = pullback(np.ones_like(y))
    assert not dk[:, ~mask].any()
    assert not dv[:, ~mask].any()


def test_a_query_that_sees_nothing_sees_all_alike() -> None:
    mask = np.array([[True], [False], [True]])
    y, pullback = attention(Q, K, V, mask)
    np.testing.assert_allclose(y[:, 1], V.mean(axis=1))
    dq, dk, dv = pullback(np.ones_like(y))
    assert not dq[:, 1].any()
    assert all(np.isfinite(d).all() for d in (dq, dk, dv))


def test_large_scores_are_no_overflow() -> None:
    large = [(1e3 * a).astype(np.float32) for a in (Q, K, V)]
    mask = np.array([True, True, False, True, True])
    y, pullback = attention(*large, mask)
    assert np.isfinite(y).all()
    assert all(np.isfinite(d).all() for d in pullback(y))


def test_dropout_keeps_the_mean_and_hangs_on_its_key() -> None:
    ones = np.ones((1, 400, 1))
    first, again, other = (
        attention(ones, ones, ones, rate=0.3, key=np.array([k], np.uint32))[0] for k in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).mean() > 0.9
    assert abs(first.mean() - 1) < 0.01
    assert 0.01 < first.std() < 0.06  # √(0.3 / 0.7 / 400) = 0.033


def test_without_a_key_nothing_is_dropped() -> None:
    y, pullback = attention(Q, K, V)
    same, again = attention(Q, K, V, rate=0.3)
    np.testing.assert_array_equal(same, y)
    for gradient, expected in zip(again(y), pullback(y), strict=True):
        np.testing.assert_array_equal(gradient, expected)


def test_the_projections_are_sums_over_indices() -> None:
    x, kernel, bias = (
        RNG.normal(size=(2, 3, 6)),
        RNG.normal(size=(6, 4, 5)),
        RNG.normal(size=(4, 5)),
    )
    y, _ = to_heads(x, kernel, bias)
    np.testing.assert_allclose(y, np.einsum("ntd,dhk->nhtk", x, kernel) + bias[:, None])
    z, _ = from_heads(y, kernel.transpose(1, 2, 0), np.ones(6))
    np.testing.assert_allclose(z, np.einsum("nhtk,dhk->ntd", y, kernel) + 1)


def test_dx_is_left_out_where_nobody_asks_for_it() -> None:
    y, pullback = to_heads(Q, RNG.normal(size=(4, 2, 2)), None, wrt_x=False)
    assert pullback(y)[0] is None
