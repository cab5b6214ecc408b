"""Hints for names that Keras has and glassnet doesn't: what to write instead."""

from collections.abc import Callable, Iterable, Mapping
from inspect import signature
from typing import Any

from glassnet.core.errors import GlassnetError, unknown

_DTYPE = 'It is set once for the whole model: Model(..., dtype="float64").'
_MASK = "A padding mask comes from Embedding(mask_zero=True) or Masking."
_SHAPE = "The model takes it: Model([...], input_shape=(28, 28))."

KERAS_HINTS: dict[str, dict[str, str]] = {  # where it is typed -> name -> hint
    "attribute": {  # of a model or a layer
        "add": "Give all layers at once: Model([...]).",
        "layers": "Create another model: Model([*model.layers[:-1], Dense(7)]).",
        "loss": "Call compile(optimizer, loss).",
        "metrics": "Call compile(optimizer, loss, metrics).",
        "optimizer": "Call compile(optimizer, loss), or set model.optimizer.learning_rate.",
        "trainable": "Nothing can be frozen yet: all weights are trained.",
        "load_model": "Use Model.load(path).",
        "predict_on_batch": "Use predict(x).",
        "test_on_batch": "Use evaluate(x, y).",
        "train_on_batch": "Use fit(x, y, batch_size=len(x)): it continues the last fit.",
    },
    "layer": {
        "arguments": "Give the function defaults: def scale(x, factor=2.0).",
        "batch_size": "Batches may have any size: leave it out.",
        "data_format": "Images are (height, width, channels): leave it out.",
        "dtype": _DTYPE,
        "input_dim": _SHAPE,
        "input_shape": _SHAPE,
        "output_shape": "It is inferred: leave it out. MultiHeadAttention calls it output_dim.",
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
    "load": {
        "custom_objects": "Run the code with their @register(...) before load: it needs no more.",
        "safe_mode": "Nothing is ever executed from a file: leave it out.",
        "compile": "The file decides: leave it out.",
    },
    "fit": {
        "steps_per_epoch": "An epoch is all of x: give fit fewer rows and more epochs.",
        "validation_batch_size": "Validation batches are sized to fit memory: leave it out.",
        "validation_freq": "Validation data are evaluated after each epoch: leave it out.",
        "validation_steps": "All validation data are evaluated: give fewer rows.",
    },
}

_GRAPH = "Write the network as a list of layers or a graph: Model(inputs=x, outputs=y)."
_STEP = "A training step is fixed. Write an own Layer, Loss, Optimizer or Callback instead."
_FIELDS = "Its fields are its configuration: units: int = 32 (say) in its body."

KERAS_METHODS: dict[str, dict[str, str]] = {  # kind of class -> method -> what to write instead
    "model": {
        "call": _GRAPH,
        **dict.fromkeys(("compute_loss", "compute_metrics", "make_test_function"), _STEP),
        **dict.fromkeys(("make_predict_function", "make_train_function"), _STEP),
        **dict.fromkeys(("predict_step", "test_step", "train_step"), _STEP),
        **dict.fromkeys(("from_config", "get_config"), "save and load keep the whole model."),
    },
    "layer": {
        "add_weight": "Write weights(self, shape), which returns a dict of Weight.",
        "build": "Write weights(self, shape), which returns a dict of Weight.",
        "call": "Write forward(self, params, x, context), which returns (y, pullback).",
        "compute_mask": "Write output_mask(self, x, mask).",
        "compute_output_shape": "Write output_shape(self, shape).",
        **dict.fromkeys(("from_config", "get_config"), _FIELDS),
    },
    "loss": {
        "call": "Write each(self, outputs, targets), which returns (losses, pullback).",
        **dict.fromkeys(("from_config", "get_config"), _FIELDS),
    },
    "metric": dict.fromkeys(
        ("update_state", "result", "reset_state"),
        'Write name: str = "mine" in its body, and measure(self, outputs, targets, *, kind): one '
        "value for each example.",
    ),
    "optimizer": {
        "update_step": "Write update(self, g, slots, w, rate, step), which returns (w, slots).",
        "build": "Write the property slots: the names of its state arrays.",
        "apply": "Write update(self, g, slots, w, rate, step), which returns (w, slots).",
        "apply_gradients": "Write update(self, g, slots, w, rate, step): returns (w, slots).",
        **dict.fromkeys(("from_config", "get_config"), _FIELDS),
    },
    **{
        kind: dict.fromkeys(("from_config", "get_config"), _FIELDS)
        for kind in ("constraint", "initializer", "regularizer", "schedule")
    },
    "callback": {
        "set_model": "self.model is the model.",
        "set_params": "Use record.epochs, record.steps.",
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
