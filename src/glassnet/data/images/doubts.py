"""Reasons to doubt that a photo shows one object, as the training images do.

Such photos become ordinary images on the way to the network: two garments side by side a wide one,
noise an even gray. So they are detected in the photo itself, not in the network's input.
"""

import numpy as np

from glassnet.data.images.figure import Figure, fitting, scaled

COARSE = 16  # pixels: in images with shorter sides, objects can't be counted
_MASK = 128  # pixels on the longer side of the mask in which objects are counted
_GAP = 0.02  # of the object's longer side: parts nearer to each other than twice this are one
_SECOND = 0.1  # of the largest object's area: below this it is an accessory or dust
_EDGE = 0.01  # of a side: this near to the edge is at the edge
_TOUCHING = 0.02  # of an edge: the least that something covers which comes in from there
_MARGIN = 0.05  # of a side: this far from the edge is away from it
_KEPT = 0.5  # of the variance: an object keeps more when it is scaled down, noise loses nearly all
_LEAST = 0.002  # of the photo: less than this is not an object


def doubts_about(figure: Figure, shape: tuple[int, int]) -> tuple[str, ...]:
    """Return what is wrong with a photo whose object is scaled to an image of this shape."""
    if not figure.plain:
        return ("it has no plain background, so all of it counts as the object",)
    if figure.box is None or figure.visible.mean() < _LEAST:
        return ("nothing in it stands out from the background",)
    if _variance_kept(figure.values[figure.box], shape) < _KEPT:
        size = f"{shape[1]} × {shape[0]}"
        return (f"its detail, as of noise or a texture, is lost in {size} pixels",)
    doubts = []
    if _has_multiple_objects(figure):
        doubts.append("it shows more than one object")
    if _comes_in_from_an_edge(figure):
        doubts.append("something is cut off by an edge of it, such as an arm that reaches in")
    return tuple(doubts)


def _variance_kept(values: np.ndarray, shape: tuple[int, int]) -> float:
    """Return the share of the variance that is left after scaling down, 1 − ‖v − v'‖² / ‖v − v̄‖²,
    with v' the small image scaled up again.
    """
    small = fitting(values.shape, shape)
    if small[0] >= values.shape[0]:
        return 1.0
    again = scaled(scaled(values, small), (values.shape[0], values.shape[1]))
    variance = float(((values - values.mean()) ** 2).sum())
    return 1 - float(((values - again) ** 2).sum()) / max(variance, 1e-9)


def _has_multiple_objects(figure: Figure) -> bool:
    """True if the second largest connected object has a sizeable share of the largest one's area.

    The objects are thickened first, so that a sandal's straps and the halves of a bikini are one.
    """
    from scipy import ndimage

    side = max(figure.values.shape)
    small = figure
    if side > _MASK:
        shape = fitting(figure.values.shape, (_MASK, _MASK))
        small = Figure(scaled(figure.values, shape), figure.plain)
    if small.box is None:
        return False
    gap = max(1, round(_GAP * max(part.stop - part.start for part in small.box)))
    mask = np.pad(small.visible, gap)
    labels, _ = ndimage.label(ndimage.binary_dilation(mask, iterations=gap))
    areas = np.sort(np.bincount(labels[mask]))[::-1]
    return len(areas) > 1 and bool(areas[1] > _SECOND * areas[0])


def _comes_in_from_an_edge(figure: Figure) -> bool:
    """True if the object is cut off by an edge, and far from the opposite one.

    An object that fills its photo touches both.
    """
    assert figure.box is not None
    for visible, part in ((figure.visible, figure.box[0]), (figure.visible.T, figure.box[1])):
        length = len(visible)
        depth = max(1, round(_EDGE * max(visible.shape)))
        ends = visible[:depth], visible[-depth:]
        margins = part.start / length, 1 - part.stop / length
        for near, far in ((0, 1), (1, 0)):
            touches = ends[near].any(axis=0).mean() > _TOUCHING and margins[near] < _EDGE
            if touches and margins[far] > _MARGIN:
                return True
    return False
