"""Pad or crop the spatial axes of x (N, *lengths, C)."""

from glassnet.core.protocols import Array, namespace
from glassnet.ops import ArrayPullback

Widths = tuple[tuple[int, int], ...]  # (before, after) for each spatial axis


def pad(x: Array, widths: Widths, value: float = 0.0) -> tuple[Array, ArrayPullback]:
    """y = x padded with `value`; where a width is negative, x is cropped instead.

    x (N, *lengths, C) -> y (N, *(before + length + after), C).   dx = dy with the widths negated.
    """
    y = padded(x, widths, value)
    return y, lambda dy: padded(dy, tuple((-before, -after) for before, after in widths))


def padded(x: Array, widths: Widths, value: float = 0.0) -> Array:
    """Return y of `pad` without the pullback; x itself if all widths are 0."""
    if not any(map(any, widths)):
        return x
    crop = (slice(max(-before, 0), min(after, 0) or None) for before, after in widths)
    positive = ((max(before, 0), max(after, 0)) for before, after in widths)
    x = x[(slice(None), *crop)]
    return namespace(x).pad(x, ((0, 0), *positive, (0, 0)), constant_values=value)
