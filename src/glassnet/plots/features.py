"""Feature maps: the outputs of the convolutions for one image."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from glassnet.core.arrays import Array
from glassnet.plots.images import bare, show_image
from glassnet.plots.selection import evenly, share_of
from glassnet.plots.style import WIDTH, entitle, house_style

MOST = 12  # layers at most, evenly spaced among all: the layout of many takes a minute


@house_style
def feature_maps(image: Array, maps: Mapping[str, Array], columns: int = 8) -> Figure:
    """The image, and for each layer its maps (h, w, channels) with the largest variation.

    Of many layers, 12 are shown. Each map has its own scale, from its smallest value (dark) to its
    largest (light).
    """
    shown = evenly(maps, MOST)
    height = 1.5 + 0.95 * len(shown)
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    ratios = [1.2, *[1.0] * len(shown)]
    parts = figure.subfigures(len(ratios), 1, squeeze=False, height_ratios=ratios)[:, 0]
    top, rows = parts[0], parts[1:]
    cell = top.subplots(1, columns)[0]
    for other in top.axes:
        bare(other)
    show_image(cell, image)
    entitle(top, f"An image and its feature maps{share_of(shown, maps)}")
    for part, (name, values) in zip(rows, shown.items(), strict=True):
        order = np.argsort(-values.std(axis=(0, 1)), kind="stable")[:columns]
        cells = part.subplots(1, columns)
        for cell in cells:
            bare(cell)
        for channel, cell in zip(order, cells, strict=False):
            cell.imshow(values[..., channel], cmap="cividis")
        h, w, channels = values.shape
        part.suptitle(
            f"{name}: {len(order)} of {channels} maps of {h}×{w}", x=0.01, ha="left", size=9
        )
    return figure
