"""A run at a glance: curves, first-layer weights, and what the network says of test images."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from glassnet.evaluate.plots.style import BLUE, GREY, INK, ORANGE, house_style
from glassnet.trees import Array, Tree, items


@house_style
def overview(
    history: Sequence[Mapping[str, float]],
    params: Tree,
    x: Array,
    labels: Array,
    probabilities: Array,
    class_names: Sequence[str],
) -> Figure:
    """Curves, first-layer weights as images, and test images with what the network says of them.

    `x` and `labels` are the test set, `probabilities` its outputs for the first of them. Images of
    another kind than grey pictures are left out, and so are weights that are not one per pixel.
    """
    figure = Figure(figsize=(10, 7.2), layout="constrained")
    if x.ndim != 3:
        _curves(figure, history)
        return figure
    left, right = figure.subfigures(1, 2, width_ratios=(1, 1.25), squeeze=False)[0]
    top, bottom = left.subfigures(2, 1, height_ratios=(1, 1.15), squeeze=False)[:, 0]
    _curves(top, history)
    _weights(bottom, params, x.shape[1:])
    _predictions(right, x, labels, probabilities, class_names)
    return figure


def _curves(figure: Any, history: Sequence[Mapping[str, float]]) -> None:
    """Accuracy by epoch, training and validation, with the best epoch marked."""
    axes = figure.subplots()
    if not history:
        axes.set_axis_off()
        axes.text(0, 0.5, "Imported: its epochs are not known here.")
        return
    epochs = [row["epoch"] + 1 for row in history]
    for key, colour, name in (
        ("accuracy", BLUE, "training"),
        ("val_accuracy", ORANGE, "validation"),
    ):
        if key in history[0]:
            values = [row[key] for row in history]
            axes.plot(epochs, values, color=colour, marker="o", markersize=3)
            axes.annotate(
                f" {name}", (epochs[-1], values[-1]), color=colour, va="center", xytext=(3, 0),
                textcoords="offset points",
            )  # fmt: skip
    if "val_loss" in history[0]:
        best = epochs[int(np.argmin([row["val_loss"] for row in history]))]
        axes.axvline(best, color=GREY, linewidth=1, linestyle=":")
        axes.annotate(
            "lowest validation loss", (best, axes.get_ylim()[0]), rotation=90, color=GREY,
            xytext=(-9, 4), textcoords="offset points", fontsize=7,
        )  # fmt: skip
    axes.margins(x=0.02)
    axes.set_xticks([epoch for epoch in epochs if epoch % max(1, len(epochs) // 5) == 0])
    axes.set(title="Accuracy by epoch", xlabel="epoch")
    axes.set_xlim(right=epochs[-1] + 0.28 * max(len(epochs), 2))


def _weights(figure: Any, params: Tree, shape: tuple[int, ...]) -> None:
    """The kernels of the first layer as images: what each of its units looks for."""
    kernel = next((leaf for path, leaf in items(params) if path.endswith("kernel")), None)
    if kernel is None or kernel.shape[0] != np.prod(shape):
        return
    strongest = np.argsort(-np.linalg.norm(kernel, axis=0))[:24]
    figure.suptitle("What the first layer looks for", x=0.02, ha="left", weight="bold", size=10)
    axes = figure.subplots(4, 6, squeeze=False).ravel()
    for cell in axes:
        cell.set_axis_off()
    for unit, cell in zip(strongest, axes, strict=False):
        image = kernel[:, unit].reshape(shape)
        limit = np.abs(image).max()
        cell.imshow(image, cmap="RdBu_r", vmin=-limit, vmax=limit)


def _predictions(
    figure: Any, x: Array, labels: Array, probabilities: Array, class_names: Sequence[str]
) -> None:
    """Test images, the first ones, with the predicted name; wrong ones also with the true name."""
    figure.suptitle(
        "Test images and what the network says", x=0.02, ha="left", weight="bold", size=10
    )
    axes = figure.subplots(5, 5, squeeze=False).ravel()
    for cell in axes:
        cell.set_axis_off()
    for i, cell in zip(range(len(probabilities)), axes, strict=False):
        guess = int(probabilities[i].argmax())
        right = guess == labels[i]
        cell.imshow(x[i], cmap="gray_r")
        text = f"{class_names[guess]} {probabilities[i, guess]:.0%}"
        if not right:
            text += f"\nnot {class_names[labels[i]]}"
        cell.set_title(
            text, fontsize=7, color=INK if right else ORANGE, loc="center", weight="normal", pad=2
        )
