"""Windows that slide over the places of an array: what convolution and pooling are made of.

x (N, *lengths, C) has one or more axes of places between its examples and its channels. A window
has `size` cells along each of them, `dilation` places apart, and windows begin `strides` places
apart. All of these are one whole number an axis, so that one code serves sequences and images.
"""

import math
from collections.abc import Iterable, Iterator
from itertools import product

from glassnet.core.protocols import Array, namespace
from glassnet.ops.padding import Widths, framed

Sizes = tuple[int, ...]


def reach(size: Sizes, dilation: Sizes) -> Sizes:
    """How many places a window spans."""
    return tuple((n - 1) * step + 1 for n, step in zip(size, dilation, strict=True))


def counts(lengths: Sizes, size: Sizes, strides: Sizes, dilation: Sizes) -> Sizes:
    """How many windows fit: ⌊(length − reach) / stride⌋ + 1."""
    axes = zip(lengths, reach(size, dilation), strides, strict=True)
    return tuple((length - span) // stride + 1 for length, span, stride in axes)


def widths_for(
    padding: str, lengths: Sizes, size: Sizes, strides: Sizes, dilation: Sizes
) -> Widths:
    """The frame that a padding's name means.

    "valid" is none. "same" makes ⌈length / stride⌉ windows; of an odd frame the larger half comes
    after, as in TensorFlow. "causal" lies all before: a window ends at its own place.
    """
    spans = reach(size, dilation)
    if padding == "same":
        axes = zip(lengths, spans, strides, strict=True)
        totals = [max((math.ceil(n / s) - 1) * s + span - n, 0) for n, span, s in axes]
        return tuple((total // 2, total - total // 2) for total in totals)
    return tuple((span - 1 if padding == "causal" else 0, 0) for span in spans)


def cells(x: Array, size: Sizes, strides: Sizes, dilation: Sizes) -> Iterator[Array]:
    """For each cell of a window in turn, what lies there in every window: (N, *counts, C)."""
    n = counts(x.shape[1:-1], size, strides, dilation)
    for offset in _offsets(size, dilation):
        axes = zip(offset, n, strides, strict=True)
        yield x[(slice(None), *(slice(o, o + (k - 1) * s + 1, s) for o, k, s in axes))]


def overlay(
    parts: Iterable[Array], lengths: Sizes, size: Sizes, strides: Sizes, dilation: Sizes
) -> Array:
    """Each cell's numbers (N, *counts, C) added up at the places they belong to: (N, *lengths, C).

    It is the adjoint of `cells`. Where all strides are 1, a cell's numbers are one block, padded.
    Else the places form ∏ strides grids that no cell ever mixes: its offset modulo the strides
    says on which one a cell's numbers lie, and the grids are interlaced in the end.
    """
    grid = [math.ceil(length / stride) for length, stride in zip(lengths, strides, strict=True)]
    sums: dict[Sizes, Array] = {}
    # Pads and sums: as fast on NumPy as sums in place, and fused by XLA, which has none in place.
    for offset, part in zip(_offsets(size, dilation), parts, strict=True):
        which = tuple(o % s for o, s in zip(offset, strides, strict=True))
        before = [o // s for o, s in zip(offset, strides, strict=True)]
        axes = zip(before, part.shape[1:-1], grid, strict=True)
        block = framed(part, tuple((b, whole - b - n) for b, n, whole in axes))
        sums[which] = sums[which] + block if which in sums else block
    if max(strides) == 1:
        (whole,) = sums.values()
    else:
        whole = _interlaced(sums, strides)
    return whole[(slice(None), *map(slice, lengths))]


def _offsets(size: Sizes, dilation: Sizes) -> Iterator[Sizes]:
    """How far each cell lies from the begin of its window; the last axis runs fastest."""
    return product(*(range(0, n * step, step) for n, step in zip(size, dilation, strict=True)))


def _interlaced(grids: dict[Sizes, Array], strides: Sizes) -> Array:
    """The array whose places, every stride-th from an offset on, are the grid of that offset."""
    some, rank = next(iter(grids.values())), len(strides)
    xp, (n, *lengths, channels) = namespace(some), some.shape
    if len(grids) < math.prod(strides):
        zeros = xp.zeros_like(some)
        grids = dict.fromkeys(product(*map(range, strides)), zeros) | grids
    stack = xp.stack([grids[offset] for offset in product(*map(range, strides))])
    stack = stack.reshape(*strides, n, *lengths, channels)
    turns = [axis for i in range(rank) for axis in (rank + 1 + i, i)]  # a length, then its stride
    stack = xp.permute_dims(stack, (rank, *turns, 2 * rank + 1))
    return stack.reshape(n, *(k * s for k, s in zip(lengths, strides, strict=True)), channels)
