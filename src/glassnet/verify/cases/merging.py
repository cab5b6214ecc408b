"""Merging layers, residual blocks and graphs."""

import numpy as np

from glassnet import layers
from glassnet.layers import Graph, Input
from glassnet.ops import merging
from glassnet.verify.cases.base import TRAINING, Case, layer_case, numbers

MASKS = (
    np.array([[1, 1, 0], [0, 0, 0]], bool),
    np.array([[1, 0, 0], [1, 0, 0]], bool),
    np.array([[0, 1, 0], [1, 1, 0]], bool),
)
SOME = (None, *MASKS[1:])
THREE = tuple(numbers(2, 3, 4, seed=i) for i in range(3))

OPS = [
    Case(merging.add, THREE),
    Case(merging.subtract, THREE[:2]),
    Case(merging.multiply, THREE),
    Case(merging.average, THREE),
    Case(merging.maximum, THREE),
    *(
        Case(op, THREE, {"masks": masks}, label)
        for op in (merging.masked_multiply, merging.masked_maximum)
        for masks, label in ((MASKS, "masks"), (SOME, "some-masks"))
    ),
    Case(merging.concatenate, THREE),
    Case(merging.concatenate, (numbers(2, 3, 4), numbers(2, 1, 4)), {"axis": 1}, "axis-1"),
]


def _graph() -> Graph:
    """Return a graph with a shared layer, a branch, and an input used twice."""
    x = Input((6,))
    shared = layers.Dense(3, "silu")
    h = shared(x)
    z = layers.Add()(x, layers.Dense(6)(h))
    merged = layers.Concatenate()(h, shared(z), layers.Multiply()(h, h))
    return Graph.between(x, layers.Dense(3, use_bias=False)(layers.Dropout(0.3)(merged)))


def _two_inputs() -> Graph:
    a, b = Input((4,)), Input((3,))
    joint = layers.Dense(2, "tanh")(layers.Concatenate()(a, b))
    return Graph.between([a, b], [joint, layers.Dense(3)(b)])


RESIDUAL = layers.Sequential(
    (
        layers.Residual((layers.Dense(4, "tanh"), layers.Dropout(0.4))),
        layers.Residual((layers.Dense(3),), (layers.Dense(3, use_bias=False),)),
    )
)

LAYERS = [
    *(layer_case(cls(), THREE) for cls in (layers.Add, layers.Multiply, layers.Average)),
    *(layer_case(cls(), THREE) for cls in (layers.Maximum, layers.Concatenate)),
    *(
        layer_case(cls(), THREE, label, mask=masks)
        for cls in (layers.Multiply, layers.Maximum)
        for masks, label in ((MASKS, "masks"), (SOME, "some-masks"))
    ),
    layer_case(layers.Subtract(), THREE[:2]),
    layer_case(layers.Concatenate(axis=1), THREE[:2], "axis-1"),
    layer_case(layers.Residual((layers.Dense(4, "tanh"),)), numbers(5, 4)),
    layer_case(RESIDUAL, numbers(5, 4), "residual", **TRAINING),
    layer_case(_graph(), numbers(4, 6, scale=0.1), **TRAINING),
    layer_case(_two_inputs(), (numbers(5, 4), numbers(5, 3)), "two-inputs"),
]
