"""Grad-CAM: which places of the last picture inside a convolutional network speak for a class."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet.core.arrays import Array, as_tuple
from glassnet.core.errors import GlassnetError
from glassnet.explain.hook import tapped
from glassnet.explain.score import Score
from glassnet.layers import Layer
from glassnet.layers.base import Shape, one_or_tuple
from glassnet.layers.convolution import Convolving


def grad_cam(score: Score, x: Array, baseline: Array) -> Array:
    """relu(Σₖ αₖ Aₖ), αₖ the mean over all places of ∂s/∂Aₖ; A (h, w, k) is the last layer's
    output that has places and follows a convolution.   x (H, W[, C]) -> (H, W)

    The map is as coarse as A, and is drawn out to the picture's size bilinearly. Raises where no
    layer is a convolution. Source: Selvaraju et al. 2017, "Grad-CAM: visual explanations from deep
    networks via gradient-based localization".
    """
    place = _last_picture(score.network, x.shape)
    if place is None:
        raise GlassnetError(
            "Grad-CAM needs a network with a Conv2D, and this one has none.",
            where="explain",
            fix="Take integrated-gradients.",
        )
    network, seen = tapped(score.network, place)
    replace(score, network=network).pulled_back(x[None])
    alpha = seen.gradient[0].mean(axis=(0, 1), dtype=np.float64)
    return _enlarged(np.maximum(seen.output[0] @ alpha, 0), x.shape[:2])


@dataclass(frozen=True)
class _Value:
    """What passes between layers: a shape, and whether a convolution lies on the way there."""

    shape: Shape
    convolved: bool


def _last_picture(network: Layer, shape: Shape) -> str | None:
    """The path of the last layer that puts out (h, w, k) and follows a convolution or is one."""
    pictures = []

    def visit(path: str, layer: Layer, values: Any) -> _Value:
        made = layer.output_shape(one_or_tuple([value.shape for value in as_tuple(values)]))
        before = any(value.convolved for value in as_tuple(values))
        convolved = before or any(isinstance(part, Convolving) for _, part in layer.walk())
        if convolved and len(made) == 3:
            pictures.append(path)
        return _Value(made, convolved)

    network.trace(_Value(shape, convolved=False), visit)
    return pictures[-1] if pictures else None


def _enlarged(picture: Array, size: tuple[int, ...]) -> Array:
    """The picture at another size, bilinearly, its edges' pixels held beyond their centres."""
    for old, new in zip(picture.shape, size, strict=True):  # the rows, then the columns
        at = (np.arange(new) + 0.5) * old / new - 0.5
        picture = np.stack([np.interp(at, range(old), line) for line in picture.T])
    return picture
