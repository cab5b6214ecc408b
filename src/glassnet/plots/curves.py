"""Training curves: loss and accuracy by epoch, on training and validation data."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from glassnet.core.arrays import lowest
from glassnet.plots.colors import BLUE, GRAY, INK, ORANGE, PAPER
from glassnet.plots.labels import end_labels
from glassnet.plots.style import WIDTH, house_style

History = Sequence[Mapping[str, float]]  # for each epoch, its values by name


@house_style
def curves(history: History) -> Figure:
    """Loss, and accuracy if recorded; the best epoch is marked, the gap to training shaded."""
    names = [name for name in ("loss", "accuracy") if name in history[0]]
    figure = Figure(figsize=(WIDTH, 2.5 * len(names)), layout="constrained")
    for axes, name in zip(figure.subplots(len(names), squeeze=False)[:, 0], names, strict=True):
        curve(axes, history, name)
    return figure


def best_epoch(history: History) -> int:
    """Return the row with the lowest validation loss; without one, the lowest training loss."""
    key = "val_loss" if "val_loss" in history[0] else "loss"
    return lowest([row[key] for row in history])


def curve(axes: Axes, history: History, name: str) -> None:
    """Plot one value by epoch, for training and validation."""
    epochs, best = epochs_of(history), best_epoch(history)
    shown = {
        key: (color, label, [row[key] for row in history])
        for key, color, label in (
            (name, BLUE, "training"),
            (f"val_{name}", ORANGE, "validation"),
        )
        if key in history[0]
    }
    for color, _, values in shown.values():
        axes.plot(epochs, values, color=color, marker="o", markersize=3)
    if len(shown) == 2:
        training, validation = (values for _, _, values in shown.values())
        axes.fill_between(epochs, training, validation, color=GRAY, alpha=0.18)
    last = list(shown)[-1]
    axes.axvline(epochs[best], color=GRAY, linewidth=1, linestyle=":")
    axes.plot(
        epochs[best], shown[last][2][best], "o", markersize=8, fillstyle="none", color=INK, zorder=3
    )
    kind = "validation loss" if "val_loss" in history[0] else "loss"
    side = 0.93 if name == "loss" else 0.07  # where such a curve leaves space
    axes.text(
        0.97, side, f"ring: lowest {kind}, epoch {epochs[best]}", ha="right", va="center", size=8,
        transform=axes.transAxes, bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1},
    )  # fmt: skip
    axes.set(title=f"{name.capitalize()} by epoch", xlabel="epoch")
    by_epoch(axes, epochs)
    end_labels(axes, [(epochs[-1], values[-1], label, color)
                      for color, label, values in shown.values()])  # fmt: skip


def epochs_of(history: History) -> list[int]:
    """Return the epoch numbers, from 1."""
    return [int(row["epoch"]) + 1 for row in history]


def by_epoch(axes: Any, epochs: Sequence[int]) -> None:
    """Format the x axis for epochs: whole numbers and a grid."""
    axes.grid(True)
    axes.margins(x=0.02)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True, min_n_ticks=1))
    if len(epochs) == 1:
        axes.set_xlim(epochs[0] - 0.5, epochs[0] + 0.5)
