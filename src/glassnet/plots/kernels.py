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
    figure = Figure(
        figsize=(WIDTH, 0.4 + 0.72 * -(-min(MOST, kernel.shape[1]) // 8)), layout="constrained"
    )
    weights(figure, kernel, shape)
    return figure


def weights(
    figure: Any, kernel: Array, shape: tuple[int, ...], most: int = MOST, columns: int = 8
) -> None:
    """Draw the images of `first_weights` on a figure or subfigure."""
    shown = _strongest(kernel)[:most]
    images = [kernel[:, unit].reshape(*shape[:2], -1).mean(axis=-1) for unit in shown]
    count = (
        f"{len(shown)} of {kernel.shape[1]} units" if len(shown) < kernel.shape[1] else "all units"
    )
    mean = _MEAN if len(shape) > 2 else ""
    _grid(figure, images, f"Weights of the first layer ({count}{mean})", columns)


@house_style
def filters(kernel: Array) -> Figure:
    """The strongest filters of a convolution (height, width, channels, filters), as images.

    With multiple channels, their mean is shown. Red weights are positive, blue ones negative.
    """
    height = 0.4 + 0.72 * -(-min(MOST, kernel.shape[-1]) // 8)
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    filter_images(figure, kernel)
    return figure


def filter_images(figure: Any, kernel: Array, most: int = MOST, columns: int = 8) -> None:
    """Draw the images of `filters` on a figure or subfigure."""
    shown = _strongest(kernel)[:most]
    mean = _MEAN if kernel.shape[2] > 1 else ""
    count = f"{len(shown)} of {kernel.shape[-1]}{mean}"
    images = [kernel[..., unit].mean(axis=-1) for unit in shown]
    _grid(figure, images, f"Filters of the first convolution ({count})", columns)


def _strongest(kernel: Array) -> Array:
    """Return the indices of the units, those with the largest weights first."""
    return np.argsort(-np.linalg.norm(kernel.reshape(-1, kernel.shape[-1]), axis=0), kind="stable")


def _grid(figure: Any, images: list[Array], title: str, columns: int) -> None:
    entitle(figure, title)
    axes = figure.subplots()
    bare(axes)
    scaled = [image / max(float(np.abs(image).max()), 1e-12) for image in images]
    rows = [scaled[start : start + columns] for start in range(0, len(scaled), columns)]
    axes.imshow(tiled(rows, columns), cmap="RdBu_r", vmin=-1, vmax=1)
