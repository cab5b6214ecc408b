"""Convolutions of any rank, without padding: x (N, *spatial, C) correlated with a kernel.

The cells of each window are laid side by side as a row, and those of the kernel are stacked as a
matrix (im2col), so that a convolution is one matrix product, which BLAS and XLA do best. Source:
Chellapilla et al. 2006, "High performance convolutional neural networks for document processing".
A matrix that would fill the memory is computed in blocks of cells, whenever one is needed.
"""

from collections.abc import Callable, Sequence
from functools import partial, reduce
from operator import add

from glassnet.core.protocols import Array, namespace
from glassnet.ops import Pullback
from glassnet.ops.merging import concatenate
from glassnet.ops.padding import Widths, pad
from glassnet.ops.windows import Sizes, cells, overlay, reach

_LARGEST = 2**27  # numbers in one matrix of cells: 512 MB in float32

Blocks = list[tuple[slice, Callable[[], Array]]]  # (rows of the kernel, rows of these cells)


def convolution(
    x: Array,
    kernel: Array,
    bias: Array | None,
    strides: Sizes,
    dilation: Sizes,
    wrt_x: bool = True,
    wrt_kernel: bool = True,
) -> tuple[Array, Pullback]:
    """y[n, p] = Σₒ x[n, strides · p + dilation · o] @ kernel[o] + bias, over all cells o.

    x (N, *spatial, C), kernel (*size, C, F), bias (F,) -> y (N, *counts, F). `wrt_x=False`
    skips dx (then None), which the first layer does not need: its x is data. `wrt_kernel=False`
    skips dkernel (then None), for a kernel that is not trained.
    """
    *size, channels, filters = kernel.shape
    geometry = (tuple(size), strides, dilation)
    blocks, shape = _blocks(x, *geometry)
    y = _product(blocks, kernel.reshape(-1, filters))
    if bias is not None:
        y += bias  # y is a new array: in place, NumPy needs no second one of its size

    def pullback(dy: Array) -> tuple[Array | None, ...]:
        dy = dy.reshape(-1, filters)
        dx = None
        if wrt_x:  # cell by cell: one array for all, ∏ size times as large, leaves the caches
            parts = (dy @ cell.T for cell in kernel.reshape(-1, channels, filters))
            parts = (part.reshape(*shape, channels) for part in parts)
            dx = overlay(parts, x.shape[1:-1], *geometry)
        dkernel = _transposed_product(blocks, dy).reshape(kernel.shape) if wrt_kernel else None
        return (dx, dkernel) if bias is None else (dx, dkernel, _total(dy))

    return y.reshape(*shape, filters), pullback


def grouped_convolution(
    x: Array,
    kernel: Array,
    bias: Array | None,
    strides: Sizes,
    dilation: Sizes,
    groups: int,
    wrt_x: bool = True,
) -> tuple[Array, Pullback]:
    """Convolution of equal groups of channels, each with its own share of the filters.

    x (N, *spatial, C), kernel (*size, C / groups, F), bias (F,) -> y (N, *counts, F). Source:
    Krizhevsky et al. 2012.
    """

    def split(array: Array) -> list[Array]:
        n = array.shape[-1] // groups
        return [array[..., i * n : (i + 1) * n] for i in range(groups)]

    biases = [None] * groups if bias is None else split(bias)
    convolutions = [
        convolution(*group, strides, dilation, wrt_x)
        for group in zip(split(x), split(kernel), biases, strict=True)
    ]

    def pullback(dy: Array) -> tuple[Array | None, ...]:
        backs = zip(convolutions, split(dy), strict=True)
        dx, *grads = zip(*(back(group) for (_, back), group in backs), strict=True)
        return (concatenate(*dx)[0] if wrt_x else None, *(concatenate(*grad)[0] for grad in grads))

    return concatenate(*(y for y, _ in convolutions))[0], pullback


def depthwise_convolution(
    x: Array, kernel: Array, bias: Array | None, strides: Sizes, dilation: Sizes
) -> tuple[Array, Pullback]:
    """Each channel c has M kernels of its own: y[n, p, c·M + m] = Σₒ x[n, …, c] · kernel[o, c, m].

    x (N, *spatial, C), kernel (*size, C, M), bias (C·M,) -> y (N, *counts, C·M). Computed as
    sums of elementwise products: as a matrix, the kernel would be almost all zeros.
    """
    xp = namespace(x)
    *size, channels, times = kernel.shape
    geometry = (tuple(size), strides, dilation)
    wide = x if times == 1 else xp.repeat(x, times, axis=-1)
    parts = list(cells(wide, *geometry))
    weights = kernel.reshape(-1, channels * times)
    y = parts[0] * weights[0]
    for part, w in zip(parts[1:], weights[1:], strict=True):
        y += part * w
    if bias is not None:
        y += bias

    def pullback(dy: Array) -> tuple[Array, ...]:
        dwide = overlay((dy * w for w in weights), x.shape[1:-1], *geometry)
        dx = dwide if times == 1 else dwide.reshape(*x.shape, times).sum(axis=-1)
        dkernel = xp.stack([_total(part * dy) for part in parts]).reshape(kernel.shape)
        return (dx, dkernel) if bias is None else (dx, dkernel, _total(dy))

    return y, pullback


def transposed_convolution(
    x: Array, kernel: Array, bias: Array | None, strides: Sizes, dilation: Sizes, widths: Widths
) -> tuple[Array, Pullback]:
    """The adjoint of a convolution in its input: x[n, p] @ kernel[o].T is added to y at cell o of
    the convolution's window p. `widths` pads the result, or crops it where negative.

    x (N, *counts, C), kernel (*size, F, C), bias (F,) -> y (N, *spatial, F). Source: Zeiler et al.
    2010, "Deconvolutional networks".
    """
    *size, filters, channels = kernel.shape
    geometry = (tuple(size), strides, dilation)
    spans = zip(x.shape[1:-1], strides, reach(tuple(size), dilation), strict=True)
    lengths = tuple((n - 1) * stride + span for n, stride, span in spans)
    flat_x = x.reshape(-1, channels)
    parts = (flat_x @ cell.T for cell in kernel.reshape(-1, filters, channels))
    parts = (part.reshape(*x.shape[:-1], filters) for part in parts)
    y, back_pad = pad(overlay(parts, lengths, *geometry), widths)

    def pullback(dy: Array) -> tuple[Array, ...]:
        blocks, _ = _blocks(back_pad(dy), *geometry)
        dx = _product(blocks, kernel.reshape(-1, channels)).reshape(x.shape)
        dkernel = _transposed_product(blocks, flat_x).reshape(kernel.shape)
        return (dx, dkernel) if bias is None else (dx, dkernel, _total(dy))

    return (y if bias is None else y + bias), pullback


def _blocks(
    x: Array, size: Sizes, strides: Sizes, dilation: Sizes
) -> tuple[Blocks, tuple[int, ...]]:
    """The matrix of cells, (N · ∏ counts, ∏ size · C), in blocks of columns; and (N, *counts).

    A matrix of one block is computed once.
    """
    parts = list(cells(x, size, strides, dilation))
    shape, channels = parts[0].shape[:-1], x.shape[-1]
    most = max(1, _LARGEST // max(1, parts[0].size))
    if len(parts) <= most:
        rows = _rows(parts)
        return [(slice(None), lambda: rows)], shape
    return [
        (slice(i * channels, (i + most) * channels), partial(_rows, parts[i : i + most]))
        for i in range(0, len(parts), most)
    ], shape


def _rows(parts: Sequence[Array]) -> Array:
    """The values of these cells side by side, one row for each window."""
    return _joined(parts, -1).reshape(-1, len(parts) * parts[0].shape[-1])


def _joined(parts: Sequence[Array], axis: int) -> Array:
    return concatenate(*parts, axis=axis)[0] if len(parts) > 1 else parts[0]


def _product(blocks: Blocks, matrix: Array) -> Array:
    """The matrix of cells times `matrix`."""
    return reduce(add, (rows() @ matrix[share] for share, rows in blocks))


def _transposed_product(blocks: Blocks, matrix: Array) -> Array:
    """The transpose of the matrix of cells times `matrix`."""
    return _joined([rows().T @ matrix for _, rows in blocks], 0)


def _total(values: Array) -> Array:
    """The sum over all axes but the last, as a matrix product: five times as fast on NumPy."""
    flat = values.reshape(-1, values.shape[-1])
    return namespace(flat).ones(len(flat), dtype=flat.dtype) @ flat
