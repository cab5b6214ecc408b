"""The penalty `Ambiguity`, which Keras doesn't have."""

import logging
from dataclasses import replace
from typing import Any

from glassnet.layers import Layer
from glassnet.layers.regularizers import Ambiguity

log = logging.getLogger(__name__)


def ambiguity_in_keras(penalty: Ambiguity) -> Any:
    """Return a Keras regularizer that computes the penalty."""
    import keras

    ops = keras.ops
    losses: dict[str, Any] = {  # of z (..., K), but for what is linear in z
        "softmax": lambda z: ops.logsumexp(z, axis=-1),
        "sigmoid": lambda z: ops.mean(ops.softplus(z), axis=-1),
        "linear": lambda z: ops.mean(ops.square(z), axis=-1),
        "exponential": lambda z: ops.mean(ops.exp(z), axis=-1),
    }
    loss = losses[penalty.activation]

    class MeanAboveLossOfMean(keras.regularizers.Regularizer):  # type: ignore[misc]
        def __call__(self, z: Any) -> Any:
            return ops.sum(ops.mean(loss(z), axis=1) - loss(ops.mean(z, axis=1)))

    return MeanAboveLossOfMean()


def without_ambiguity(network: Layer) -> Layer:
    """Return the network without these penalties, which plain Keras can't load."""
    for path, layer in network.walk():
        if isinstance(layer.activity_regularizer, Ambiguity):
            network = network.with_layer(path, replace(layer, activity_regularizer=None))
            log.warning(
                "layer %r has the penalty Ambiguity, which Keras doesn't have: the file predicts "
                "the same, but trained on there, it minimizes the loss of the members' mean only.",
                path,
            )
    return network
