"""What a layer called on an array returns: a model of the layer applies it."""

from glassnet.core.arrays import Array
from glassnet.layers import Layer
from glassnet.model.model import Model


def applied(layer: Layer, x: Array) -> Array:
    """Return the layer's outputs for examples x; a layer without weights gets some."""
    outputs: Array = Model([layer])(x)
    return outputs
