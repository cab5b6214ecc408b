"""Confusion matrix: which classes are confused with which."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from glassnet.core.arrays import Array
from glassnet.plots.colors import ON_DARK, ON_LIGHT
from glassnet.plots.labels import short_names
from glassnet.plots.style import WIDTH, house_style, percent

WRITTEN = 12  # up to this many classes, there is room for numbers in the cells


def confusion_matrix(labels: Array, predicted: Array, class_names: Sequence[str]) -> Figure:
    """The plot of `confusion_of_counts` for true and predicted classes (N,)."""
    counts = np.zeros((len(class_names), len(class_names)), int)
    np.add.at(counts, (labels, predicted), 1)
    return confusion_of_counts(counts, class_names)


@house_style
def confusion_of_counts(counts: Array, class_names: Sequence[str]) -> Figure:
    """Counts by true class (row) and predicted class (column), shaded by the share of the row.

    With up to 12 classes, each cell shows its count and its percentage of the row; with more, only
    the shade, and only as many class names as there is room for.
    """
    classes = len(class_names)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    size = min(WIDTH + 0.14 * max(0, classes - WRITTEN), 9.0)
    height = size if classes <= WRITTEN else 0.88 * size
    figure = Figure(figsize=(size, height), layout="constrained")
    axes = figure.subplots()
    picture = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    every = max(1, -(-classes // 60))
    ticks = range(0, classes, every)
    all_names = short_names(class_names)
    names = [all_names[i] for i in ticks]
    upright = classes <= WRITTEN and max(map(len, names)) <= 5
    slope, side = (
        (0, "center") if upright else (90, "center") if classes > WRITTEN else (45, "right")
    )
    axes.set_xticks(ticks, names, rotation=slope, ha=side, rotation_mode="anchor" if slope == 45
                    else "default", fontsize=8)  # fmt: skip
    axes.set_yticks(ticks, names, fontsize=8)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    if classes <= WRITTEN:
        for row, column in np.ndindex(counts.shape):
            if counts[row, column]:
                share = shares[row, column]
                text = f"{counts[row, column]:,}\n{percent(share)}"
                color = ON_DARK if share > 0.5 else ON_LIGHT
                axes.text(column, row, text, ha="center", va="center", color=color, size=8)
    else:
        figure.colorbar(picture, shrink=0.5, label="share of the true class")
    shown = "count and % of the true class" if classes <= WRITTEN else "share of the true class"
    axes.set(title=f"Confusion matrix: {shown}", xlabel="predicted", ylabel="true")
    return figure
