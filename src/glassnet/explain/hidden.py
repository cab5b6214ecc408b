"""The last hidden layer of a network, as features of examples."""

from typing import Any

import numpy as np

from glassnet.core.arrays import Array, length
from glassnet.core.errors import GlassnetError
from glassnet.core.trees import Tree
from glassnet.explain.hook import last_layer_with_weights, with_hook
from glassnet.layers import INFERENCE, Layer
from glassnet.training.evaluate import block_size, blocks_of


def hidden(network: Layer, params: Tree, x: Any, dtype: str = "float32") -> Array:
    """The input of the last layer with weights.   x (N, ...), or several -> (N, features)

    Raises GlassnetError if no layer has weights.
    """
    path = last_layer_with_weights(network)
    if path is None:
        what = "no layer has weights, so there is no hidden layer."
        raise GlassnetError(what, where="Model")
    hooked, record = with_hook(network, path)
    features = []
    for block in blocks_of(x, dtype, block_size(network, params, x, dtype)):
        hooked.forward(params, block, INFERENCE)
        features.append(record.input.reshape(length(block), -1))
    return np.concatenate(features)
