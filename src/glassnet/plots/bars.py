"""Bar plots of the most probable classes of examples."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from glassnet.core.arrays import Array
from glassnet.plots.colors import BLUE, GRAY, ORANGE
from glassnet.plots.images import bare, show_image
from glassnet.plots.labels import short_names
from glassnet.plots.style import WIDTH, entitle, house_style, percent


@house_style
def probability_bars(
    titles: Sequence[str],
    labels: Array,
    probabilities: Array,
    class_names: Sequence[str],
    images: Array | None = None,
    top: int = 5,
) -> Figure:
    """Each example's `top` classes as bars: the true class blue, a wrong prediction orange."""
    count, top = len(titles), min(top, len(class_names))
    rows, names = math.ceil(count / 2), short_names(class_names)
    figure = Figure(figsize=(WIDTH, 0.5 + rows * (0.55 + 0.19 * top)), layout="constrained")
    parts = figure.subfigures(rows, 2, squeeze=False).ravel()
    for i in range(count):
        if images is None:
            axes = parts[i].subplots()
        else:
            image_axes, axes = parts[i].subplots(1, 2, width_ratios=(1, 1.6))
            bare(image_axes)
            show_image(image_axes, images[i])
        order = np.argsort(-probabilities[i], kind="stable")[:top]
        colors = [
            BLUE if c == labels[i] else ORANGE if n == 0 else GRAY for n, c in enumerate(order)
        ]
        bars = axes.barh(range(top), probabilities[i, order], 0.7, color=colors)
        axes.bar_label(bars, list(map(percent, probabilities[i, order])), padding=2, fontsize=8)
        axes.set_yticks(range(top), [names[c] for c in order], fontsize=8)
        axes.set(ylim=(top - 0.4, -0.6), xlim=(0, 1.25), xticks=[])
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)
        parts[i].suptitle(titles[i], x=0.02, ha="left", size=8)
    entitle(figure, "Most probable classes (blue: the true class; orange: a wrong prediction)")
    return figure
