"""Images sampled at other positions: rotated, shifted, zoomed."""

from functools import reduce
from itertools import product
from operator import add

from glassnet.core.protocols import Array, Namespace, namespace
from glassnet.ops import ArrayPullback
from glassnet.ops.embedding import lookup


def affine_sample(
    x: Array,
    matrices: Array,
    fill_mode: str = "reflect",
    interpolation: str = "bilinear",
    fill_value: float = 0.0,
) -> tuple[Array, ArrayPullback]:
    """y[n, i, j] = x[n, M (i, j, 1)]: positions from the center of the image.

    x (N, H, W, C), matrices (N, 2, 3) -> y like x. Between pixels, y is interpolated along both
    axes, or that of the nearest. Beyond the edges, x goes on: by `fill_mode`, as "reflect"
    (d c b a | a b c d | d c b a), "wrap" (a b c d | a b c d), "nearest" (a a | a b c d | d d), or
    "constant", the `fill_value`.
    """
    xp = namespace(x)
    n, *sides, channels = x.shape
    i, j = (xp.arange(side, dtype=x.dtype) - (side - 1) / 2 for side in sides)
    m = matrices[:, :, :, None, None]
    positions = [
        m[:, axis, 0] * i[:, None] + m[:, axis, 1] * j + m[:, axis, 2] + (side - 1) / 2
        for axis, side in enumerate(sides)
    ]
    if interpolation == "nearest":
        ends = [[(xp.floor(p + 0.5), xp.ones_like(p))] for p in positions]
    else:
        starts = [xp.floor(p) for p in positions]
        ends = [
            [(start, 1 - (p - start)), (start + 1, p - start)]
            for p, start in zip(positions, starts, strict=True)
        ]
    pixels, first = x.reshape(-1, channels), xp.arange(n)[:, None, None] * (sides[0] * sides[1])
    taps = []
    for (row, row_share), (column, column_share) in product(*ends):
        row, column = (xp.astype(a, xp.int32) for a in (row, column))
        places = (_inside(xp, row, sides[0], fill_mode), _inside(xp, column, sides[1], fill_mode))
        share = (row_share * column_share)[..., None]
        values, back = lookup(pixels, first + places[0] * sides[1] + places[1])
        if fill_mode == "constant":
            within = ((places[0] == row) & (places[1] == column))[..., None]
            taps.append((xp.where(within, values, fill_value) * share, share * within, back))
        else:
            taps.append((values * share, share, back))

    def pullback(dy: Array) -> Array:
        return reduce(add, (back(dy * share) for _, share, back in taps)).reshape(x.shape)

    return reduce(add, (value for value, _, _ in taps)), pullback


def _inside(xp: Namespace, places: Array, length: int, fill_mode: str) -> Array:
    """Return the pixels inside the image that stand for these places."""
    if fill_mode == "reflect":
        around = places % (2 * length)
        return xp.minimum(around, 2 * length - 1 - around)
    return places % length if fill_mode == "wrap" else xp.clip(places, 0, length - 1)


def flip_images(x: Array, flips: Array, axes: tuple[int, ...]) -> tuple[Array, ArrayPullback]:
    """y[n] = x[n] mirrored along the axes where flips[n] is true, else x[n]. flips (N,)."""
    xp = namespace(x)
    chosen = flips.reshape(-1, *(1,) * (x.ndim - 1))

    def mirrored(a: Array) -> Array:
        other = a
        for axis in axes:
            other = xp.flip(other, axis=axis)
        return xp.where(chosen, other, a)

    return mirrored(x), mirrored


def adjust_images(
    x: Array, factors: Array, offsets: Array, low: float, high: float
) -> tuple[Array, ArrayPullback]:
    """y[n] = m + factors[n] (x[n] − m) + offsets[n], clipped to low … high, m the mean of each
    channel of x[n].   x (N, H, W, C), factors and offsets (N,).
    """
    xp = namespace(x)
    factor, offset = factors.reshape(-1, 1, 1, 1), offsets.reshape(-1, 1, 1, 1)
    mean = x.mean(axis=(1, 2), keepdims=True)
    z = mean + factor * (x - mean) + offset
    free = (z >= low) & (z <= high)

    def pullback(dy: Array) -> Array:
        dz = xp.where(free, dy, 0)
        return factor * dz + (1 - factor) * dz.mean(axis=(1, 2), keepdims=True)

    return xp.clip(z, low, high), pullback
