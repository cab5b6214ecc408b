"""What networks cost, how many examples they need, what can be seen inside of them."""

import re

import numpy as np
from matplotlib.figure import Figure

from drawings.base import ROOT, digits, drawing, fit, images, network, panels
from drawings.networks import trained
from glassnet import Adam, Dense, Model, explain_example
from glassnet.model.summary import forward_flops
from glassnet.plots.colors import BLUE, GRAY


@drawing
def compiled() -> Figure:
    """Microseconds of a training step, from docs/benchmarks.md."""
    text = (ROOT / "docs/benchmarks.md").read_text(encoding="utf-8")
    figure, (axes,) = panels(1, 2.4)
    sizes = re.findall(r"^batch (\d+), ", text, flags=re.M)[:3]
    for column, (engine, color) in enumerate((("NumPy", GRAY), ("JAX", BLUE))):
        times = re.findall(rf"^glassnet {engine}, Model\.fit +(\d+)", text, flags=re.M)[:3]
        at = np.arange(len(sizes)) + 0.4 * column - 0.2
        bars = axes.barh(at, [int(time) for time in times], 0.36, color=color,
                         label="NumPy" if engine == "NumPy" else "compiled by XLA")  # fmt: skip
        axes.bar_label(bars, padding=3, fontsize=8)
    axes.set(title="Microseconds of a training step of 784-128-10, two CPU cores", xticks=[])
    axes.set_yticks(range(len(sizes)), [f"batch of {size}" for size in sizes])
    axes.invert_yaxis()
    axes.spines["bottom"].set_visible(False)
    axes.legend(frameon=False)
    return figure


@drawing
def cost() -> Figure:
    """Weights and FLOPs of networks for images of 28 × 28 pixels."""
    figure, (left, right) = panels(2, 2.4, sharey=True)
    names = ("mlp", "lenet", "cnn", "gru", "vit", "resnet")
    weights, work = [], []
    for name in names:
        model = Model(name, (28, 28), classes=10)
        weights.append(model.count_params())
        work.append(forward_flops(model.network, model.input_shape))
    for axes, values, title in ((left, weights, "weights"), (right, work, "FLOPs of a prediction")):
        bars = axes.barh(names, values, 0.7, color=BLUE)
        axes.bar_label(bars, [_short(value) for value in values], padding=3, fontsize=8)
        axes.set(title=title.capitalize() if axes is left else title, xticks=[],
                 xlim=(0, max(values) * 1.3))  # fmt: skip
        axes.spines["bottom"].set_visible(False)
    left.invert_yaxis()
    return figure


def _short(number: float) -> str:
    return f"{number / 1e6:.1f} M" if number >= 1e6 else f"{number / 1e3:.0f} k"


@drawing
def hunger() -> Figure:
    """Test accuracy by the number of training examples; three seeds each."""
    figure, (axes,) = panels(1, 2.6)
    data, sizes = digits(), [10, 20, 50, 100, 200, 500, 1000]
    rng = np.random.default_rng(0)
    for _ in range(3):
        scores = []
        for size in sizes:
            rows = rng.choice(len(data.x_train), size, replace=False)
            model = network(Dense(32, "relu"))
            fit(model, Adam(0.01), max(10, 5000 // size), batch_size=min(32, size),
                examples=(data.x_train[rows], data.y_train[rows]))  # fmt: skip
            scores.append(100 * model.evaluate(data.x_test, data.y_test, verbose=0)[1])
        axes.semilogx(sizes, scores, color=BLUE, marker="o", markersize=3, linewidth=1)
    axes.set_xticks(sizes, sizes)
    axes.minorticks_off()
    axes.set(title="Test accuracy by the number of training examples, %", xlabel="examples",
             ylim=(0, 100))  # fmt: skip
    axes.grid(True)
    return figure


@drawing
def black_box() -> Figure:
    """A digit, and the evidence for and against two classes."""
    figure, axes = images(3, 2.3)
    model, x = trained(), digits().x_test[3].astype(np.float32)
    p = model.predict(x[None])[0]
    first, second = np.argsort(-p)[:2]
    axes[0].imshow(x, cmap="gray_r")
    axes[0].set_title("64 pixels", size=9)
    for place, label in zip(axes[1:], (first, second), strict=True):
        values = explain_example(model, x, "integrated-gradients", of=int(label)).values
        reach = np.abs(values).max()
        place.imshow(values, cmap="RdBu_r", vmin=-reach, vmax=reach)
        place.set_title(f"evidence for {label} ({p[label]:.1%})", size=9)
    return figure
