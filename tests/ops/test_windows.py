"""Windows: the positions that they contain, and the adjoint."""

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from glassnet.ops.windows import cells, counts, overlay, reach, widths_for
from glassnet.verify.cases.base import numbers

AXIS = st.tuples(st.integers(1, 9), st.integers(1, 4), st.integers(1, 4), st.integers(1, 3))


def test_by_hand() -> None:
    x = np.arange(5.0).reshape(1, 5, 1)
    held = [cell.ravel().tolist() for cell in cells(x, (3,), (2,), (1,))]
    assert held == [[0, 2], [1, 3], [2, 4]]
    assert overlay(cells(x, (3,), (2,), (1,)), (5,), (3,), (2,), (1,)).ravel().tolist() == [
        0, 1, 4, 3, 4,
    ]  # fmt: skip
    assert [cell.ravel().tolist() for cell in cells(x, (2,), (1,), (3,))] == [[0, 1], [3, 4]]


@given(st.lists(AXIS, min_size=1, max_size=3))
def test_overlay_is_the_adjoint_of_cells(axes: list[tuple[int, int, int, int]]) -> None:
    lengths, size, strides, dilation = (tuple(column) for column in zip(*axes, strict=True))
    assume(min(counts(lengths, size, strides, dilation)) > 0)
    x = numbers(2, *lengths, 3)
    held = list(cells(x, size, strides, dilation))
    assert len(held) == np.prod(size)
    assert held[0].shape == (2, *counts(lengths, size, strides, dilation), 3)
    others = [numbers(*cell.shape, seed=i) for i, cell in enumerate(held)]
    there = sum(np.vdot(a, b) for a, b in zip(held, others, strict=True))
    back = np.vdot(x, overlay(others, lengths, size, strides, dilation))
    np.testing.assert_allclose(there, back, rtol=1e-9, atol=1e-9)


@given(AXIS)
def test_same_makes_a_window_for_each_stride(axis: tuple[int, int, int, int]) -> None:
    length, size, stride, dilation = ((n,) for n in axis)
    ((before, after),) = widths_for("same", length, size, stride, dilation)
    assert 0 <= before <= after <= before + 1
    framed = (length[0] + before + after,)
    if min(counts(framed, size, stride, dilation)) > 0:
        assert counts(framed, size, stride, dilation) == (-(-length[0] // stride[0]),)


def test_the_other_paddings() -> None:
    geometry = ((9, 9), (3, 2), (1, 1), (2, 1))
    assert reach((3, 2), (2, 1)) == (5, 2)
    assert widths_for("valid", *geometry) == ((0, 0), (0, 0))
    assert widths_for("causal", *geometry) == ((4, 0), (1, 0))
