"""Plots of predicted numbers: against the true ones, and their errors."""

import math
from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError
from glassnet.core.tables import significant
from glassnet.plots.colors import BLUE, GRAY, INK, ORANGE
from glassnet.plots.labels import short_names
from glassnet.plots.style import WIDTH, entitle, house_style

MOST = 12  # targets at most
_FEW = 300  # points up to which they don't hide each other
_NUMBER = "{x:,.10g}"


@house_style
def predicted_against_true(
    true: Array, predicted: Array, names: Sequence[str], half_widths: Array | None = None
) -> Figure:
    """A point for each example, (N, K); on the dotted line, the prediction is the true value.

    With the half widths (N, K) of prediction intervals, those that miss the true value are orange.
    Each of the K targets has a plot of its own.
    """
    title, figure = "Predicted and true values", Figure(layout="constrained")
    for axes, name, t, y, half in _panels(figure, 1, title, true, predicted, names, half_widths):
        ends = np.array([min(t.min(), y.min()), max(t.max(), y.max())])
        axes.plot(ends, ends, color=GRAY, linestyle=":")
        _points(axes, t, y, np.abs(t - y), half)
        axes.set(xlabel=f"true {name}", ylabel=f"predicted {name}")
    return figure


@house_style
def residuals_against_predicted(
    true: Array, predicted: Array, names: Sequence[str], half_widths: Array | None = None
) -> Figure:
    """The errors, predicted minus true, by predicted value, (N, K); ideally, without any pattern.

    Gray, with the half widths (N, K) of prediction intervals: the errors that they allow.
    """
    title, figure = "Errors (predicted − true) by predicted value", Figure(layout="constrained")
    for axes, name, t, y, half in _panels(figure, 0.6, title, true, predicted, names, half_widths):
        axes.axhline(0, color=GRAY, linestyle=":")
        if half is not None:
            order = np.argsort(y)
            x, h = y[order], half[order]
            shade = axes.fill_between(x, -h, h, step="mid", color=GRAY, alpha=0.2, linewidth=0)
            shade.set_rasterized(len(x) > _FEW)
        _points(axes, y, y - t, np.abs(y - t), half)
        axes.set(xlabel=f"predicted {name}", ylabel="error")
    return figure


@house_style
def residual_histogram(true: Array, predicted: Array, names: Sequence[str]) -> Figure:
    """The number of examples by error, predicted minus true, (N, K), with the mean error.

    The outermost bins also hold the errors beyond them, at most 1 in 100.
    """
    title, figure = "Errors (predicted − true)", Figure(layout="constrained")
    for axes, name, t, y, _ in _panels(figure, 0.5, title, true, predicted, names, None):
        errors = y - t
        low, high = np.percentile(errors, (0.5, 99.5))
        end = max(abs(low), abs(high)) or 1.0
        edges = np.linspace(-end, end, 2 * min(30, round(2 * len(errors) ** (1 / 3))) + 2)
        counts, _ = np.histogram(np.clip(errors, -end, end), edges)
        axes.bar(edges[:-1], counts, np.diff(edges), align="edge", color=BLUE)
        axes.axvline(0, color=INK, linewidth=1)
        mean = float(errors.mean())
        axes.axvline(mean, color=ORANGE, linestyle=":")
        _note(axes, f"dotted: mean error {significant(mean, 3)}")
        axes.xaxis.set_major_formatter(_NUMBER)
        axes.set(xlabel=f"error of {name}", ylabel="examples")
    return figure


def _panels(
    figure: Figure,
    height: float,
    title: str,
    true: Array,
    predicted: Array,
    names: Sequence[str],
    half_widths: Array | None,
) -> Iterator[tuple[Axes, str, Array, Array, Array | None]]:
    """Yield (axes, short name, true, predicted, half widths) of each target.

    `height` is that of the axes over their width. Examples with a non-finite prediction are left
    out. Raises GlassnetError if there is no other.
    """
    count = min(len(names), MOST)
    columns = min(count, 2)
    rows, width = math.ceil(count / columns), WIDTH / columns
    figure.set_size_inches(WIDTH, 0.3 + rows * (0.3 + height * width))
    more = f" ({count} of {len(names)} targets)" if count < len(names) else ""
    entitle(figure, title + more)
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in grid[count:]:
        axes.set_visible(False)
    for k, name in enumerate(short_names(names)[:count]):
        finite = np.isfinite(predicted[:, k])
        if not finite.any():
            raise GlassnetError("there is no finite prediction to plot.", where=name)
        half = None if half_widths is None else half_widths[finite, k]
        t, y = (values[finite, k].astype(float) for values in (true, predicted))
        yield grid[k], name, t, y, half


def _points(axes: Axes, x: Array, y: Array, errors: Array, half_widths: Array | None) -> None:
    """Draw a point for each example; those outside of their interval are orange.

    In an SVG, many points are one image, which keeps the file small.
    """
    outside = np.zeros(len(x), bool) if half_widths is None else errors > half_widths
    alpha = max(0.1, min(0.8, _FEW / len(x)))

    def draw(rows: Array, color: str, alpha: float) -> None:
        crowded = len(x) > _FEW
        axes.scatter(x[rows], y[rows], 12, color, linewidths=0, alpha=alpha, rasterized=crowded)

    draw(~outside, BLUE, alpha)
    if half_widths is not None:
        draw(outside, ORANGE, max(alpha, 0.4))
        _note(axes, f"orange: {outside.mean():.1%} outside of their interval")
    axes.grid(True, axis="both")
    axes.set_axisbelow(True)
    axes.xaxis.set_major_formatter(_NUMBER)
    axes.yaxis.set_major_formatter(_NUMBER)


def _note(axes: Axes, text: str) -> None:
    """Write what is orange, at the right above the axes."""
    axes.set_title(text, loc="right", color=ORANGE, weight="normal", size=8)
