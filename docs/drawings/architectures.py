"""Fully connected, convolutional, recurrent networks, transformers."""

import numpy as np
from matplotlib.figure import Figure
from sklearn.datasets import make_moons

from drawings.base import digits, drawing, images, panels
from glassnet import Adam, Dense, Model
from glassnet.ops.attention import attention
from glassnet.ops.convolution import convolution
from glassnet.ops.lstm import lstm
from glassnet.ops.positions import sinusoids
from glassnet.ops.rnn import simple_rnn
from glassnet.plots.colors import BLUE, ORANGE


@drawing
def fully_connected() -> Figure:
    """What a network can separate: without hidden layers, with one, with two."""
    figure, axes = images(3, 2.2)
    x, y = make_moons(300, noise=0.15, random_state=0)
    u, v = np.meshgrid(np.linspace(-1.6, 2.6, 90), np.linspace(-1.2, 1.7, 70))
    plane = np.stack([u, v], axis=-1).reshape(-1, 2)
    hidden = {"no hidden layer": (), "4 neurons": (4,), "16 and 16 neurons": (16, 16)}
    for place, (name, sizes) in zip(axes, hidden.items(), strict=True):
        model = Model([*(Dense(n, "tanh") for n in sizes), Dense(1, "sigmoid")], (2,))
        model.compile(Adam(0.03), "binary_crossentropy", ["accuracy"])
        model.fit(x, y, epochs=60, verbose=0)
        p = model.predict(plane).reshape(u.shape)
        place.imshow(p, origin="lower", extent=(-1.6, 2.6, -1.2, 1.7), cmap="RdBu_r", vmin=0,
                     vmax=1, alpha=0.7)  # fmt: skip
        place.scatter(*x.T, s=5, c=np.where(y, ORANGE, BLUE), linewidths=0)
        place.set_title(f"{name}: {model.evaluate(x, y, verbose=0)[1]:.0%}", size=9)
    return figure


@drawing
def convolutional() -> Figure:
    """A digit, correlated with three kernels."""
    figure, axes = images(4, 1.9)
    image = digits().x_train[0] / 16
    smooth = np.full((3, 3), 1 / 9)
    down = np.array([[-1, -1, -1], [0, 0, 0], [1, 1, 1]]) / 3
    kernels = {"mean of 3 × 3": smooth, "brighter below": down, "brighter right": down.T}
    axes[0].imshow(image, cmap="gray")
    axes[0].set_title("8 × 8 pixels", size=9)
    for place, (name, kernel) in zip(axes[1:], kernels.items(), strict=True):
        y, _ = convolution(image[None, ..., None], kernel[..., None, None], None, (1, 1), (1, 1))
        place.imshow(y[0, ..., 0], cmap="RdBu_r", vmin=-1, vmax=1)
        place.set_title(name, size=9)
    return figure


@drawing
def recurrent() -> Figure:
    """How much the last state depends on each step: a simple network and an LSTM."""
    figure, (axes,) = panels(1, 2.7)
    steps, units, rng = 60, 32, np.random.default_rng(0)
    z = rng.normal(size=(steps, 1, 4 * units)) * 0.3
    z[..., units : 2 * units] += 1  # the bias of the forget gate, as in Keras
    kernel = np.concatenate([np.linalg.qr(rng.normal(size=(units, units)))[0] for _ in range(4)], 1)
    dlast = np.zeros((steps, 1, units))
    dlast[-1] = 1
    for op, name, color, inputs, weights in (
        (lstm, "LSTM", BLUE, z, kernel * 0.3),
        (simple_rnn, "simple recurrent network", ORANGE, z[..., :units], kernel[:, :units] * 0.7),
    ):
        _, back = op(inputs, weights)
        dz = back(dlast)[0]
        norms = np.linalg.norm(dz[:, 0], axis=-1)
        axes.semilogy(range(-steps + 1, 1), norms, color=color, label=name)
    axes.set_yticks([1e-9, 1e-6, 1e-3, 1], ["10⁻⁹", "10⁻⁶", "0.001", "1"])
    axes.minorticks_off()
    axes.set(title="Gradient of the last state with respect to the input of each step",
             xlabel="steps before the last")  # fmt: skip
    axes.legend(frameon=False)
    axes.grid(True)
    return figure


@drawing
def transformer() -> Figure:
    """The attention of the letters of a word to each other."""
    figure, axes = panels(2, 3.0, sharey=True)
    word = "glassnet"
    letters = sorted(set(word))
    one_hot = np.array([[letter == other for other in letters] for letter in word], float)
    places = sinusoids(len(word), 8)
    for place, title, features, scale in (
        (axes[0], "by letter", one_hot, 4.0), (axes[1], "by position", places, 1.5),
    ):  # fmt: skip
        (_, weights), _ = attention(features, features, features, scale=scale, return_scores=True)
        place.imshow(weights, cmap="viridis", vmin=0, vmax=1)
        place.set_xticks(range(len(word)), list(word))
        place.set_yticks(range(len(word)), list(word))
        place.set(title=f"Weights of attention {title}", xlabel="key")
        place.spines[:].set_visible(False)
    axes[0].set_ylabel("query")
    return figure
