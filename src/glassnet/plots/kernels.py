"""The first layer's weights, or a convolution's filters, as images."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from glassnet.core.arrays import Array
from glassnet.plots.images import bare, tiled
from glassnet.plots.style import WIDTH, entitle, house_style

MOST = 48  # images at most
_MEAN = ", mean of the channels"


@house_style
def first_weights(kernel: Array, shape: tuple[int, ...]) -> Figure:
    """The strongest columns of a Dense kernel (pixels, units), each as an image of `shape`.

    Red weights are positive, blue ones negative; each image has its own scale. For color images,
    the mean over the channels is shown.
    """
    figure = _figure(kernel)
    weights(figure, kernel, shape)
    return figure


def weights(
    figure: Any, kernel: Array, shape: tuple[int, ...], most: int = MOST, columns: int = 8
) -> None:
    """Draw the images of `first_weights` on a figure or subfigure."""
    units = kernel.shape[1]
    count = f"{most} of {units} units" if most < units else "all units"
    mean = _MEAN if len(shape) > 2 else ""
    entitle(figure, f"Weights of the first layer ({count}{mean})")
    _draw(figure, kernel.reshape(*shape[:2], -1, units), most, columns)


@house_style
def filters(kernel: Array) -> Figure:
    """The strongest filters of a convolution (height, width, channels, filters), as images.

    With multiple channels, their mean is shown. Red weights are positive, blue ones negative.
    """
    figure = _figure(kernel)
    filter_images(figure, kernel)
    return figure


def filter_images(figure: Any, kernel: Array, most: int = MOST, columns: int = 8) -> None:
    """Draw the images of `filters` on a figure or subfigure."""
    *_, channels, count = kernel.shape
    mean = _MEAN if channels > 1 else ""
    entitle(figure, f"Filters of the first convolution ({min(most, count)} of {count}{mean})")
    _draw(figure, kernel, most, columns)


def _figure(kernel: Array) -> Figure:
    height = 0.4 + 0.72 * -(-min(MOST, kernel.shape[-1]) // 8)
    return Figure(figsize=(WIDTH, height), layout="constrained")


def _draw(figure: Any, kernel: Array, most: int, columns: int) -> None:
    """Draw the units of a kernel (height, width, channels, units), the largest weights first."""
    axes = figure.subplots()
    bare(axes)
    norms = np.linalg.norm(kernel.reshape(-1, kernel.shape[-1]), axis=0)
    strongest = np.argsort(-norms, kind="stable")[:most]
    images = [kernel[..., unit].mean(axis=-1) for unit in strongest]
    scaled = [image / max(float(np.abs(image).max()), 1e-12) for image in images]
    rows = [scaled[start : start + columns] for start in range(0, len(scaled), columns)]
    axes.imshow(tiled(rows, columns), cmap="RdBu_r", vmin=-1, vmax=1)
