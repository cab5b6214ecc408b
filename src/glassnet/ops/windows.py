"""Sliding windows over the positions of an array, shared by convolution and pooling.

x (N, *lengths, C) has one or more spatial axes between its examples and its channels. Along each of
them, a window has `size` cells, `dilation` positions apart, and windows start `strides` positions
apart. Each is one integer per axis, so that the same code serves sequences and images.
"""

import math
from collections.abc import Iterable, Iterator
from itertools import product

from glassnet.core.protocols import Array, namespace
from glassnet.ops.padding import Widths, padded

Sizes = tuple[int, ...]


def reach(size: Sizes, dilation: Sizes) -> Sizes:
    """Return the number of positions that a window spans, along each axis."""
    return tuple((n - 1) * step + 1 for n, step in zip(size, dilation, strict=True))


def counts(lengths: Sizes, size: Sizes, strides: Sizes, dilation: Sizes) -> Sizes:
    """Return the number of windows that fit, along each axis: ⌊(length − reach) / stride⌋ + 1."""
    axes = zip(lengths, reach(size, dilation), strides, strict=True)
    return tuple((length - span) // stride + 1 for length, span, stride in axes)


def widths_for(
    padding: str, lengths: Sizes, size: Sizes, strides: Sizes, dilation: Sizes
) -> Widths:
    """Return the padding widths for "valid", "same" or "causal".

    "valid" adds none. "same" gives ⌈length / stride⌉ windows; if the total is odd, the larger half
    comes after, as in TensorFlow. "causal" pads only before: a window ends at its own position.
    """
    spans = reach(size, dilation)
    if padding == "same":
        axes = zip(lengths, spans, strides, strict=True)
        totals = [max((math.ceil(n / s) - 1) * s + span - n, 0) for n, span, s in axes]
        return tuple((total // 2, total - total // 2) for total in totals)
    return tuple((span - 1 if padding == "causal" else 0, 0) for span in spans)


def cells(x: Array, size: Sizes, strides: Sizes, dilation: Sizes) -> Iterator[Array]:
    """Yield, for each cell of a window in turn, its values in all windows: (N, *counts, C)."""
    n = counts(x.shape[1:-1], size, strides, dilation)
    for offset in _offsets(size, dilation):
        axes = zip(offset, n, strides, strict=True)
        yield x[(slice(None), *(slice(o, o + (k - 1) * s + 1, s) for o, k, s in axes))]


def overlay(
    parts: Iterable[Array], lengths: Sizes, size: Sizes, strides: Sizes, dilation: Sizes
) -> Array:
    """Add each cell's values (N, *counts, C) at the positions they belong to: (N, *lengths, C).

    This is the adjoint of `cells`. If all strides are 1, a cell's values are one block, padded.
    Otherwise the positions form ∏ strides separate grids: a cell's offset modulo the strides
    selects the grid of its values, and the grids are interlaced at the end.
    """
    grid = [math.ceil(length / stride) for length, stride in zip(lengths, strides, strict=True)]
    sums: dict[Sizes, Array] = {}
    # Pad and add: as fast on NumPy as adding in place, and fused by XLA, which has no in-place sum.
    for offset, part in zip(_offsets(size, dilation), parts, strict=True):
        grid_offset = tuple(o % s for o, s in zip(offset, strides, strict=True))
        before = [o // s for o, s in zip(offset, strides, strict=True)]
        axes = zip(before, part.shape[1:-1], grid, strict=True)
        block = padded(part, tuple((b, length - b - n) for b, n, length in axes))
        sums[grid_offset] = sums[grid_offset] + block if grid_offset in sums else block
    if max(strides) == 1:
        (total,) = sums.values()
    else:
        total = _interlaced(sums, strides)
    return total[(slice(None), *map(slice, lengths))]


def _offsets(size: Sizes, dilation: Sizes) -> Iterator[Sizes]:
    """Yield each cell's distance from the start of its window; the last axis varies fastest."""
    return product(*(range(0, n * step, step) for n, step in zip(size, dilation, strict=True)))


def _interlaced(grids: dict[Sizes, Array], strides: Sizes) -> Array:
    """Return the array whose every stride-th position, from an offset on, is that offset's grid."""
    first, rank = next(iter(grids.values())), len(strides)
    xp, (n, *lengths, channels) = namespace(first), first.shape
    if len(grids) < math.prod(strides):
        zeros = xp.zeros_like(first)
        grids = dict.fromkeys(product(*map(range, strides)), zeros) | grids
    stack = xp.stack([grids[offset] for offset in product(*map(range, strides))])
    stack = stack.reshape(*strides, n, *lengths, channels)
    axes = [axis for i in range(rank) for axis in (rank + 1 + i, i)]  # a length, then its stride
    stack = xp.permute_dims(stack, (rank, *axes, 2 * rank + 1))
    return stack.reshape(n, *(k * s for k, s in zip(lengths, strides, strict=True)), channels)
