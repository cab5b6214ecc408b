"""Examples as images, side by side."""

import math
import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from glassnet.core.arrays import Array
from glassnet.plots.style import INK, ORANGE, WIDTH, entitle, house_style

GAP = 2  # pixels between images


def is_image(shape: Sequence[int]) -> bool:
    """Whether examples of this shape are pictures: grey, or of one or three channels."""
    return len(shape) == 2 or (len(shape) == 3 and shape[-1] in (1, 3))


def tiled(rows: Sequence[Sequence[Array]], columns: int) -> Array:
    """Rows of images as one, with gaps: drawn at once, a hundred take no longer than one.

    Where there is none it is NaN, which is drawn as nothing; of coloured images, white.
    """
    height, width, *channels = next(image.shape for row in rows for image in row)
    size = len(rows) * (height + GAP) - GAP, columns * (width + GAP) - GAP
    whole = np.full((*size, *channels), 1.0 if channels else np.nan)
    for r, row in enumerate(rows):
        for c, image in enumerate(row):
            top, left = r * (height + GAP), c * (width + GAP)
            whole[top : top + height, left : left + width] = image
    return whole


def _scaled(image: Array) -> Array:
    """An image with its own range as 0 to 1; a grey one without an axis for channels."""
    if image.ndim == 3 and image.shape[-1] == 1:
        image = image[..., 0]
    low, high = float(image.min()), float(image.max())
    return (image - low) / max(high - low, 1e-12)


def show_image(cell: Axes, image: Array) -> None:
    """A grey image dark on light; a coloured one scaled to its own range."""
    cell.imshow(_scaled(image), cmap="gray_r")


@house_style
def sample_grid(x: Array, labels: Array, class_names: Sequence[str], columns: int = 8) -> Figure:
    """For each class a row of its first `columns` images. Of more than 20 classes, the first 20."""
    shown = range(min(len(class_names), 20))
    rows = [[_scaled(x[i]) for i in np.flatnonzero(labels == c)[:columns]] for c in shown]
    height, width = x.shape[1:3]
    step = 1 + GAP / height
    figure = Figure(figsize=(WIDTH, 0.4 + 0.62 * len(shown) * height / width), layout="constrained")
    axes = figure.subplots()
    bare(axes)
    axes.imshow(tiled(rows, columns), cmap="gray_r", vmin=0, vmax=1)
    middles = [height * (step * row + 0.5) - 0.5 for row in range(len(rows))]
    axes.set_yticks(middles, [_wrapped(class_names[c]) for c in shown])
    axes.tick_params(length=0)
    rest = (
        "" if len(shown) == len(class_names) else f" (the first 20 of {len(class_names)} classes)"
    )
    entitle(figure, f"Examples of each class{rest}")
    return figure


@house_style
def predictions(
    x: Array, labels: Array, probabilities: Array, class_names: Sequence[str]
) -> Figure:
    """Images with the predicted class and its probability; wrong ones also with the true class."""
    figure = Figure(figsize=(WIDTH, 0.4 + 1.32 * math.ceil(len(x) / 5)), layout="constrained")
    predicted(figure, x, labels, probabilities, class_names)
    return figure


def predicted(
    figure: Any, x: Array, labels: Array, probabilities: Array, class_names: Sequence[str]
) -> None:
    """The images of `predictions`, five in a row, on a figure or a part of one."""
    entitle(figure, "Test images and what the network says")
    cells = figure.subplots(math.ceil(len(x) / 5), 5, squeeze=False).ravel()
    for cell in cells:
        bare(cell)
    for i, cell in zip(range(len(x)), cells, strict=False):
        guess = int(probabilities[i].argmax())
        right = guess == labels[i]
        show_image(cell, x[i])
        text = f"{_wrapped(class_names[guess])} {probabilities[i, guess]:.0%}"
        if not right:
            text += f"\nnot {_wrapped(class_names[labels[i]])}"
        cell.set_title(
            text, fontsize=8, color=INK if right else ORANGE, loc="center",
            weight="normal" if right else "bold", pad=2,
        )  # fmt: skip


def bare(cell: Axes) -> None:
    """An image's frame, without ticks."""
    cell.set_xticks([])
    cell.set_yticks([])
    for side in cell.spines.values():
        side.set_visible(False)


def _wrapped(name: str) -> str:
    return textwrap.fill(name, 16)
