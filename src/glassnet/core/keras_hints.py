"""What Keras users type and glassnet does in another way: each with what to write instead."""

from collections.abc import Callable, Iterable, Mapping
from inspect import signature
from typing import Any

from glassnet.core.errors import GlassnetError, unknown

METHODS = {
    "add": "Give all layers at once: Model([...]).",
    "load_model": "Say Model.load(path).",
    "predict_on_batch": "Say predict(x).",
    "test_on_batch": "Say evaluate(x, y).",
    "train_on_batch": "Say fit(x, y, batch_size=len(x)): it goes on where the last fit ended.",
}
_DTYPE = 'The model has one for all: Model(..., dtype="float64").'
_SHAPE = "The model takes it: Model([...], input_shape=(28, 28))."
LAYERS = {
    "batch_size": "Batches may have any size: leave it out.",
    "dtype": _DTYPE,
    "input_dim": _SHAPE,
    "input_shape": _SHAPE,
    "trainable": "No layer can be frozen: all weights are trained. Leave it out.",
    "weights": "Say Model(...).set_weights([...]).",
}
FIT = {
    "steps_per_epoch": "An epoch is all of x: give fit fewer rows and more epochs.",
    "validation_batch_size": "Held-out examples are judged in blocks that fit: leave it out.",
    "validation_freq": "Held-out examples are judged after each epoch: leave it out.",
    "validation_steps": "All held-out examples are judged: give fewer rows.",
}


CALLS = {
    "attention_mask": "A padding mask comes from Embedding(mask_zero=True) or Masking.",
    "initial_state": "States begin at 0: leave it out.",
    "mask": "A padding mask comes from Embedding(mask_zero=True) or Masking.",
    "return_attention_scores": "Only the values are put out: leave it out.",
    "training": "fit trains and predict doesn't: leave it out.",
    "use_causal_mask": "Say MultiHeadAttention(..., causal=True).",
}
COMPILE = {
    "auto_scale_loss": "Numbers are float32 or float64: leave it out.",
    "jit_compile": 'The engine compiles: fit(..., engine="jax").',
    "run_eagerly": 'Say fit(..., engine="numpy"), which compiles nothing.',
    "steps_per_execution": "Engines choose how many steps go together: leave it out.",
}


def refused(option: str, known: Iterable[str], instead: Mapping[str, str], where: str) -> Exception:
    """The error for an argument that isn't there."""
    if option in instead:
        return GlassnetError(f"takes no {option}.", where=where, fix=instead[option])
    return unknown("argument", option, known, where=where)


def refuse(
    options: Mapping[str, Any], method: Callable[..., Any], instead: Mapping[str, str]
) -> None:
    """Raise if a method was given arguments that it does not have, but Keras's has."""
    *known, _ = signature(method).parameters
    for option in options:
        raise refused(option, known, instead, method.__name__)
