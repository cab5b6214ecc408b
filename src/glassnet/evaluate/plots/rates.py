"""A learning-rate range test, drawn."""

from matplotlib.figure import Figure

from glassnet.evaluate.plots.style import BLUE, GREY, ORANGE, house_style
from glassnet.trees import Array


@house_style
def rate_curve(rates: Array, losses: Array, smoothed: Array, suggestion: float) -> Figure:
    """A learning-rate range test: the loss by the rate, and the rate that is suggested."""
    figure = Figure(figsize=(6, 3.6), layout="constrained")
    axes = figure.subplots()
    axes.plot(rates, losses, color=GREY, linewidth=0.6)
    axes.plot(rates, smoothed, color=BLUE, linewidth=2)
    low, high = float(smoothed.min()), float(smoothed[0])
    room = 0.15 * max(high - low, 1e-9)
    axes.set_ylim(low - room, high + 4 * room)  # what comes after divergence says nothing
    axes.axvline(suggestion, color=ORANGE, linestyle=":")
    axes.annotate(f" {suggestion:.2g}, steepest", (suggestion, high + 3 * room), color=ORANGE)
    axes.set_xscale("log")
    axes.set(title="Loss by learning rate", xlabel="learning rate, rising from step to step")
    return figure
