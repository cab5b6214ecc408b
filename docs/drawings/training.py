"""Normalization, batches, epochs, early stopping."""

import numpy as np
from matplotlib.figure import Figure
from sklearn.datasets import load_wine

from drawings.base import digits, drawing, fit, network, panels
from glassnet import SGD, Adam, Dense, EarlyStopping, Model, Normalization
from glassnet.ops.linear import affine
from glassnet.ops.losses import one_hot, softmax_crossentropy
from glassnet.plots.colors import BLUE, GRAY, ORANGE
from glassnet.plots.curves import by_epoch, curve, curves
from glassnet.plots.labels import end_labels


def _rows(history: object) -> list[dict[str, float]]:
    values = {"epoch": history.epoch, **history.history}
    return [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)]


@drawing
def normalization() -> Figure:
    """The same training on raw columns of a table and on normalized ones, each at its best rate."""
    figure, (axes,) = panels(1, 2.7)
    x, y = load_wine(return_X_y=True)
    ends, epochs = [], range(1, 16)
    for name, color, layers in (
        ("raw", ORANGE, []), ("normalized", BLUE, [Normalization()]),
    ):  # fmt: skip
        best = None
        for rate in (1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0):
            model = Model([*layers, Dense(16, "tanh"), Dense(3, "softmax")], (13,))
            model.compile(SGD(rate), "sparse_categorical_crossentropy")
            losses = model.fit(x, y, epochs=15, verbose=0).history["loss"]
            best = losses if best is None or losses[-1] < best[-1] else best
        axes.plot(epochs, best, color=color, marker="o", markersize=3)
        ends.append((15, best[-1], name, color))
    axes.set(title="Training loss by epoch, at the best of six learning rates", xlabel="epoch",
             ylim=(0, None))  # fmt: skip
    by_epoch(axes, epochs)
    end_labels(axes, ends)
    return figure


@drawing
def batches() -> Figure:
    """How far the gradient of a batch is from that of all examples."""
    figure, (axes,) = panels(1, 2.7)
    data, rng = digits(), np.random.default_rng(0)
    x = data.x_train.reshape(-1, 64) / 16
    kernel = rng.normal(size=(64, 10)) / 8

    def gradient(rows: np.ndarray) -> np.ndarray:
        logits, back = affine(x[rows], kernel)
        _, back_loss = softmax_crossentropy(logits, one_hot(data.y_train[rows], logits))
        return back(back_loss(np.full(len(rows), 1 / len(rows))))[1]

    whole = gradient(np.arange(len(x)))
    sizes = [1, 2, 4, 8, 16, 32, 64, 128, 256]
    errors = [
        np.mean([np.linalg.norm(gradient(rng.choice(len(x), size)) - whole) for _ in range(100)])
        / np.linalg.norm(whole)
        for size in sizes
    ]
    axes.loglog(sizes, errors, color=BLUE, marker="o", label="mean of 100 batches")
    axes.loglog(sizes, errors[0] / np.sqrt(sizes), color=GRAY, linestyle=":", label="1 / √n")
    axes.set_xticks(sizes, sizes)
    axes.set_yticks([0.2, 0.5, 1, 2], ["20%", "50%", "100%", "200%"])
    axes.minorticks_off()
    axes.set(title="Deviation of a batch's gradient from that of all examples",
             xlabel="examples in a batch")  # fmt: skip
    axes.legend(frameon=False)
    axes.grid(True)
    return figure


@drawing
def epochs() -> Figure:
    """Loss and accuracy by epoch."""
    model = network(Dense(32, "relu"))
    return curves(_rows(fit(model, Adam(0.003), 15, validation_split=0.2)))


@drawing
def early_stopping() -> Figure:
    """A training on few examples, which early stopping ends."""
    figure, (axes,) = panels(1, 2.7)
    data = digits()
    model = network(Dense(64, "relu"))
    stop = EarlyStopping(patience=10, restore_best_weights=True)
    history = fit(
        model, Adam(0.01), 200, callbacks=[stop], batch_size=32, shuffle=True,
        examples=(data.x_train[:100], data.y_train[:100]),
        validation_data=(data.x_train[300:800], data.y_train[300:800]),
    )  # fmt: skip
    curve(axes, _rows(history), "loss")
    axes.set_title(f"Loss by epoch: stopped after epoch {len(history.epoch)} of 200, patience 10")
    return figure
