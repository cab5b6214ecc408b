"""Remove the frame around a photo's picture, detected by its straight edges."""

import numpy as np

from glassnet.data.images.figure import edges

_TOLERANCE = 0.1  # of the photo's contrast: noise and JPEG artifacts are below this
_CLEAN = 0.98  # share of a ring's pixels that a frame fills
_STRAIGHT = 0.7  # share of its edges that differ from the frame; an object's box has corners
_BACKGROUND = 0.6  # share of its edges that its own background fills
_LEAST = 0.5  # of each side is picture; otherwise it is an object with straight edges
_BLUR = 0.01  # of each side: in scaled photos, the transition from frame to picture is soft
_MOST = 4  # nested frames: a margin, a line, a passe-partout


def unframed(gray: np.ndarray) -> np.ndarray:
    """Return the picture (H, W) without frames of uniform brightness around all four sides.

    A frame differs in brightness from the background inside it; a picture whose background extends
    to the edges is not cropped.
    """
    for _ in range(_MOST):
        inner = _inside(gray)
        if inner is None:
            break
        gray = inner
    return gray


def _inside(gray: np.ndarray) -> np.ndarray | None:
    """Return the picture inside the outermost frame; None if there is no frame."""
    tolerance = _TOLERANCE * float(np.ptp(gray)) + 4
    frame = abs(gray - np.median(edges(gray))) <= tolerance
    if edges(frame).mean() < _CLEAN:
        return None
    rows = np.flatnonzero(frame.mean(axis=1) < _CLEAN)
    columns = np.flatnonzero(frame.mean(axis=0) < _CLEAN)
    if not (rows.size and columns.size):
        return None
    box = _within(rows), _within(columns)
    picture = gray[box]
    if (
        min(np.divide(picture.shape, gray.shape)) < _LEAST
        or edges(frame[box]).mean() > 1 - _STRAIGHT
    ):
        return None
    border = edges(picture)
    background = np.median(border)
    uniform = (abs(border - background) <= tolerance).mean() >= _BACKGROUND
    drawn = (abs(picture - background) > tolerance).mean() > 1 - _CLEAN
    return picture if uniform and drawn else None


def _within(lines: np.ndarray) -> slice:
    """Return the slice from the first to the last of these rows or columns, without soft edges."""
    blur = round(_BLUR * len(lines))
    return slice(int(lines[0]) + blur, int(lines[-1]) + 1 - blur)
