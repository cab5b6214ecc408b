"""A run at a glance: curves, first-layer weights, and predictions for test images."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from glassnet.core.arrays import Array
from glassnet.plots.curves import History, curve
from glassnet.plots.images import predicted
from glassnet.plots.kernels import filter_images, weights
from glassnet.plots.style import house_style


@house_style
def overview(
    history: History,
    kernel: Array | None = None,
    images: tuple[Array, Array, Array, Sequence[str]] | None = None,
) -> Figure:
    """Accuracy by epoch, first-layer weights as images, and test images with predictions.

    `kernel` is the first layer's, if it has one weight per pixel or is a convolution; `images` are
    (x, labels, probabilities, class names). Arguments that are None are left out, and so are the
    curves of an imported model, which has no history.
    """
    if images is None:
        figure = Figure(figsize=(6, 3.2), layout="constrained")
        _curves(figure, history)
        return figure
    figure = Figure(figsize=(10, 7.2), layout="constrained")
    left, right = figure.subfigures(1, 2, squeeze=False, width_ratios=(1, 1.25))[0]
    x, labels, probabilities, class_names = images
    predicted(right, x[:25], labels[:25], probabilities[:25], class_names)
    if kernel is None:
        _curves(left.subfigures(2, 1)[0], history)
        return figure
    top, bottom = left.subfigures(2, 1, height_ratios=(1, 1.15))
    _curves(top, history)
    if kernel.ndim == 4:
        filter_images(bottom, kernel, 24, 6)
    else:
        weights(bottom, kernel, x.shape[1:], 24, 6)
    return figure


def _curves(figure: Figure, history: History) -> None:
    axes = figure.subplots()
    if history:
        curve(axes, history, "accuracy" if "accuracy" in history[0] else "loss")
    else:
        axes.set_axis_off()
        axes.text(0, 0.5, "Imported model: its training history is not available.")
