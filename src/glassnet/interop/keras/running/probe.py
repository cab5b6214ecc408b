"""A Keras model that tells what each of its layers puts out, while it computes as always."""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

import numpy as np

from glassnet.interop.keras.building.layer import exact_numbers
from glassnet.layers import Layer
from glassnet.layers.network import Network


class Probe:
    """The layers' outputs in a call of the model, by path as in `Call.record`.

    A path is "residual/body/dense" in a layer made of layers, and "dense:1" for the second call of
    a shared layer. Keras itself decides what is called when; the layers only write it down.
    """

    def __init__(self, model: Any, network: Layer) -> None:
        self.model = model
        self.seen: dict[str, Any] = {}
        self._place, self._calls = "", dict[str, int]()
        for name, layer in _inside(model, network):
            layer.call = self._told(name, layer.call)
            _made_exact(layer)

    def __call__(self, run: Callable[[], Any]) -> tuple[Any, dict[str, Any]]:
        """What `run` answers, and the layers' outputs in the call of the model that it makes."""
        self.seen, self._place, self._calls = {}, "", {}
        return run(), self.seen

    def _told(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(call)
        def telling(*arguments: Any, **options: Any) -> Any:
            around, calls = self._place, self._calls
            count = calls.get(name, 0)
            calls[name] = count + 1
            place = f"{around}{name}:{count}" if count else f"{around}{name}"
            self._place, self._calls = f"{place}/", {}
            y = call(*arguments, **options)
            self._place, self._calls = around, calls
            self.seen[place] = y
            return y

        return telling


def _inside(model: Any, network: Layer) -> Iterator[tuple[str, Any]]:
    """All layers inside with the names that they have there."""
    if not isinstance(network, Network):
        return
    for name, layer in network.parts:
        if isinstance(layer, Network) and not layer.parts:
            continue  # an empty shortcut
        part = model.get_layer(name)
        yield name, part
        yield from _inside(part, layer)


def _made_exact(layer: Any) -> None:
    """In double precision, give the layer the formula where a backend computes in single."""
    import keras
    from keras import ops

    if keras.config.floatx() != "float64":
        return
    if isinstance(layer, keras.layers.MultiHeadAttention):
        # One step after the other, instead of the backend's own function for all of them, which
        # on JAX has a softmax in float32. With dropout, Keras does so; its rate here stays 0.
        layer._dropout = layer._dropout or 1e-300
        layer._inverse_sqrt_key_dim = np.float64(layer._inverse_sqrt_key_dim)
        layer._masked_softmax = _masked_softmax
    if not exact_numbers():
        return
    formulas = {
        "gelu": lambda x: 0.5 * x * (1 + ops.erf(x * 0.5**0.5)),
        "leaky_relu": lambda x: ops.where(x > 0, x, 0.2 * x),
    }
    name = getattr(getattr(layer, "activation", None), "__name__", "")
    if name in formulas:
        layer.activation = formulas[name]


def _masked_softmax(scores: Any, mask: Any = None) -> Any:
    """The softmax over the keys that a query may see; over all where it sees none, as padding.

    There Keras gives a mean of all values, or 0 if the layer has dropout.
    """
    from keras import ops

    if mask is not None:
        seen = mask if len(mask.shape) == len(scores.shape) else ops.expand_dims(mask, -3)
        scores = ops.where(seen, scores, np.finfo(np.float64).min / 2)
    return ops.softmax(scores, axis=-1)
