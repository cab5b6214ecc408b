"""Activations under Keras's name of the module, as functions of arrays; see ops/activations.py."""

from glassnet.core.keras_namespaces import hint_at_missing
from glassnet.core.protocols import Array
from glassnet.ops.activations import ACTIVATIONS


class ActivationName(str):
    """The name of an activation, which can also be called: relu(x)."""

    __slots__ = ()

    def __call__(self, x: Array) -> Array:
        """Return the activation of an array."""
        return ACTIVATIONS[self](x)[0]


globals().update({name: ActivationName(name) for name in ACTIVATIONS})
hint_at_missing(__name__)
