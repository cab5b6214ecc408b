"""Dropout, batch normalization, L1 and L2."""

import numpy as np
from matplotlib.figure import Figure

from drawings.base import digits, drawing, fit, images, network, panels
from glassnet import L1, L2, Adam, Dense
from glassnet.ops.dropout import dropout
from glassnet.ops.normalization import batch_normalization
from glassnet.ops.random import fold
from glassnet.plots.colors import BLUE, GREEN, ORANGE


@drawing
def dropout_masks() -> Figure:
    """The same values in four training steps with dropout."""
    figure, axes = images(5, 1.7)
    x = digits().x_train[0] / 16
    axes[0].imshow(x, cmap="viridis", vmin=0, vmax=2)
    axes[0].set_title("x", size=9)
    key = np.array([0], np.uint32)
    for step, place in enumerate(axes[1:]):
        y, _ = dropout(x, 0.5, fold(key, step))
        place.imshow(y, cmap="viridis", vmin=0, vmax=2)
        place.set_title(f"step {step}", size=9)
    return figure


@drawing
def batch_norm() -> Figure:
    """The values of three channels before and after batch normalization."""
    figure, (left, right) = panels(2, 2.4)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(4000, 1, 3)) * [0.5, 1, 3] + [4, -2, 1]
    (y, _, _), _ = batch_normalization(x, np.ones(3), np.zeros(3))
    for axes, values, title in ((left, x, "x"), (right, y, "y, with γ = 1 and β = 0")):
        for channel, color in enumerate((BLUE, ORANGE, GREEN)):
            axes.hist(values[:, 0, channel], 40, histtype="step", color=color, density=True)
        axes.set(title=title, yticks=[])
        axes.grid(True, axis="x")
    return figure


@drawing
def l1_and_l2() -> Figure:
    """The weights of a layer after training without a penalty, with L1 and with L2."""
    figure, (axes,) = panels(1, 2.7)
    for penalty, name, color in (
        (None, "no penalty", ORANGE), (L2(1e-3), "L2, 0.001", GREEN), (L1(1e-3), "L1, 0.001", BLUE),
    ):  # fmt: skip
        model = network(Dense(32, "relu", kernel_regularizer=penalty))
        fit(model, Adam(0.01), 30)
        sizes = np.sort(np.abs(model.layers[-2].get_weights()[0]).ravel())[::-1]
        axes.plot(np.linspace(0, 100, len(sizes)), sizes, color=color, label=name)
    axes.set(title="Magnitudes of the 2,048 weights of the hidden layer, largest first",
             xlabel="% of the weights", ylim=(0, None))  # fmt: skip
    axes.legend(frameon=False)
    axes.grid(True)
    return figure
