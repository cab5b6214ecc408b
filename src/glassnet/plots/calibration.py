"""Does what is said to be 80% sure come true 80% of the time?"""

from matplotlib.figure import Figure

from glassnet.core.arrays import Array
from glassnet.plots.style import BLUE, GREY, INK, WIDTH, house_style


@house_style
def reliability_diagram(
    edges: Array, confidence: Array, accuracy: Array, intervals: Array, counts: Array, error: float
) -> Figure:
    """Accuracy by confidence, with intervals; under it how many examples there are of each.

    A row for each bin with examples: edges (B, 2), mean confidence, accuracy, intervals (B, 2) of
    it, counts (B,). `error` is the expected calibration error.
    """
    figure = Figure(figsize=(WIDTH, 5), layout="constrained")
    axes, below = figure.subplots(2, 1, height_ratios=(3, 1), sharex=True)
    middle, width = edges.mean(axis=1), 0.94 * (edges[:, 1] - edges[:, 0])
    axes.plot([0, 1], [0, 1], color=GREY, linestyle=":")
    axes.text(0.98, 0.03, "dotted: as sure as it should be", ha="right")
    axes.bar(middle, accuracy, width, color=BLUE, alpha=0.3)
    whiskers = abs(intervals - accuracy[:, None]).T
    axes.errorbar(confidence, accuracy, whiskers, color=BLUE, marker="o", markersize=4)
    axes.set(
        title=f"Calibration: the expected error is {100 * error:.2f} points",
        ylabel="accuracy", xlim=(0, 1), ylim=(0, 1.02),
    )  # fmt: skip
    below.bar(middle, counts, width, color=INK)
    below.set(xlabel="confidence: the probability of the predicted class", ylabel="examples")
    for part in (axes, below):
        part.grid(True)
        part.set_axisbelow(True)
    return figure
