"""Learning rate plots: a range test, and runs with different rates."""

from collections.abc import Mapping

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatter

from glassnet.core.arrays import Array
from glassnet.plots.colors import BLUE, GRAY, ORANGE
from glassnet.plots.curves import History, by_epoch, epochs_of
from glassnet.plots.labels import end_labels
from glassnet.plots.style import WIDTH, house_style


class _PlainFormatter(LogFormatter):
    """Labels as plain numbers; Matplotlib's own are LaTeX, which is not parsed in our plots."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        return f"{x:g}" if super().__call__(x, pos) else ""


@house_style
def rate_curve(rates: Array, losses: Array, smoothed: Array, suggestion: float) -> Figure:
    """A learning rate range test: the loss by learning rate, and the suggested rate."""
    figure = Figure(figsize=(WIDTH, 3.6), layout="constrained")
    axes = figure.subplots()
    axes.plot(rates, losses, color=GRAY, linewidth=0.6)
    axes.plot(rates, smoothed, color=BLUE, linewidth=2)
    low, high = float(smoothed.min()), float(smoothed[0])
    margin = 0.15 * max(high - low, 1e-9)
    axes.set_ylim(low - margin, high + 4 * margin)  # losses after divergence are not informative
    axes.axvline(suggestion, color=ORANGE, linestyle=":")
    axes.annotate(f" {suggestion:.2g}, steepest", (suggestion, high + 3 * margin), color=ORANGE)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(_PlainFormatter())
    axes.xaxis.set_minor_formatter(_PlainFormatter())
    axes.set(title="Loss by learning rate", xlabel="learning rate, rising from step to step")
    return figure


@house_style
def compared_rates(runs: Mapping[float, History]) -> Figure:
    """The loss by epoch for each learning rate; the higher the rate, the lighter the line."""
    key = "val_loss" if all("val_loss" in history[0] for history in runs.values()) else "loss"
    figure = Figure(figsize=(WIDTH, 3.6), layout="constrained")
    axes = figure.subplots()
    shades = mpl.colormaps["viridis"](np.linspace(0, 0.7, len(runs)))
    ends = []
    for (rate, history), shade in zip(sorted(runs.items()), shades, strict=True):
        epochs, losses = epochs_of(history), [row[key] for row in history]
        axes.plot(epochs, losses, color=shade, marker="o", markersize=3)
        by_epoch(axes, epochs)
        ends.append((epochs[-1], losses[-1], f"{rate:g}", mpl.colors.to_hex(shade)))
    what = key.replace("val_", "validation ").capitalize()
    axes.set(title=f"{what} by learning rate", xlabel="epoch")
    end_labels(axes, ends)
    return figure
