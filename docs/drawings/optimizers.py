"""The ways of optimizers down the same valley."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from drawings.base import drawing, panels
from glassnet import SGD, Adam, RMSprop
from glassnet.optimizers import Optimizer
from glassnet.plots.colors import BLUE, GREEN, INK, ORANGE

_CURVATURE = np.array([1.0, 20.0])
_START = np.array([-4.0, 1.5])


def _way(optimizer: Optimizer, steps: int) -> np.ndarray:
    """Return the points that the optimizer's rule visits on ½ (u² + 20 v²)."""
    w, slots = _START, tuple(optimizer.init_slot(_START, slot) for slot in optimizer.slots)
    points = [w]
    for step in range(1, steps + 1):
        w, slots = optimizer.update(_CURVATURE * w, slots, w, optimizer.learning_rate, step)
        points.append(w)
    return np.array(points)


def _ways(rules: Sequence[tuple[str, Optimizer, str]], steps: int = 40) -> Figure:
    figure, axes = panels(len(rules), 2.2 if len(rules) > 1 else 2.6, sharey=True)
    u, v = np.meshgrid(np.linspace(-4.6, 1.6, 120), np.linspace(-1.9, 1.9, 100))
    height = 0.5 * (u**2 + 20 * v**2)
    for place, (name, rule, color) in zip(axes, rules, strict=True):
        place.contour(u, v, height, [0.1, 0.5, 2, 5, 10, 18, 28], colors="#B9BEC4",
                      linewidths=0.8)  # fmt: skip
        way = _way(rule, steps)
        place.plot(*way.T, color=color, marker="o", markersize=2.5, linewidth=1)
        place.plot(0, 0, "+", color=INK, markersize=9)
        place.set(title=name, xlim=(-4.6, 1.6), ylim=(-1.9, 1.9), xticks=[], yticks=[])
    return figure


@drawing
def sgd() -> Figure:
    """Gradient descent, with and without momentum."""
    return _ways([
        ("SGD, rate 0.08, 40 steps", SGD(0.08), ORANGE),
        ("with momentum 0.8, rate 0.03", SGD(0.03, momentum=0.8), BLUE),
    ])  # fmt: skip


@drawing
def rmsprop() -> Figure:
    """RMSprop."""
    return _ways([("RMSprop, rate 0.1, 40 steps", RMSprop(0.1), GREEN)])


@drawing
def adam() -> Figure:
    """Adam."""
    return _ways([("Adam, rate 0.2, 40 steps", Adam(0.2), BLUE)])
