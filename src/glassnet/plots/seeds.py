"""Runs that differ only in their seeds: the mean and range of their curves."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from glassnet.plots.colors import COLORS
from glassnet.plots.curves import History, by_epoch, epochs_of
from glassnet.plots.labels import end_labels
from glassnet.plots.style import WIDTH, house_style


@house_style
def seeds(groups: Mapping[str, Sequence[History]]) -> Figure:
    """For each named group of runs, the mean and a band from the lowest run to the highest.

    Validation values if all runs have them, otherwise training values; up to the last epoch that
    all runs of a group reached.
    """
    first_rows = [history[0] for histories in groups.values() for history in histories]
    names = [
        next(key for key in (f"val_{name}", name) if all(key in row for row in first_rows))
        for name in ("loss", "accuracy")
        if all(name in row for row in first_rows)
    ]
    figure = Figure(figsize=(WIDTH, 2.6 * len(names)), layout="constrained")
    for axes, name in zip(figure.subplots(len(names), squeeze=False)[:, 0], names, strict=True):
        ends = []
        for i, (label, histories) in enumerate(groups.items()):
            color, style = COLORS[i % len(COLORS)], "-" if i < len(COLORS) else "--"
            length = min(map(len, histories))
            values = np.array([[row[name] for row in run[:length]] for run in histories])
            epochs = epochs_of(histories[0][:length])
            mean = values.mean(axis=0)
            axes.plot(epochs, mean, color=color, linestyle=style, marker="o", markersize=3)
            axes.fill_between(
                epochs, values.min(axis=0), values.max(axis=0), color=color, alpha=0.2
            )
            ends.append((epochs[-1], mean[-1], f"{label} ({len(histories)})", color))
            by_epoch(axes, epochs)
        what = name.replace("val_", "validation ")
        axes.set(title=f"{what.capitalize()}: mean of the runs, lowest to highest", xlabel="epoch")
        end_labels(axes, ends)
    return figure
