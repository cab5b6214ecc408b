"""Calling Keras's layers that take more than one tensor, and in another way than as a list."""

from collections.abc import Callable
from typing import Any

from glassnet.layers import GetItem, Power


def _attention(layer: Any, keras_layer: Any, inputs: list[Any]) -> Any:
    """Return attention to (query, value, key, mask); with one input, self-attention."""
    inputs, masks = inputs[:3], inputs[3:]
    inputs = inputs if len(inputs) > 1 else inputs * 2
    options = {"attention_mask": masks[0]} if masks else {}
    options |= dict(zip(layer.call_masks, _padding(inputs) or (), strict=False))
    return keras_layer(*inputs, **options, **_scores(layer), use_causal_mask=layer.causal)


def _single_head(layer: Any, keras_layer: Any, inputs: list[Any]) -> Any:
    masks = _padding(inputs)
    options: dict[str, Any] = {} if masks is None else {"mask": masks}
    causal = {"use_causal_mask": True} if layer.causal else {}
    return keras_layer(inputs, **options, **causal, **_scores(layer))


def _padding(inputs: list[Any]) -> list[Any] | None:
    """Return the inputs' masks, or None without any. Of multiple inputs, Keras's graph keeps no
    masks but those that a call passes: others get lost if no layer recomputes them.
    """
    import keras

    masks = [keras.src.backend.get_keras_mask(x) for x in inputs]
    return None if all(mask is None for mask in masks) else masks


def _scores(layer: Any) -> dict[str, bool]:
    return {"return_attention_scores": True} if layer.returns_scores else {}


def _recurrent(layer: Any, keras_layer: Any, inputs: list[Any]) -> Any:
    """Return the outputs; with an initial state, Keras ignores the mask unless it is passed."""
    import keras

    x, *states = inputs
    if not states:
        return keras_layer(x)
    return keras_layer(x, initial_state=states, mask=keras.src.backend.get_keras_mask(x))


def _attach_mask(layer: Any, keras_layer: Any, inputs: list[Any]) -> Any:
    """Return a copy of the first tensor that has the second as its mask."""
    import keras

    x, mask = inputs
    y = keras_layer(x)
    keras.src.backend.set_keras_mask(y, keras.ops.not_equal(mask, 0.0))
    return y


def _get_item(layer: GetItem, keras_layer: Any, inputs: list[Any]) -> Any:
    return inputs[0][layer.batch_key]


def _power(layer: Power, keras_layer: Any, inputs: list[Any]) -> Any:
    return inputs[0] ** layer.exponent


RECURRENT = ("Bidirectional", "GRU", "LSTM", "SimpleRNN")
OPERATIONS = ("GetItem", "Power")  # on tensors in Keras, not layers
# The layers that are not called on one tensor or a list, by the name of their class.
CALLS: dict[str, Callable[[Any, Any, list[Any]], Any]] = {
    "AdditiveAttention": _single_head,
    "AttachMask": _attach_mask,
    "Attention": _single_head,
    "GetItem": _get_item,
    "MultiHeadAttention": _attention,
    "Power": _power,
    **dict.fromkeys(RECURRENT, _recurrent),
}
