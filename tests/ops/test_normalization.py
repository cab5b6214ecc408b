"""The normalizations by hand, with large means, and as special cases of each other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.ops.normalization import (
    batch_normalization,
    group_normalization,
    layer_normalization,
    rms_normalization,
    standardize,
)

RNG = np.random.default_rng(3)
X = RNG.normal(size=(4, 5, 6))
ONE, NONE = np.ones(6), np.zeros(6)


def test_a_row_by_hand() -> None:
    """Mean 4, variance 5: with ε = 4, all is divided by 3."""
    x = np.array([[1.0, 3.0, 5.0, 7.0]])
    y, _ = layer_normalization(x, np.array([3.0, 3.0, 6.0, 3.0]), np.full(4, 1.0), epsilon=4.0)
    np.testing.assert_allclose(y, [[-2, 0, 3, 4]])


def test_a_channel_by_hand() -> None:
    x = np.array([[[1.0], [3.0]], [[5.0], [7.0]]])
    (y, mean, variance), pullback = batch_normalization(x, np.array([3.0]), np.array([1.0]), 4.0)
    assert (mean.tolist(), variance.tolist()) == ([4], [5])
    np.testing.assert_allclose(y.ravel(), [-2, 0, 2, 4])
    # A constant gradient goes entirely to the offset.
    dx, dgamma, dbeta = pullback((np.ones_like(y), 0, 0))
    np.testing.assert_allclose(dx, 0, atol=1e-15)
    np.testing.assert_allclose([*dgamma, *dbeta], [0, 4], atol=1e-15)


def test_the_root_mean_square_by_hand() -> None:
    y, _ = rms_normalization(np.array([[3.0, 4.0]]), np.array([5.0, 10.0]), epsilon=12.5)
    np.testing.assert_allclose(y, [[3, 8]])


@pytest.mark.parametrize("mean", [1e3, 1e4])
def test_single_precision_bears_a_large_mean(mean: float) -> None:
    """x itself is rounded to mean · 6e-8; the results differ by a few times that at most."""
    x = (RNG.normal(size=(64, 200, 6)) + mean).astype(np.float32)
    one, none = ONE.astype(np.float32), NONE.astype(np.float32)

    def all_three(x: np.ndarray, one: np.ndarray, none: np.ndarray) -> list[np.ndarray]:
        (y, _, variance), _ = batch_normalization(x, one, none)
        rows, _ = layer_normalization(x[0], one, none)
        return [y, variance, rows, group_normalization(x, one, none, 2)[0]]

    wanted = all_three(x.astype(np.float64), ONE, NONE)
    for found, true in zip(all_three(x, one, none), wanted, strict=True):
        assert np.abs(found - true).max() < 2e-6 * mean


def test_one_group_of_one_position_is_a_row() -> None:
    rows, _ = layer_normalization(X[:, 0], ONE, NONE)
    np.testing.assert_allclose(group_normalization(X[:, :1], ONE, NONE, 1)[0][:, 0], rows)


def test_one_example_is_a_batch_with_a_group_for_each_channel() -> None:
    (y, _, _), _ = batch_normalization(X[:1], ONE, NONE)
    np.testing.assert_allclose(group_normalization(X[:1], ONE, NONE, 6)[0], y)


def test_the_statistics_are_those_of_what_is_counted() -> None:
    counted = RNG.random((4, 5)) < 0.5
    (y, mean, variance), _ = batch_normalization(X, ONE, NONE, counted=counted)
    np.testing.assert_allclose(mean, X[counted].mean(axis=0))
    np.testing.assert_allclose(variance, X[counted].var(axis=0))
    np.testing.assert_allclose(y, standardize(X, ONE, NONE, mean, variance)[0])


def test_nothing_counted_is_no_error() -> None:
    (y, mean, variance), pullback = batch_normalization(
        X, ONE, NONE, counted=np.zeros((4, 5), bool)
    )
    assert not mean.any()
    assert not variance.any()
    assert np.isfinite(pullback((y, mean, variance))[0]).all()


@given(st.floats(0.1, 10), st.floats(-10, 10))
def test_scale_and_shift_are_normalized_away(scale: float, shift: float) -> None:
    for normal in (
        lambda x: batch_normalization(x, ONE, NONE, 1e-12)[0][0],
        lambda x: group_normalization(x, ONE, NONE, 3, 1e-12)[0],
        lambda x: layer_normalization(x.reshape(-1, 6), ONE, NONE, 1e-12)[0],
    ):
        np.testing.assert_allclose(normal(scale * X + shift), normal(X), atol=1e-6)
    rows = X.reshape(-1, 6)
    np.testing.assert_allclose(
        rms_normalization(scale * rows, ONE, 1e-12)[0], rms_normalization(rows, ONE, 1e-12)[0]
    )


def test_dx_is_left_out_where_nobody_asks_for_it() -> None:
    assert batch_normalization(X, ONE, NONE, wrt_x=False)[1]((X, 0, 0))[0] is None
    assert group_normalization(X, ONE, NONE, 2, wrt_x=False)[1](X)[0] is None
    assert layer_normalization(X[0], ONE, NONE, wrt_x=False)[1](X[0])[0] is None
    assert rms_normalization(X[0], ONE, wrt_x=False)[1](X[0])[0] is None
