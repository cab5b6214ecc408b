"""Losses, and backpropagation through many layers."""

import numpy as np
from matplotlib.figure import Figure

from drawings.base import drawing, panels
from glassnet.ops.activations import sigmoid, tanh
from glassnet.ops.linear import affine
from glassnet.ops.losses import (
    mean_squared_error,
    one_hot,
    sigmoid_crossentropy,
    softmax_crossentropy,
)  # fmt: skip
from glassnet.ops.piecewise import relu
from glassnet.plots.colors import BLUE, GRAY, GREEN, ORANGE


@drawing
def mse() -> Figure:
    """The squared error and its gradient, for a target of 1."""
    figure, (left, right) = panels(2)
    y = np.linspace(-1, 3, 81)[:, None]
    loss, back = mean_squared_error(y, np.ones_like(y))
    left.plot(y[:, 0], loss, color=BLUE)
    left.set(title="Squared error, target 1", xlabel="prediction")
    right.plot(y[:, 0], back(np.ones(len(y)))[:, 0], color=ORANGE)
    right.set(title="Its gradient", xlabel="prediction")
    for axes in (left, right):
        axes.axvline(1, color=GRAY, linestyle=":")
        axes.grid(True)
    return figure


@drawing
def crossentropy() -> Figure:
    """Cross-entropy and squared error of a sigmoid's output, and their gradients; target 1."""
    figure, (left, right) = panels(2, 2.6)
    z = np.linspace(-6, 4, 101)[:, None]
    one, dl = np.ones_like(z), np.ones(len(z))
    entropy, back_entropy = sigmoid_crossentropy(z, one)
    p, back_p = sigmoid(z)
    square, back_square = mean_squared_error(p, one)
    for axes, lines, title in (
        (left, (entropy, square), "Loss, target 1"),
        (right, (back_entropy(dl), back_p(back_square(dl))), "Gradient for the logit"),
    ):
        for line, name, color in zip(lines, ("cross-entropy", "squared error"), (BLUE, ORANGE),
                                     strict=True):  # fmt: skip
            axes.plot(z[:, 0], line.reshape(-1), color=color, label=name)
        axes.set(title=title, xlabel="logit")
        axes.grid(True)
    left.legend(frameon=False)
    return figure


@drawing
def backpropagation() -> Figure:
    """The size of the gradient at each layer, on its way back through twenty layers."""
    figure, (axes,) = panels(1, 2.8)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(64, 100)), rng.integers(0, 10, 64)
    for op, scale, name, color in (
        (relu, 2.0, "ReLU", GREEN), (tanh, 1.0, "tanh", BLUE), (sigmoid, 1.0, "σ", ORANGE),
    ):  # fmt: skip
        h, backs = x, []
        for _ in range(20):
            kernel = rng.normal(size=(100, 100)) * np.sqrt(scale / 100)
            h, back_affine = affine(h, kernel)
            h, back_op = op(h)
            backs.append((back_affine, back_op))
        logits, back_head = affine(h, rng.normal(size=(100, 10)) / 10)
        _, back_loss = softmax_crossentropy(logits, one_hot(y, logits))
        dh = back_head(back_loss(np.full(64, 1 / 64)))[0]
        norms = [np.linalg.norm(dh)]
        for back_affine, back_op in reversed(backs):
            dh = back_affine(back_op(dh))[0]
            norms.append(np.linalg.norm(dh))
        axes.plot(range(20, -1, -1), norms, color=color, marker="o", markersize=3)
        axes.text(-0.3, norms[-1], name, color=color, ha="right", va="center")
    axes.set_yscale("log")
    axes.set_yticks([1e-12, 1e-9, 1e-6, 1e-3, 1], ["10⁻¹²", "10⁻⁹", "10⁻⁶", "0.001", "1"])
    axes.minorticks_off()
    axes.set(title="Norm of the gradient with respect to each layer's output", xlim=(-2.2, 20.5),
             xlabel="layer (0: the input)", xticks=range(0, 21, 5))  # fmt: skip
    axes.grid(True)
    return figure
