"""Grids of example images, with classes or predictions."""

import io
import math
import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from glassnet.core.arrays import Array
from glassnet.plots.colors import INK, ORANGE
from glassnet.plots.labels import short_names
from glassnet.plots.style import WIDTH, entitle, house_style

GAP = 2  # pixels between images


def is_image(shape: Sequence[int]) -> bool:
    """True if examples of this shape are images: grayscale, or with one or three channels."""
    return len(shape) == 2 or (len(shape) == 3 and shape[-1] in (1, 3))


def upright(spectrograms: Array) -> Array:
    """Return spectrograms (..., frames, bands) as pictures: time to the right, pitch upward.

    Shown dark on light, what is loud is dark.
    """
    return np.flip(np.swapaxes(spectrograms, -1, -2), axis=-2)


def tiled(rows: Sequence[Sequence[Array]], columns: int) -> Array:
    """Return rows of images as one image with gaps: drawing a hundred takes no longer than one.

    Positions without an image are NaN, which is not drawn, or white among color images.
    """
    height, width, *channels = next(image.shape for row in rows for image in row)
    size = len(rows) * (height + GAP) - GAP, columns * (width + GAP) - GAP
    grid = np.full((*size, *channels), 1.0 if channels else np.nan)
    for r, row in enumerate(rows):
        for c, image in enumerate(row):
            top, left = r * (height + GAP), c * (width + GAP)
            grid[top : top + height, left : left + width] = image
    return grid


def _scaled(image: Array) -> Array:
    """Return the image scaled to 0 to 1; a grayscale one without a channel axis."""
    if image.ndim == 3 and image.shape[-1] == 1:
        image = image[..., 0]
    low, high = float(image.min()), float(image.max())
    return (image - low) / max(high - low, 1e-12)


def show_image(cell: Axes, image: Array) -> None:
    """Draw an image scaled to its own range; a grayscale one dark on light."""
    cell.imshow(_scaled(image), cmap="gray_r")


def png_of(image: Array) -> bytes:
    """Return an image as `show_image` draws it, pixel for pixel, as the bytes of a PNG file."""
    from PIL import Image

    scaled = _scaled(image)
    pixels = np.round(255 * (1 - scaled if scaled.ndim == 2 else scaled)).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


@house_style
def sample_grid(x: Array, labels: Array, class_names: Sequence[str], columns: int = 8) -> Figure:
    """A row of the first `columns` images of each class, for at most 20 classes."""
    shown, names = range(min(len(class_names), 20)), short_names(class_names)
    rows = [[_scaled(x[i]) for i in np.flatnonzero(labels == c)[:columns]] for c in shown]
    height, width = x.shape[1:3]
    step = 1 + GAP / height
    figure = Figure(figsize=(WIDTH, 0.4 + 0.62 * len(shown) * height / width), layout="constrained")
    axes = figure.subplots()
    bare(axes)
    axes.imshow(tiled(rows, columns), cmap="gray_r", vmin=0, vmax=1)
    middles = [height * (step * row + 0.5) - 0.5 for row in range(len(rows))]
    axes.set_yticks(middles, [_wrapped(names[c]) for c in shown])
    axes.tick_params(length=0)
    note = (
        "" if len(shown) == len(class_names) else f" (the first 20 of {len(class_names)} classes)"
    )
    entitle(figure, f"Examples of each class{note}")
    return figure


@house_style
def predictions(
    x: Array, labels: Array, probabilities: Array, class_names: Sequence[str]
) -> Figure:
    """Images with the predicted class and its probability, and the true class if it differs."""
    figure = Figure(figsize=(WIDTH, 0.4 + 1.32 * math.ceil(len(x) / 5)), layout="constrained")
    predicted(figure, x, labels, probabilities, class_names)
    return figure


def predicted(
    figure: Any, x: Array, labels: Array, probabilities: Array, class_names: Sequence[str]
) -> None:
    """Draw the images of `predictions`, five in a row, on a figure or subfigure."""
    entitle(figure, "Test examples and predicted classes")
    names = short_names(class_names)
    cells = figure.subplots(math.ceil(len(x) / 5), 5, squeeze=False).ravel()
    for cell in cells:
        bare(cell)
    for i, cell in zip(range(len(x)), cells, strict=False):
        label = int(probabilities[i].argmax())
        correct = label == labels[i]
        show_image(cell, x[i])
        text = _wrapped(f"{names[label]} {probabilities[i, label]:.0%}")
        if not correct:
            text += "\n" + _wrapped(f"not {names[labels[i]]}")
        cell.set_title(
            text, fontsize=8, color=INK if correct else ORANGE, loc="center",
            weight="normal" if correct else "bold", pad=2,
        )  # fmt: skip


def bare(cell: Axes) -> None:
    """Remove the ticks and the frame of the axes."""
    cell.set_xticks([])
    cell.set_yticks([])
    for side in cell.spines.values():
        side.set_visible(False)


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 16)
