"""Reliability diagrams: are predictions with 80% confidence correct 80% of the time?"""

from matplotlib.figure import Figure

from glassnet.core.arrays import Array
from glassnet.plots.colors import BLUE, GRAY, INK
from glassnet.plots.style import WIDTH, house_style


@house_style
def reliability_diagram(
    edges: Array, confidence: Array, accuracy: Array, intervals: Array, counts: Array, error: float
) -> Figure:
    """Accuracy by confidence, with intervals, above the number of examples.

    For each of the B bins with examples: edges (B, 2), mean confidence (B,), accuracy (B,), its
    intervals (B, 2) and counts (B,). `error` is the expected calibration error.
    """
    figure = Figure(figsize=(WIDTH, 5), layout="constrained")
    axes, lower = figure.subplots(2, 1, height_ratios=(3, 1), sharex=True)
    middle, width = edges.mean(axis=1), 0.94 * (edges[:, 1] - edges[:, 0])
    axes.plot([0, 1], [0, 1], color=GRAY, linestyle=":")
    axes.text(0.98, 0.03, "dotted: perfect calibration", ha="right")
    axes.bar(middle, accuracy, width, color=BLUE, alpha=0.3)
    whiskers = abs(intervals - accuracy[:, None]).T
    axes.errorbar(confidence, accuracy, whiskers, color=BLUE, marker="o", markersize=4)
    axes.set(
        title=f"Calibration: the expected error is {100 * error:.2f} points",
        ylabel="accuracy", xlim=(0, 1), ylim=(0, 1.02),
    )  # fmt: skip
    lower.bar(middle, counts, width, color=INK)
    lower.set(xlabel="confidence: the probability of the predicted class", ylabel="examples")
    for part in (axes, lower):
        part.grid(True)
        part.set_axisbelow(True)
    return figure
