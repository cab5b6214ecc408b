"""A frame around the places of x (N, *lengths, C), put on or cut off."""

from glassnet.core.protocols import Array, namespace
from glassnet.ops import ArrayPullback

Widths = tuple[tuple[int, int], ...]  # how much before and after, for each axis of places


def pad(x: Array, widths: Widths, value: float = 0.0) -> tuple[Array, ArrayPullback]:
    """y = x in a frame of `value`; where a width is negative, so much of x is cut off instead.

    x (N, *lengths, C) -> y (N, *(before + length + after), C).   dx = dy, the widths negated.
    """

    def pullback(dy: Array) -> Array:
        return framed(dy, tuple((-before, -after) for before, after in widths))

    return framed(x, widths, value), pullback


def framed(x: Array, widths: Widths, value: float = 0.0) -> Array:
    """What `pad` answers, without the pullback; x itself where all widths are 0."""
    if not any(map(any, widths)):
        return x
    cut = (slice(max(-before, 0), min(after, 0) or None) for before, after in widths)
    frame = ((max(before, 0), max(after, 0)) for before, after in widths)
    x = x[(slice(None), *cut)]
    return namespace(x).pad(x, ((0, 0), *frame, (0, 0)), constant_values=value)
