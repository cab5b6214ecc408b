"""Bar plot of the number of examples of each class."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from glassnet.core.arrays import Array
from glassnet.plots.colors import BLUE, GRAY, ORANGE
from glassnet.plots.labels import end_labels, short_names
from glassnet.plots.style import WIDTH, house_style

_BARS = 60  # classes with a bar each


@house_style
def class_distribution(labels: Mapping[str, Array], class_names: Sequence[str]) -> Figure:
    """A bar with its count for each class and split of the data, such as `training`.

    With more than 60 classes, a line for each split: the counts from the largest class on.
    """
    counts = {part: np.bincount(y, minlength=len(class_names)) for part, y in labels.items()}
    if len(class_names) > _BARS:
        return _ranked(counts)
    positions = np.arange(len(class_names))
    thickness = 0.8 / len(counts)
    height = max(2.2, 0.9 + 0.17 * len(counts) * len(class_names))
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    axes = figure.subplots()
    for i, (part, color) in enumerate(zip(counts, (BLUE, ORANGE, GRAY), strict=False)):
        offset = (i - (len(counts) - 1) / 2) * thickness
        bars = axes.barh(
            positions + offset, counts[part], 0.92 * thickness, color=color, label=part
        )
        axes.bar_label(bars, [f"{n:,}" for n in counts[part]], padding=2, fontsize=8)
    axes.set_yticks(positions, short_names(class_names))
    axes.set_ylim(len(class_names) - 0.4, -0.6)
    axes.set_xlim(right=1.12 * max(int(n.max()) for n in counts.values()))
    axes.set(title="Examples of each class", xlabel="examples")
    figure.legend(loc="outside lower center", ncols=len(counts), frameon=False)
    return figure


def _ranked(counts: Mapping[str, Array]) -> Figure:
    """The counts of many classes as lines, the largest class of each split first."""
    figure = Figure(figsize=(WIDTH, 3.0), layout="constrained")
    axes, classes = figure.subplots(), len(next(iter(counts.values())))
    ends = []
    for (part, values), color in zip(counts.items(), (BLUE, ORANGE, GRAY), strict=False):
        ordered = np.sort(values)[::-1]
        axes.step(np.arange(1, classes + 1), ordered, where="mid", color=color)
        ends.append((classes, float(ordered[-1]), part, color))
    axes.set(title=f"Examples of each of {classes:,} classes", ylim=(0, None))
    axes.set_xlabel("classes, the largest of each split first")
    axes.grid(True)
    axes.margins(x=0.02)
    end_labels(axes, ends)
    return figure
