"""Plots of predicted numbers: against the true ones, and their errors."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError
from glassnet.core.tables import significant
from glassnet.plots.labels import short_names
from glassnet.plots.style import BLUE, GRAY, INK, ORANGE, WIDTH, house_style

_FEW = 300  # points up to which they don't hide each other
_NUMBER = "{x:,.10g}"


@house_style
def predicted_against_true(
    true: Array, predicted: Array, name: str, half_widths: Array | None = None
) -> Figure:
    """A point for each example, (N,); on the dotted line, the prediction is the true value.

    With the half widths (N,) of prediction intervals, those that miss the true value are orange.
    """
    true, predicted, half_widths = _finite(true, predicted, half_widths)
    figure = Figure(figsize=(WIDTH, WIDTH), layout="constrained")
    axes = figure.subplots()
    ends = np.array([min(true.min(), predicted.min()), max(true.max(), predicted.max())])
    axes.plot(ends, ends, color=GRAY, linestyle=":")
    _points(axes, true, predicted, np.abs(true - predicted), half_widths)
    name = short_names([name])[0]
    axes.set(title="Predicted and true values", xlabel=f"true {name}", ylabel=f"predicted {name}")
    return figure


@house_style
def residuals_against_predicted(
    true: Array, predicted: Array, name: str, half_widths: Array | None = None
) -> Figure:
    """The errors, predicted minus true, by predicted value, (N,); a good network shows no pattern.

    Gray, with the half widths (N,) of prediction intervals: the errors that they allow.
    """
    true, predicted, half_widths = _finite(true, predicted, half_widths)
    figure = Figure(figsize=(WIDTH, 3.6), layout="constrained")
    axes = figure.subplots()
    errors = predicted - true
    axes.axhline(0, color=GRAY, linestyle=":")
    if half_widths is not None:
        order = np.argsort(predicted)
        x, half = predicted[order], half_widths[order]
        shade = axes.fill_between(x, -half, half, step="mid", color=GRAY, alpha=0.2, linewidth=0)
        shade.set_rasterized(len(x) > _FEW)
    _points(axes, predicted, errors, np.abs(errors), half_widths)
    name = short_names([name])[0]
    axes.set(title="Errors by predicted value", xlabel=f"predicted {name}",
             ylabel="error (predicted − true)")  # fmt: skip
    return figure


@house_style
def residual_histogram(true: Array, predicted: Array, name: str) -> Figure:
    """The number of examples by error, predicted minus true, (N,), with the mean error.

    The outermost bins also hold the errors beyond them, at most 1 in 100.
    """
    true, predicted, _ = _finite(true, predicted, None)
    figure = Figure(figsize=(WIDTH, 3.0), layout="constrained")
    axes = figure.subplots()
    errors = predicted - true
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
    name = short_names([name])[0]
    axes.set(title=f"Errors of {name}", xlabel="error (predicted − true)", ylabel="examples")
    return figure


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
    """Write what is orange, at the right of the title."""
    axes.set_title(text, loc="right", color=ORANGE, weight="normal", size=8)


def _finite(
    true: Array, predicted: Array, half_widths: Array | None
) -> tuple[Array, Array, Array | None]:
    """Return the examples with a finite prediction."""
    finite = np.isfinite(predicted)
    if not finite.any():
        raise GlassnetError("there is no finite prediction to plot.", where="plot")
    half_widths = None if half_widths is None else half_widths[finite]
    return true[finite].astype(float), predicted[finite].astype(float), half_widths
