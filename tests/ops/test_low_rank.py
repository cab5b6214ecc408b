"""Low-rank adaptation by hand: the same as one kernel with the product added."""

from typing import Any

import numpy as np
import pytest

from glassnet.ops.attention import from_heads, to_heads
from glassnet.ops.linear import affine
from glassnet.ops.low_rank import low_rank, low_rank_contraction, low_rank_lookup

X = np.array([[1.0, 2.0]])
KERNEL, A, B = np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([[1.0], [1.0]]), np.array([[2.0, -1.0]])


def random(*shape: int) -> Any:
    return np.random.default_rng(shape).normal(size=shape)


def test_numbers_by_hand() -> None:
    y, back = low_rank(X, A, B, np.array([10.0, 20.0]), kernel=KERNEL, scale=0.5)
    np.testing.assert_array_equal(y, [[1 + 0.5 * 3 * 2 + 10, 2 - 0.5 * 3 + 20]])
    dx, da, db, dbias = back(np.array([[1.0, 1.0]]))
    np.testing.assert_array_equal(dx, [[1 + 0.5, 1 + 0.5]])  # kernel.T, and a · (b summed) / 2
    np.testing.assert_array_equal(da, [[0.5], [1.0]])
    np.testing.assert_array_equal(db, [[1.5, 1.5]])
    np.testing.assert_array_equal(dbias, [1.0, 1.0])


def test_the_first_layer_needs_no_gradient_of_its_input() -> None:
    _, back = low_rank(X, A, B, kernel=KERNEL, scale=1.0, wrt_x=False)
    dx, *others = back(X)
    assert dx is None
    assert len(others) == 2  # none of the kernel


@pytest.mark.parametrize(
    ("product", "x", "kernel"),
    [
        (affine, (5, 3), (3, 4)), (to_heads, (2, 5, 6), (6, 2, 3)),
        (from_heads, (2, 3, 5, 4), (3, 4, 6)),
    ],
    ids=["affine", "to_heads", "from_heads"],
)  # fmt: skip
def test_it_is_the_product_with_the_merged_kernel(product: Any, x: Any, kernel: Any) -> None:
    x, kernel, a, b = random(*x), random(*kernel), random(*kernel[:-1], 2), random(2, kernel[-1])
    y, back = low_rank(x, a, b, kernel=kernel, scale=0.3, product=product)
    wanted, back_merged = product(x, kernel + 0.3 * a @ b)
    np.testing.assert_allclose(y, wanted)
    dx, da, db = back(np.cos(y))
    dx_merged, dkernel = back_merged(np.cos(y))
    np.testing.assert_allclose(dx, dx_merged)
    np.testing.assert_allclose(da, 0.3 * dkernel @ b.T)
    np.testing.assert_allclose(db, 0.3 * a.reshape(-1, 2).T @ dkernel.reshape(-1, b.shape[1]))


@pytest.mark.parametrize(
    ("equation", "x", "kernel"),
    [
        ("abc,cd->abd", (2, 3, 4), (4, 5)),
        ("abc,dec->abed", (2, 3, 4), (5, 2, 4)),
        ("abc,bc->ac", (2, 3, 4), (3, 4)),
        ("aro,ors->as", (2, 3, 4), (4, 3, 5)),
    ],
)
def test_a_contraction_with_the_last_axis_of_the_kernel_anywhere(
    equation: str, x: Any, kernel: Any
) -> None:
    x, kernel, a, b = random(*x), random(*kernel), random(*kernel[:-1], 2), random(2, kernel[-1])
    y, _ = low_rank_contraction(x, a, b, kernel=kernel, equation=equation, scale=0.3)
    np.testing.assert_allclose(y, np.einsum(equation, x, kernel + 0.3 * a @ b))


def test_only_the_rows_that_are_looked_up_get_gradients() -> None:
    a, b, table = random(4, 2), random(2, 3), random(4, 3)
    indices = np.array([1, 3, 1])
    y, back = low_rank_lookup(a, b, embeddings=table, indices=indices, scale=2.0)
    np.testing.assert_allclose(y, (table + 2 * a @ b)[indices])
    da, _ = back(np.ones_like(y))
    assert (da[[0, 2]] == 0).all()
    np.testing.assert_allclose(da[1], 2 * da[3])
