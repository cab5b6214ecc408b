"""Hints for names that Keras has and glassnet doesn't: what to write instead."""

from collections.abc import Callable, Iterable, Mapping
from inspect import signature
from typing import Any

from glassnet.core.errors import GlassnetError, unknown

_DTYPE = 'It is set once for the whole model: Model(..., dtype="float64").'
_MASK = "A padding mask comes from Embedding(mask_zero=True) or Masking."
_SHAPE = "The model takes it: Model([...], input_shape=(28, 28))."

KERAS_HINTS: dict[str, dict[str, str]] = {  # where it is typed -> name -> hint
    "attribute": {  # of a model
        "add": "Give all layers at once: Model([...]).",
        "load_model": "Use Model.load(path).",
        "predict_on_batch": "Use predict(x).",
        "test_on_batch": "Use evaluate(x, y).",
        "train_on_batch": "Use fit(x, y, batch_size=len(x)): it continues the last fit.",
    },
    "layer": {
        "batch_size": "Batches may have any size: leave it out.",
        "dtype": _DTYPE,
        "input_dim": _SHAPE,
        "input_shape": _SHAPE,
        "trainable": "No layer can be frozen: all weights are trained. Leave it out.",
        "weights": "Use Model(...).set_weights([...]).",
    },
    "call": {  # of a layer or a model
        "attention_mask": _MASK,
        "initial_state": "States begin at 0: leave it out.",
        "mask": _MASK,
        "return_attention_scores": "Only the values are returned: leave it out.",
        "training": "fit trains and predict doesn't: leave it out.",
        "use_causal_mask": "Use MultiHeadAttention(..., causal=True).",
    },
    "compile": {
        "auto_scale_loss": "Computation is in float32 or float64: leave it out.",
        "jit_compile": 'The engine compiles: fit(..., engine="jax").',
        "run_eagerly": 'Use fit(..., engine="numpy"), which compiles nothing.',
        "steps_per_execution": "Engines choose how many steps to run at once: leave it out.",
    },
    "fit": {
        "steps_per_epoch": "An epoch is all of x: give fit fewer rows and more epochs.",
        "validation_batch_size": "Validation batches are sized to fit memory: leave it out.",
        "validation_freq": "Validation data are evaluated after each epoch: leave it out.",
        "validation_steps": "All validation data are evaluated: give fewer rows.",
    },
}


def unknown_argument(option: str, known: Iterable[str], place: str, where: str) -> Exception:
    """Return the error for an unknown argument; `place` is a key of `KERAS_HINTS`."""
    if option in KERAS_HINTS[place]:
        return GlassnetError(f"takes no {option}.", where=where, fix=KERAS_HINTS[place][option])
    return unknown("argument", option, known, where=where)


def refuse_unknown(options: Mapping[str, Any], method: Callable[..., Any]) -> None:
    """Raise if `options`, the last parameter of `fit` or `compile`, has caught any argument."""
    *known, _ = signature(method).parameters
    for option in options:
        raise unknown_argument(option, known, method.__name__, method.__name__)
