"""Grad-CAM: which places of the last picture inside a convolutional network speak for a class."""

from dataclasses import replace

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError
from glassnet.explain.hook import Place, tapped
from glassnet.explain.score import Score
from glassnet.layers import (
    Conv2D,
    Conv2DTranspose,
    DepthwiseConv2D,
    Graph,
    Layer,
    SeparableConv2D,
    Sequential,
)
from glassnet.layers.base import Shape

CONVOLUTIONS = Conv2D | Conv2DTranspose | DepthwiseConv2D | SeparableConv2D


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


def _last_picture(network: Layer, shape: Shape) -> Place | None:
    """The place of the last layer that puts out (h, w, k) and follows a convolution or is one."""
    if not isinstance(network, Sequential | Graph):
        return None
    made = network.shapes(shape)
    inputs = network.inputs if isinstance(network, Graph) else 1
    convolved = [False] * inputs  # whether a convolution lies on the way to each value
    for number, sources in network.wiring:
        on_the_way = any(convolved[source] for source in sources)
        convolved.append(on_the_way or _convolves(network.layers[number]))
    for call, (number, sources) in reversed(list(enumerate(network.wiring, inputs))):
        if not convolved[call]:
            continue
        if len(made[call]) == 3 and not isinstance(made[call][0], tuple):
            return (number,)
        if (inner := _last_picture(network.layers[number], made[sources[0]])) is not None:
            return (number, *inner)
    return None


def _convolves(layer: Layer) -> bool:
    return isinstance(layer, CONVOLUTIONS) or any(_convolves(part) for _, part in layer.parts)


def _enlarged(picture: Array, size: tuple[int, ...]) -> Array:
    """The picture at another size, bilinearly, its edges' pixels held beyond their centres."""
    for old, new in zip(picture.shape, size, strict=True):  # the rows, then the columns
        at = (np.arange(new) + 0.5) * old / new - 0.5
        picture = np.stack([np.interp(at, range(old), line) for line in picture.T])
    return picture
