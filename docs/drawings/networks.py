"""Neurons, layers, weights and biases, activations, the forward pass."""

from functools import cache

import numpy as np
from matplotlib.figure import Figure

from drawings.base import digits, drawing, fit, network, panels
from glassnet import L2, Adam, Dense, Model
from glassnet.ops.activations import sigmoid, tanh
from glassnet.ops.linear import affine
from glassnet.ops.piecewise import relu
from glassnet.plots.colors import BLUE, GRAY, ON_DARK, ON_LIGHT, ORANGE
from glassnet.plots.images import bare
from glassnet.plots.kernels import first_weights


@cache
def trained() -> Model:
    """Return a network with one hidden layer, trained on the digits."""
    model = network(Dense(24, "relu", kernel_regularizer=L2(0.001)))
    fit(model, Adam(0.01), 30)
    return model


@drawing
def neuron() -> Figure:
    """One neuron's output over the plane of its two inputs."""
    figure, (axes,) = panels(1, 3.2)
    figure.set_figwidth(4.6)
    line = np.linspace(-3, 3, 121)
    x = np.stack(np.meshgrid(line, line), axis=-1)
    w, b = np.array([[1.5], [-1.0]]), np.array([0.5])
    y, _ = sigmoid(affine(x, w, b)[0])
    image = axes.imshow(y[..., 0], origin="lower", extent=(-3, 3, -3, 3), cmap="RdBu_r",
                        vmin=0, vmax=1)  # fmt: skip
    axes.contour(line, line, y[..., 0], [0.5], colors=ON_LIGHT)
    axes.annotate("", (w[0, 0], w[1, 0]), (0, 0), arrowprops={"arrowstyle": "->", "lw": 1.8})
    axes.text(1.55, -1.3, "w", color=ON_DARK, weight="bold")
    axes.set(title="σ(1.5 x₁ − x₂ + 0.5)", xlabel="x₁", ylabel="x₂")
    axes.grid(False)
    figure.colorbar(image, ax=axes, shrink=0.8)
    return figure


@drawing
def layer() -> Figure:
    """The weights of each neuron of a trained first layer."""
    kernel, _ = trained().layers[-2].get_weights()
    return first_weights(kernel, (8, 8))


@drawing
def weights_and_bias() -> Figure:
    """What a weight and a bias do to the output of one neuron."""
    figure, (left, right) = panels(2, 2.6, sharey=True)
    x = np.linspace(-4, 4, 161)[:, None]
    shades = ("#9AA3AD", "#3E8FC4", BLUE)
    for axes, settings, title in (
        (left, [(0.5, 0.0), (1.0, 0.0), (4.0, 0.0)], "Weight w: how steep"),
        (right, [(1.0, -2.0), (1.0, 0.0), (1.0, 2.0)], "Bias b: how far to the left"),
    ):
        for (w, b), shade in zip(settings, shades, strict=True):
            y, _ = sigmoid(affine(x, np.array([[w]]), np.array([b]))[0])
            name = f"w = {w:g}" if axes is left else f"b = {b:g}"
            axes.plot(x[:, 0], y[:, 0], color=shade, label=name)
        axes.set(title=title, xlabel="x")
        axes.legend(frameon=False, loc="upper left")
        axes.grid(True)
    return figure


@drawing
def activations() -> Figure:
    """Sigmoid, tanh and ReLU with their derivatives, which are the pullbacks of 1."""
    figure, axes = panels(3, 2.5)
    x = np.linspace(-4, 4, 161)
    for place, op, name in zip(axes, (sigmoid, tanh, relu), ("σ", "tanh", "ReLU"), strict=True):
        y, back = op(x)
        place.plot(x, y, color=BLUE, label="value")
        place.plot(x, back(np.ones_like(x)), color=ORANGE, linestyle="--", label="derivative")
        place.set(title=f"{name}(x)", xlabel="x")
        place.axhline(0, color=GRAY, linewidth=0.6)
        place.grid(True)
    axes[0].legend(frameon=False, loc="upper left", fontsize=8)
    return figure


@drawing
def forward() -> Figure:
    """A digit on its way through a trained network."""
    figure, (image, hidden, output) = panels(3, 2.5, width_ratios=(1, 1.3, 1.3))
    model, x = trained(), digits().x_test[3:4]
    bare(image)
    image.imshow(x[0], cmap="gray_r")
    image.set_title("64 pixels")
    values = Model(model.layers[:-1], (8, 8)).predict(x)[0]
    hidden.barh(range(len(values)), values, color=BLUE)
    hidden.set(title="24 hidden neurons", yticks=[], xlabel="output of ReLU")
    hidden.invert_yaxis()
    shares = model.predict(x)[0]
    truth = int(digits().y_test[3])
    output.barh(range(10), shares, color=[BLUE if i == truth else GRAY for i in range(10)])
    output.set(title="10 probabilities", yticks=range(10), xlim=(0, 1.05))
    output.invert_yaxis()
    for axes in (hidden, output):
        axes.grid(True, axis="x")
        axes.set_axisbelow(True)
    return figure
