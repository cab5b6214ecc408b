"""What a network makes of an example before it decides: its last hidden layer."""

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError
from glassnet.core.trees import Tree
from glassnet.explain.hook import last_learning, tapped
from glassnet.layers import INFERENCE, Layer
from glassnet.training.evaluate import block_size, blocks_of


def hidden(network: Layer, params: Tree, x: Array, dtype: str = "float32") -> Array:
    """The numbers that the last layer with weights gets of each example.

    x (N, ...) -> (N, features). Raises if no layer has weights.
    """
    place = last_learning(network)
    if place is None:
        raise GlassnetError("no layer has weights, so none is hidden.", where="Model")
    watched, seen = tapped(network, place)
    found = []
    for block in blocks_of(x, dtype, block_size(network, params, x, dtype)):
        watched.forward(params, block, INFERENCE)
        found.append(seen.input.reshape(len(block), -1))
    return np.concatenate(found)
