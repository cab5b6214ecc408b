"""Affine maps, computed by hand."""

import numpy as np

from glassnet.ops.linear import affine

X, KERNEL, BIAS = np.array([[1.0, 2.0]]), np.array([[3.0, 0.0], [1.0, -1.0]]), np.array([10.0, 20])


def test_by_hand() -> None:
    y, pullback = affine(X, KERNEL, BIAS)
    assert y.tolist() == [[15, 18]]
    dx, dkernel, dbias = pullback(np.array([[1.0, -1.0]]))
    assert dx.tolist() == [[3, 2]]
    assert dkernel.tolist() == [[1, -1], [2, -2]]
    assert dbias.tolist() == [1, -1]


def test_the_gradient_of_the_input_is_left_out_on_request() -> None:
    dx, *rest = affine(X, KERNEL, BIAS, wrt_x=False)[1](np.ones((1, 2)))
    assert dx is None
    for found, wanted in zip(rest, affine(X, KERNEL, BIAS)[1](np.ones((1, 2)))[1:], strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_leading_axes_are_all_examples() -> None:
    rng = np.random.default_rng(0)
    x, dy = rng.standard_normal((2, 3, 2)), rng.standard_normal((2, 3, 2))
    y, pullback = affine(x, KERNEL, BIAS)
    flat, flat_pullback = affine(x.reshape(6, 2), KERNEL, BIAS)
    np.testing.assert_array_equal(y.reshape(6, 2), flat)
    for found, wanted in zip(pullback(dy), flat_pullback(dy.reshape(6, 2)), strict=True):
        np.testing.assert_allclose(found.reshape(wanted.shape), wanted, rtol=1e-14)
