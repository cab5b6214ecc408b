"""Merging layers, residual blocks and graphs."""

import numpy as np

from glassnet import layers
from glassnet.layers import Graph, Input
from glassnet.ops import indexing, merging, scaling
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
        for op in (merging.masked_multiply, merging.masked_maximum, merging.masked_minimum)
        for masks, label in ((MASKS, "masks"), (SOME, "some-masks"))
    ),
    Case(indexing.get_item, (THREE[0],), {"key": (slice(None), -1, slice(3, None, -2), None)}),
    Case(scaling.power, (THREE[0],), {"exponent": 3}),
    Case(merging.minimum, THREE),
    Case(merging.broadcast, (numbers(2, 4), numbers(2, 3, 1), numbers(2, 3, 4))),
    Case(merging.dot, (numbers(2, 3, 4), numbers(2, 5, 3)), {"axes": (1, 2)}),
    Case(merging.dot, (numbers(2, 3), numbers(2, 3, seed=1)), {"axes": (1, 1)}, "vectors"),
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


def _states() -> Graph:
    """Return an encoder and a decoder, with two of the three outputs of the encoder."""
    a, b = Input((4, 2)), Input((3, 2))
    y, *states = layers.LSTM(3, return_state=True)(a)
    decoder = layers.LSTM(3, return_sequences=True)
    decoded = decoder(b, initial_state=states, mask=layers.Dense(3, "relu")(y))
    return Graph.between([a, b], [layers.GlobalAveragePooling1D()(decoded), states[1]])


RESIDUAL = layers.Sequential(
    (
        layers.Residual((layers.Dense(4, "tanh"), layers.Dropout(0.4))),
        layers.Residual((layers.Dense(3),), (layers.Dense(3, use_bias=False),)),
    )
)

LAYERS = [
    layer_case(layers.GetItem.of((..., None, slice(1, 3), -2), 2), THREE[0]),
    layer_case(layers.Power(-2), THREE[0] ** 2 + 0.5),
    *(layer_case(cls(), THREE) for cls in (layers.Add, layers.Multiply, layers.Average)),
    *(layer_case(cls(), THREE) for cls in (layers.Maximum, layers.Minimum, layers.Concatenate)),
    *(
        layer_case(cls(), (numbers(2, 4), numbers(2, 3, 1), numbers(2, 3, 4)), "broadcast")
        for cls in (layers.Add, layers.Multiply, layers.Average, layers.Maximum, layers.Minimum)
    ),
    layer_case(layers.Subtract(), (numbers(2, 3, 4), numbers(2, 4)), "broadcast"),
    layer_case(layers.Dot(1), (numbers(5, 4), numbers(5, 4, seed=1))),
    layer_case(layers.Dot((2, 3)), (numbers(2, 3, 4), numbers(2, 5, 3, 4)), "axes"),
    layer_case(layers.Dot(-1, normalize=True), (numbers(2, 3, 4), numbers(2, 4)), "normalize"),
    *(
        layer_case(cls(), THREE, label, mask=masks)
        for cls in (layers.Multiply, layers.Maximum, layers.Minimum)
        for masks, label in ((MASKS, "masks"), (SOME, "some-masks"))
    ),
    layer_case(layers.Subtract(), THREE[:2]),
    layer_case(layers.Concatenate(axis=1), THREE[:2], "axis-1"),
    layer_case(layers.Residual((layers.Dense(4, "tanh"),)), numbers(5, 4)),
    layer_case(RESIDUAL, numbers(5, 4), "residual", **TRAINING),
    layer_case(_graph(), numbers(4, 6, scale=0.1), **TRAINING),
    layer_case(_states(), (numbers(2, 4, 2), numbers(2, 3, 2)), "states"),
    layer_case(layers.AttachMask(), (numbers(2, 3, 4), np.ones((2, 3)))),
    layer_case(_two_inputs(), (numbers(5, 4), numbers(5, 3)), "two-inputs"),
]
