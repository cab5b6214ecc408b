"""`Probe`: recording the outputs of all layers of a Keras model while it runs."""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

import numpy as np

from glassnet.interop.keras.building.layer import exact_numbers
from glassnet.layers import Layer
from glassnet.layers.network import Network


class Probe:
    """Records the layers' outputs in a call of the model, by path as in `CallContext.record`.

    A path is "residual/body/dense" for a nested layer, and "dense:1" for the second call of a
    shared layer. Keras itself decides which layer is called when; the probe only records it.
    """

    def __init__(self, model: Any, network: Layer) -> None:
        self.model = model
        self.outputs: dict[str, Any] = {}
        self._place, self._calls = "", dict[str, int]()
        for name, layer in _inside(model, network):
            layer.call = self._recording(name, layer.call)
            _use_exact_formulas(layer)

    def __call__(self, run: Callable[[], Any]) -> tuple[Any, dict[str, Any]]:
        """Return (the result of `run`, the layers' outputs when it calls the model)."""
        self.outputs, self._place, self._calls = {}, "", {}
        return run(), self.outputs

    def _recording(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(call)
        def recording(*arguments: Any, **options: Any) -> Any:
            outer, calls = self._place, self._calls
            count = calls.get(name, 0)
            calls[name] = count + 1
            place = f"{outer}{name}:{count}" if count else f"{outer}{name}"
            self._place, self._calls = f"{place}/", {}
            y = call(*arguments, **options)
            self._place, self._calls = outer, calls
            self.outputs[place] = y
            return y

        return recording


def _inside(model: Any, network: Layer) -> Iterator[tuple[str, Any]]:
    """Yield (name in its network, Keras layer) for all layers inside."""
    if not isinstance(network, Network):
        return
    for name, layer in network.parts:
        if isinstance(layer, Network) and not layer.parts:
            continue  # an empty shortcut
        part = model.get_layer(name)
        yield name, part
        yield from _inside(part, layer)


def _use_exact_formulas(layer: Any) -> None:
    """In float64, replace functions of the layer that a backend computes in float32."""
    import keras
    from keras import ops

    if keras.config.floatx() != "float64":
        return
    if isinstance(layer, keras.layers.MultiHeadAttention):
        # Compute attention step by step, not with the backend's fused function, which on JAX has a
        # softmax in float32. Keras does so if there is dropout; the rate is practically 0.
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
    """Return the softmax over the keys that a query may see; over all keys if it may see none.

    In that case, at padding, Keras returns a mean of all values, or 0 if the layer has dropout.
    """
    from keras import ops

    if mask is not None:
        visible = mask if len(mask.shape) == len(scores.shape) else ops.expand_dims(mask, -3)
        scores = ops.where(visible, scores, np.finfo(np.float64).min / 2)
    return ops.softmax(scores, axis=-1)
