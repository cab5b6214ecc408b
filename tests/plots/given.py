"""Helpers for the tests of plots: a figure's texts, and data to draw."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure, FigureBase
from matplotlib.text import Text

from glassnet.plots.images import GAP

HISTORY = [
    {"epoch": 0, "loss": 2.0, "accuracy": 0.3, "val_loss": 1.5, "val_accuracy": 0.5},
    {"epoch": 1, "loss": 1.0, "accuracy": 0.6, "val_loss": 0.9, "val_accuracy": 0.7},
    {"epoch": 2, "loss": 0.5, "accuracy": 0.9, "val_loss": 1.1, "val_accuracy": 0.65},
]


def texts(figure: FigureBase) -> list[str]:
    """Return all texts in a figure."""
    found = figure.findobj(Text)
    return [text.get_text() for text in found if text.get_visible() and text.get_text()]


def tiles(whole: Any, height: int, width: int) -> list[Any]:
    """The images that `tiled` put side by side, row by row, without empty positions."""
    found = [
        whole[top : top + height, left : left + width]
        for top in range(0, whole.shape[0], height + GAP)
        for left in range(0, whole.shape[1], width + GAP)
    ]
    return [one for one in found if np.isfinite(np.asarray(one, float).mean())]


def pictures(figure: Figure) -> list[Any]:
    """The images in a figure, as arrays."""
    return [
        np.ma.filled(image.get_array(), np.nan) for axes in figure.axes for image in axes.images
    ]
