"""Convolutions against explicit sums."""

import numpy as np
import pytest

from glassnet.ops.convolution import (
    convolution,
    depthwise_convolution,
    grouped_convolution,
    transposed_convolution,
)
from glassnet.verify.cases.base import numbers

ONCE = {"strides": (1, 1), "dilation": (1, 1)}


def written_out(
    x: np.ndarray, kernel: np.ndarray, strides: tuple[int, int], dilation: tuple[int, int]
) -> np.ndarray:
    """A 2-D convolution as a loop over all outputs and cells."""
    n, h, w, _ = x.shape
    kh, kw, _, filters = kernel.shape
    rows = (h - (kh - 1) * dilation[0] - 1) // strides[0] + 1
    columns = (w - (kw - 1) * dilation[1] - 1) // strides[1] + 1
    y = np.zeros((n, rows, columns, filters))
    for i, j, a, b in np.ndindex(rows, columns, kh, kw):
        place = x[:, i * strides[0] + a * dilation[0], j * strides[1] + b * dilation[1]]
        y[:, i, j] += place @ kernel[a, b]
    return y


def test_by_hand() -> None:
    x = np.array([1.0, 2, 4]).reshape(1, 3, 1)
    kernel = np.array([10.0, 1]).reshape(2, 1, 1)
    y, back = convolution(x, kernel, np.array([0.5]), (1,), (1,))
    assert y.ravel().tolist() == [12.5, 24.5]  # 10 + 2, 20 + 4: the kernel is not flipped
    dx, dkernel, dbias = back(np.array([1.0, 3]).reshape(1, 2, 1))
    assert dx.ravel().tolist() == [10, 31, 3]
    assert dkernel.ravel().tolist() == [7, 14]
    assert dbias.tolist() == [4]


@pytest.mark.parametrize("strides", [(1, 1), (2, 1), (3, 2)])
@pytest.mark.parametrize("dilation", [(1, 1), (1, 2), (3, 2)])
@pytest.mark.parametrize("size", [(1, 1), (2, 3), (3, 1)])
def test_it_is_the_sum(
    size: tuple[int, int], strides: tuple[int, int], dilation: tuple[int, int]
) -> None:
    x, kernel = numbers(2, 8, 7, 3), numbers(*size, 3, 4)
    y, _ = convolution(x, kernel, None, strides, dilation)
    np.testing.assert_allclose(y, written_out(x, kernel, strides, dilation), atol=1e-12)


def test_the_gradient_of_data_is_left_out() -> None:
    x, kernel, bias = numbers(2, 4, 4, 2), numbers(2, 2, 2, 4), numbers(4)
    y, back = convolution(x, kernel, bias, **ONCE)
    _, brief = convolution(x, kernel, bias, **ONCE, wrt_x=False)
    assert brief(y)[0] is None
    for a, b in zip(brief(y)[1:], back(y)[1:], strict=True):
        np.testing.assert_array_equal(a, b)
    _, grouped = grouped_convolution(x, kernel[:, :, :1], bias, **ONCE, groups=2, wrt_x=False)
    assert grouped(y)[0] is None


def test_a_group_sees_only_its_channels() -> None:
    x, kernel = numbers(1, 4, 4, 4), numbers(2, 2, 2, 6)
    y, _ = grouped_convolution(x, kernel, None, **ONCE, groups=2)
    first, _ = convolution(x[..., :2], kernel[..., :3], None, **ONCE)
    last, _ = convolution(x[..., 2:], kernel[..., 3:], None, **ONCE)
    np.testing.assert_array_equal(y, np.concatenate([first, last], axis=-1))


@pytest.mark.parametrize("times", [1, 3])
def test_depthwise_is_a_group_a_channel(times: int) -> None:
    x, kernel = numbers(2, 5, 4, 3), numbers(2, 3, 3, times)
    y, _ = depthwise_convolution(x, kernel, None, **ONCE)
    grouped, _ = grouped_convolution(x, kernel.reshape(2, 3, 1, -1), None, **ONCE, groups=3)
    np.testing.assert_allclose(y, grouped, atol=1e-12)


@pytest.mark.parametrize("strides", [(1, 1), (2, 3)])
def test_transposed_is_the_adjoint(strides: tuple[int, int]) -> None:
    kernel, places = numbers(2, 3, 4, 5), numbers(2, 8, 9, 4)
    y, back = convolution(places, kernel, None, strides, (1, 1))
    x = numbers(*y.shape)
    reached = tuple((n - 1) * s + k for n, s, k in zip(y.shape[1:3], strides, (2, 3), strict=True))
    widths = tuple((0, n - r) for n, r in zip((8, 9), reached, strict=True))
    transposed, _ = transposed_convolution(x, kernel, None, strides, (1, 1), widths)
    np.testing.assert_allclose(transposed, back(x)[0], atol=1e-12)


@pytest.mark.parametrize("largest", [1, 300, 700])
def test_blocks_of_cells_give_the_same(largest: int, monkeypatch: pytest.MonkeyPatch) -> None:
    x, kernel, bias = numbers(2, 4, 5, 4, 3), numbers(3, 2, 2, 3, 4), numbers(4)
    ways = {"strides": (1, 2, 1), "dilation": (1, 1, 2)}
    z = numbers(2, 2, 2, 2, 4)
    widths = ((0, 0),) * 3

    def outcome() -> list[np.ndarray]:
        y, back = convolution(x, kernel, bias, **ways)
        w, back_transposed = transposed_convolution(z, kernel, None, **ways, widths=widths)
        return [y, w, *back(np.cos(y)), *back_transposed(np.cos(w))]

    whole = outcome()
    monkeypatch.setattr("glassnet.ops.convolution._LARGEST", largest)
    for block_by_block, at_once in zip(outcome(), whole, strict=True):
        np.testing.assert_allclose(block_by_block, at_once, atol=1e-12)
