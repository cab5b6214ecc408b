"""Whether two pictures show the same but for a crop, the size, the brightness and compression.

A small *descriptor* (the lowest frequencies of a picture's cosine transform, as in a perceptual
hash) finds candidates among many pictures; `registered` then moves one picture onto the other.

Sources: Zauner 2010, "Implementation and benchmarking of perceptual image hash functions"; Lucas &
Kanade 1981, "An iterative image registration technique with an application to stereo vision".
"""

from dataclasses import dataclass

import numpy as np

from glassnet.core.arrays import Array

SIDE = 32  # pixels of a thumbnail's side, at most
_FREQUENCIES = 8  # of each axis
COUNT = _FREQUENCIES**2 - 1  # numbers in a descriptor
_STEPS = 5  # of Gauss and Newton
_SCALE, _SHIFT = 0.15, 0.1  # of the side, by which a picture is stretched and moved at most
_CELL = 4  # pixels of the side of a cell, in which differences are averaged
_DARK = 1e-6  # of the largest value, below which a picture has no contrast


@dataclass(frozen=True, eq=False)
class Differences:
    """What is left between pairs of pictures, (N,) each; 1 is the contrast of the first one."""

    distance: Array  # √(1 − r), r the correlation of all values
    gain: Array  # the factor of the second one's contrast that fits best
    worst_cell: Array  # the root mean square difference in the cell where it is largest

    def __getitem__(self, rows: Array) -> "Differences":
        return Differences(self.distance[rows], self.gain[rows], self.worst_cell[rows])


def descriptors(pictures: Array) -> Array:
    """Return the low frequencies of pictures (N, height, width[, channels]), float32 (N, 63).

    They are the cosine transform of the mean channel without its constant, scaled to length 1, so
    that the product of two descriptors is the correlation of two blurred pictures.
    """
    height, width = pictures.shape[1:3]
    values = pictures.reshape(len(pictures), height, -1).astype(np.float32)
    channels = values.shape[2] // width
    columns = np.repeat(_cosines(width) / np.float32(channels), channels, axis=1)
    frequencies = (_cosines(height) @ (values @ columns.T)).reshape(len(values), -1)[:, 1:]
    least = _DARK * max(float(np.abs(values).max(initial=0)), _DARK)
    lengths = np.linalg.norm(frequencies, axis=1, keepdims=True)
    return frequencies / np.maximum(lengths, least)


def mirrored_descriptors(values: Array) -> Array:
    """Return the descriptors of the mirrored pictures: odd horizontal frequencies change sign."""
    odd = np.arange(1, COUNT + 1) % _FREQUENCIES % 2
    return values * np.where(odd, -1, 1).astype(np.float32)


def thumbnails(pictures: Array) -> Array:
    """Return pictures (N, height, width[, channels]) reduced to (N, channels, rows, columns)."""
    values = (pictures[..., None] if pictures.ndim == 3 else pictures).astype(np.float32)
    rows, columns = (_means(side) for side in values.shape[1:3])
    reduced: Array = rows @ values.transpose(0, 3, 1, 2) @ columns.T
    return reduced


def registered(pictures: Array, others: Array) -> Differences:
    """Return what differs when each other thumbnail is stretched, moved and scaled to fit best.

    Minimizes Σ (x − g z(a · u + b) − o)² over a, b of both axes, the gain g and the offset o, with
    a few steps of Gauss and Newton; the best of the steps counts, the first of which is none.
    """
    warp = np.tile(np.array([1, 0, 1, 0], np.float32), (len(pictures), 1))
    best = _differences(pictures, others)
    for _ in range(_STEPS):
        warp = _stepped(pictures, others, warp)
        step = _differences(pictures, _warped(others, warp))
        better = step.distance < best.distance
        best = Differences(*(
            np.where(better, new, old)
            for new, old in zip(vars(step).values(), vars(best).values(), strict=True)
        ))  # fmt: skip
    return best


def _stepped(pictures: Array, others: Array, warp: Array) -> Array:
    """Return the stretching and moving (a_y, b_y, a_x, b_x) after one step, (N, 4)."""
    warped = _warped(others, warp)
    dy, dx = np.gradient(warped, axis=(2, 3))
    v, u = _centered(warped.shape[2])[:, None], _centered(warped.shape[3])
    slopes = np.stack([dy * v, dy, dx * u, dx, warped, np.ones_like(warped)], axis=-1)
    slopes = slopes.reshape(len(warped), -1, 6)
    transposed = slopes.transpose(0, 2, 1)
    normal = transposed @ slopes
    damping = 1e-5 * np.einsum("nii->n", normal)[:, None, None] + _DARK
    solved = np.linalg.solve(
        normal + damping * np.eye(6, dtype=np.float32),
        transposed @ pictures.reshape(len(pictures), -1, 1),
    )[..., 0]
    gain = np.maximum(solved[:, 4:5], 0.2)
    height, width = warped.shape[2:]
    limits = np.array([_SCALE, _SHIFT * height, _SCALE, _SHIFT * width], np.float32)
    middle = np.array([1, 0, 1, 0], np.float32)
    step = np.clip(solved[:, :4] / gain, -limits / 3, limits / 3)
    clipped: Array = np.clip(warp + step, middle - limits, middle + limits)
    return clipped


def _differences(pictures: Array, others: Array) -> Differences:
    x, z = (a - a.mean(axis=(1, 2, 3), keepdims=True) for a in (pictures, others))
    xx, zz, xz = (np.einsum("nchw,nchw->n", a, b) for a, b in ((x, x), (z, z), (x, z)))
    tiny = np.float32(_DARK)
    gain = xz / np.maximum(zz, tiny)
    distance = np.sqrt(np.clip(1 - xz / np.sqrt(np.maximum(xx * zz, tiny)), 0, None))
    squares = np.square(x - gain[:, None, None, None] * z).mean(axis=1)
    rows, columns = (side // _CELL for side in squares.shape[1:])
    cells = squares[:, : rows * _CELL, : columns * _CELL]
    cells = cells.reshape(len(cells), rows, _CELL, columns, _CELL).mean(axis=(2, 4))
    contrast = np.maximum(np.sqrt(np.square(x).mean(axis=(1, 2, 3))), tiny)
    return Differences(distance, gain, np.sqrt(cells.max(axis=(1, 2))) / contrast)


def _warped(pictures: Array, warp: Array) -> Array:
    """Return thumbnails stretched and moved by (N, 4), by linear interpolation."""
    rows = _interpolation(pictures.shape[2], warp[:, 0], warp[:, 1])
    columns = _interpolation(pictures.shape[3], warp[:, 2], warp[:, 3])
    warped: Array = rows[:, None] @ pictures @ columns[:, None].transpose(0, 1, 3, 2)
    return warped


def _interpolation(side: int, scale: Array, shift: Array) -> Array:
    """Return the weights of the pixels of a line at other places, (N, side, side)."""
    places = scale[:, None] * _centered(side) + shift[:, None] + (side - 1) / 2
    places = np.clip(places, 0, side - 1)[:, :, None]
    return np.maximum(0, 1 - np.abs(places - np.arange(side))).astype(np.float32)


def _centered(side: int) -> Array:
    return (np.arange(side) - (side - 1) / 2).astype(np.float32)


def _cosines(side: int) -> Array:
    """Return the rows of the orthonormal cosine transform with the lowest frequencies."""
    frequencies = np.arange(_FREQUENCIES)[:, None]
    cosines = np.cos(np.pi * (np.arange(side) + 0.5) * frequencies / side) * np.sqrt(2 / side)
    return np.where(frequencies, cosines, cosines / np.sqrt(2)).astype(np.float32)


def _means(side: int) -> Array:
    """Return the weights that average a line to at most `SIDE` pixels of equal width."""
    count = min(side, SIDE)
    edges = np.linspace(0, side, count + 1)
    pixels = np.arange(side)
    covered = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    return (np.maximum(covered, 0) * count / side).astype(np.float32)
