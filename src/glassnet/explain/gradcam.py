"""Grad-CAM: the positions of a CNN's last feature maps that are evidence for a class."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet.core.arrays import Array, as_tuple
from glassnet.core.errors import GlassnetError
from glassnet.explain.hook import with_hook
from glassnet.explain.score import Score
from glassnet.layers import Layer
from glassnet.layers.base import Shape
from glassnet.layers.convolution import Convolving
from glassnet.layers.shapes import one_or_tuple

OTHERS = "Use integrated-gradients, contrast, gradient-times-input, occlusion or saliency."


def grad_cam(score: Score, x: Array, baseline: Array) -> Array:
    """relu(Σₖ αₖ Aₖ), αₖ the mean over positions of ∂s/∂Aₖ.   x (H, W[, C]) -> (H, W)

    A (h, w, k) is the last output of that rank that depends on a convolution. The map is as coarse
    as A and is resized bilinearly to the size of the image. Raises GlassnetError if no layer is a
    convolution. Source: Selvaraju et al. 2017, "Grad-CAM: visual explanations from deep
    networks via gradient-based localization".
    """
    if x.ndim > 3:
        raise GlassnetError(
            f"Grad-CAM needs images, but the examples have {x.ndim} axes.",
            where="explain",
            fix=OTHERS,
        )
    path = _last_feature_maps(score.network, x.shape)
    if path is None:
        raise GlassnetError(
            "Grad-CAM needs a network with a Conv2D, and this network has none.",
            where="explain",
            fix=OTHERS,
        )
    network, record = with_hook(score.network, path)
    replace(score, network=network).pulled_back(x[None])
    alpha = record.gradient[0].mean(axis=(0, 1), dtype=np.float64)
    return _resized(np.maximum(record.output[0] @ alpha, 0), x.shape[:2])


@dataclass(frozen=True)
class _Value:
    """A value between layers: its shape, and True if it depends on a convolution."""

    shape: Shape
    convolved: bool


def _last_feature_maps(network: Layer, shape: Shape) -> str | None:
    """Return the path of the last layer that outputs (h, w, k) computed by a convolution."""
    paths = []

    def visit(path: str, layer: Layer, values: Any) -> _Value:
        output = layer.output_shape(one_or_tuple([value.shape for value in as_tuple(values)]))
        before = any(value.convolved for value in as_tuple(values))
        convolved = before or any(isinstance(part, Convolving) for _, part in layer.walk())
        if convolved and len(output) == 3:
            paths.append(path)
        return _Value(output, convolved)

    network.trace(_Value(shape, convolved=False), visit)
    return paths[-1] if paths else None


def _resized(image: Array, size: tuple[int, ...]) -> Array:
    """Resize an image bilinearly; beyond the centers of the edge pixels it is constant."""
    for old, new in zip(image.shape, size, strict=True):  # the rows, then the columns
        at = (np.arange(new) + 0.5) * old / new - 0.5
        image = np.stack([np.interp(at, range(old), line) for line in image.T])
    return image
