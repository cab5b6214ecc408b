"""Examples as images, side by side."""

import math
import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from glassnet.evaluate.plots.style import INK, ORANGE, WIDTH, house_style
from glassnet.trees import Array


def is_image(shape: Sequence[int]) -> bool:
    """Whether examples of this shape are pictures: grey, or of one or three channels."""
    return len(shape) == 2 or (len(shape) == 3 and shape[-1] in (1, 3))


def show_image(cell: Axes, image: Array) -> None:
    """A grey image dark on light; a coloured one scaled to its own range."""
    if image.ndim == 3 and image.shape[-1] == 3:
        low, high = float(image.min()), float(image.max())
        cell.imshow((image - low) / max(high - low, 1e-12))
    else:
        cell.imshow(image.reshape(image.shape[:2]), cmap="gray_r")


@house_style
def sample_grid(x: Array, labels: Array, class_names: Sequence[str], columns: int = 8) -> Figure:
    """For each class a row of its first `columns` images. Of more than 20 classes, the first 20."""
    shown = range(min(len(class_names), 20))
    figure = Figure(figsize=(WIDTH, 0.4 + 0.58 * len(shown)), layout="constrained")
    cells = figure.subplots(len(shown), columns, squeeze=False)
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.02)  # type: ignore[union-attr, call-arg]
    for number, row in zip(shown, cells, strict=True):
        for cell in row:
            bare(cell)
        for cell, i in zip(row, np.flatnonzero(labels == number)[:columns], strict=False):
            show_image(cell, x[i])
        row[0].set_ylabel(_wrapped(class_names[number]), rotation=0, ha="right", va="center")
    rest = (
        "" if len(shown) == len(class_names) else f" (the first 20 of {len(class_names)} classes)"
    )
    figure.suptitle(f"Examples of each class{rest}", x=0.01, ha="left", weight="bold", size=10)
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
    figure.suptitle(
        "Test images and what the network says", x=0.01, ha="left", weight="bold", size=10
    )
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
