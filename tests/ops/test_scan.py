"""The loop over steps is the same on NumPy and compiled by XLA."""

from typing import Any

import numpy as np
import pytest

from glassnet.ops.scan import scan


def running_sum(carry: Any, slices: Any) -> Any:
    (total,), (x, w) = carry, slices
    total = total + x * w
    return (total,), (total, x)


X, W = np.arange(1.0, 7).reshape(3, 2), np.array([1.0, 10, 100])


def test_by_hand() -> None:
    (last,), (sums, xs) = scan(running_sum, (np.zeros(2),), (X, W))
    assert sums.tolist() == [[1, 2], [31, 42], [531, 642]]
    assert last.tolist() == [531, 642]
    assert xs.tolist() == X.tolist()


def test_in_reverse_the_outputs_keep_their_places() -> None:
    (last,), (sums, xs) = scan(running_sum, (np.zeros(2),), (X, W), reverse=True)
    assert sums.tolist() == [[531, 642], [530, 640], [500, 600]]
    assert last.tolist() == [531, 642]
    assert xs.tolist() == X.tolist()


def test_dtypes_are_kept() -> None:
    x32 = X.astype(np.float32)
    _, outputs = scan(running_sum, (np.zeros(2, np.float32),), (x32, W.astype(np.float32)))
    assert {output.dtype.name for output in outputs} == {"float32"}


@pytest.mark.parametrize("reverse", [False, True])
def test_xla_finds_the_same_in_one_loop(reverse: bool) -> None:
    jax = pytest.importorskip("jax")

    def whole(x: Any, w: Any) -> Any:
        return scan(running_sum, (jax.numpy.zeros(2),), (x, w), reverse)

    found = jax.tree.leaves(jax.jit(whole)(X, W))
    wanted = jax.tree.leaves(scan(running_sum, (np.zeros(2),), (X, W), reverse))
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_allclose(a, b)
    program = str(jax.make_jaxpr(whole)(X, W))
    assert program.count("scan[") == 1
    assert program.count(" mul ") == 1  # not one for each step
