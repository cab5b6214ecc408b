"""The notebooks' training loop: plain NumPy, one step per example, in the order of the file.

784-240-120-60-10, sigmoid, squared error, gradient descent. As in Nielsen 2015, chapter 2.
"""

from itertools import pairwise
from typing import Any

import numpy as np
from setup import Data, Setup

SIZES = (784, 240, 120, 60, 10)
RATE = 0.1


def build(setup: Setup, data: Data) -> Any:
    rng = np.random.default_rng(setup.seed)
    pairs = list(pairwise(SIZES))
    weights = [rng.normal(0, n**-0.5, (m, n)) for n, m in pairs]
    biases = [np.zeros((m, 1)) for _, m in pairs]
    examples = data.floats()[..., None]  # columns
    targets = np.eye(10)[data.y][..., None]

    def step(x: Any, target: Any) -> None:
        activations = [x]
        for w, b in zip(weights, biases, strict=True):
            activations.append(sigmoid(w @ activations[-1] + b))
        y = activations[-1]
        delta = (y - target) * y * (1 - y)
        for k in reversed(range(len(weights))):
            a = activations[k]
            dw, db = delta @ a.T, delta
            delta = weights[k].T @ delta * a * (1 - a)
            weights[k] = weights[k] - RATE * dw
            biases[k] = biases[k] - RATE * db

    def train() -> None:
        for x, target in zip(examples, targets, strict=True):
            step(x, target)

    def predict(images: Any) -> Any:
        y = images.T
        for w, b in zip(weights, biases, strict=True):
            y = sigmoid(w @ y + b)
        return y.T

    return train, predict


def sigmoid(z: Any) -> Any:
    """1 / (1 + exp(−z))."""
    return 1 / (1 + np.exp(-z))
