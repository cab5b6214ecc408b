"""Bars of how important each column of a table is to a network."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from glassnet.core.arrays import Array
from glassnet.plots.colors import BLUE, GRAY, INK
from glassnet.plots.labels import short_names
from glassnet.plots.style import WIDTH, house_style, percent

MOST = 20  # bars at most


@house_style
def importance_bars(names: Sequence[str], means: Array, intervals: Array, error: str) -> Figure:
    """The increase of the error if a column's values are shuffled, with intervals, largest first.

    means (C,), intervals (C, 2); `error` names the error, with its unit. Of more than 20 columns,
    the most important are shown. A column whose interval contains 0 is gray.
    """
    order = np.argsort(-means, kind="stable")[:MOST]
    shown, ends = means[order], intervals[order]
    figure = Figure(figsize=(WIDTH, 0.9 + 0.24 * len(order)), layout="constrained")
    axes = figure.subplots()
    colors = [BLUE if low > 0 else GRAY for low, _ in ends]
    axes.barh(range(len(order)), shown, 0.7, color=colors)
    whiskers = np.abs(ends - shown[:, None]).T
    axes.errorbar(shown, range(len(order)), xerr=whiskers, fmt="none", ecolor=INK, elinewidth=1)
    axes.set_yticks(range(len(order)), [short_names(names)[i] for i in order], fontsize=8)
    axes.set_ylim(len(order) - 0.4, -0.6)
    axes.axvline(0, color=GRAY, linewidth=1)
    axes.grid(True, axis="x")
    axes.set_axisbelow(True)
    more = f" ({len(order)} of {len(names)})" if len(order) < len(names) else ""
    axes.set(title=f"Importance of the columns{more}", xlabel=f"increase of {error} if shuffled")
    return figure


@house_style
def parameter_importances(shares: Mapping[str, float]) -> Figure:
    """A bar for each parameter of a search with its share of all importance, largest first."""
    names = sorted(shares, key=lambda name: -shares[name])
    figure = Figure(figsize=(WIDTH, 0.9 + 0.24 * len(names)), layout="constrained")
    axes = figure.subplots()
    bars = axes.barh(range(len(names)), [shares[name] for name in names], 0.7, color=BLUE)
    axes.bar_label(bars, [percent(shares[name]) for name in names], padding=3, fontsize=8)
    axes.set_yticks(range(len(names)), short_names(names), fontsize=8)
    axes.set(ylim=(len(names) - 0.4, -0.6), xlim=(0, 1.12 * max(shares.values())), xticks=[])
    axes.spines["bottom"].set_visible(False)
    axes.set(title="Importance of the parameters, as shares")
    return figure
