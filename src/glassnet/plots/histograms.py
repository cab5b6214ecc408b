"""Histograms of the outputs and gradients of each layer."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from glassnet.core.arrays import Array
from glassnet.plots.colors import BLUE, GRAY, ORANGE
from glassnet.plots.selection import evenly, share_of
from glassnet.plots.style import WIDTH, entitle, house_style

MOST = 20  # layers at most, evenly spaced among all


@house_style
def activation_histograms(values: Mapping[str, Array]) -> Figure:
    """A histogram of each layer's outputs, on a shared scale, with the share of zeros."""
    layers = _selected(values)
    ends = np.array([np.percentile(v, (0.1, 99.9)) for v in layers.values()])
    low, high = float(ends[:, 0].min()), float(ends[:, 1].max())
    title = f"Outputs by layer{share_of(layers, values)}"
    return _rows(layers, layers, (low, high), title, "value", BLUE)


@house_style
def gradient_histograms(values: Mapping[str, Array]) -> Figure:
    """A histogram of log₁₀ |gradient| of each layer's weights, with the share of zeros.

    Layers whose gradients are orders of magnitude smaller than others' learn slowly, if at all.
    """
    layers = _selected(values)
    sizes = {name: np.log10(np.abs(v[v != 0])) for name, v in layers.items()}
    nonzero = [v for v in sizes.values() if v.size]
    low = min((float(np.percentile(v, 0.5)) for v in nonzero), default=-1.0)
    high = max((float(v.max()) for v in nonzero), default=0.0)
    title = f"Gradients of the weights by layer{share_of(layers, values)}"
    return _rows(layers, sizes, (low, high), title, "log₁₀ |gradient|", ORANGE)


def _selected(values: Mapping[str, Array]) -> dict[str, Array]:
    return {k: np.asarray(v, "float64").ravel() for k, v in evenly(values, MOST).items()}


def _rows(
    layers: Mapping[str, Array],
    values: Mapping[str, Array],
    limits: tuple[float, float],
    title: str,
    xlabel: str,
    color: str,
) -> Figure:
    """Draw a row for each layer, each with its own y scale, so that a spike flattens no other."""
    low, high = limits
    bins = np.linspace(low, high if high > low else low + 1, 61)
    figure = Figure(figsize=(WIDTH, 0.9 + 0.42 * len(values)), layout="constrained")
    entitle(figure, title)
    rows = figure.subplots(len(values), 1, sharex=True, squeeze=False)[:, 0]
    for axes, (name, v) in zip(rows, values.items(), strict=True):
        counts, _ = np.histogram(np.clip(v, bins[0], bins[-1]), bins)
        axes.fill_between(bins[:-1], np.sqrt(counts), step="post", color=color, linewidth=0)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set_ylabel(name, rotation=0, ha="right", va="center", fontsize=8)
        zeros = f"{np.mean(layers[name] == 0):.0%} zero"
        axes.text(1.01, 0.5, zeros, transform=axes.transAxes, va="center", size=8, color=GRAY)
    rows[-1].set_xlabel(f"{xlabel} (heights: square root of the count)")
    return figure
