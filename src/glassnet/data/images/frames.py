"""The frame round a photo's picture: found by its straight edges, and left out."""

import numpy as np

from glassnet.data.images.preprocessing import edges

_ALIKE = 0.1  # of the photo's contrast: noise and a JPEG's ripples change less
_CLEAN = 0.98  # of a ring that a frame fills
_STRAIGHT = 0.7  # of the picture's edges that differ from the frame; an object's box has corners
_GROUND = 0.6  # of the picture's edges that its own ground fills
_LEAST = 0.5  # of each side is picture, or it is an object with straight edges
_BLUR = 0.01  # of each side: scaled photos pass from frame to picture softly
_MOST = 4  # frames inside each other: a margin, a line, a passe-partout


def unframed(grey: np.ndarray) -> np.ndarray:
    """The picture (H, W) without the frames of even brightness that lie round all four sides.

    A frame differs from the ground inside it; what is drawn on a ground that reaches to the
    edges is not cut.
    """
    for _ in range(_MOST):
        inner = _inside(grey)
        if inner is None:
            break
        grey = inner
    return grey


def _inside(grey: np.ndarray) -> np.ndarray | None:
    """What the outermost frame holds; None if there is none."""
    alike = _ALIKE * float(np.ptp(grey)) + 4
    frame = abs(grey - np.median(edges(grey))) <= alike
    if edges(frame).mean() < _CLEAN:
        return None
    rows = np.flatnonzero(frame.mean(axis=1) < _CLEAN)
    columns = np.flatnonzero(frame.mean(axis=0) < _CLEAN)
    if not (rows.size and columns.size):
        return None
    box = _within(rows), _within(columns)
    picture = grey[box]
    if (
        min(np.divide(picture.shape, grey.shape)) < _LEAST
        or edges(frame[box]).mean() > 1 - _STRAIGHT
    ):
        return None
    border = edges(picture)
    ground = np.median(border)
    even = (abs(border - ground) <= alike).mean() >= _GROUND
    drawn = (abs(picture - ground) > alike).mean() > 1 - _CLEAN
    return picture if even and drawn else None


def _within(found: np.ndarray) -> slice:
    """From the first to the last of these rows or columns, without their soft ends."""
    blur = round(_BLUR * len(found))
    return slice(int(found[0]) + blur, int(found[-1]) + 1 - blur)
