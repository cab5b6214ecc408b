"""Hints for names that Keras has and glassnet doesn't: what to write instead."""

from collections.abc import Callable, Iterable
from functools import wraps
from inspect import signature
from typing import ParamSpec, TypeVar

from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.keras_parts import PART_HINTS

P = ParamSpec("P")
R = TypeVar("R")

_LORA = "There is no low-rank adaptation: leave it out, and all of the kernel is trained."
_QUANTIZATION = "Weights are float32 or float64, never quantized: leave it out."
_DTYPE = 'It is set once for the whole model: Model(..., dtype="float64").'
_MASK = "A padding mask comes from Embedding(mask_zero=True) or Masking."
_STATES = (
    "No layer keeps its state between batches: y, *state = LSTM(8, return_state=True)(x, "
    "initial_state=state) returns it, and takes it as an input."
)
_SHAPE = "The model takes it: Model([...], input_shape=(28, 28))."
_LOADING = {
    "compile": "A model is loaded as it was compiled; call compile(...) to change that.",
    "custom_objects": "Run the code with their @register before: files hold their names.",
    "safe_mode": "Nothing is executed from a file: leave it out.",
}

KERAS_HINTS: dict[str, dict[str, str]] = {  # where it is typed -> name -> hint
    "layer": {
        "arguments": "Give the function defaults: def scale(x, factor=2.0).",
        "alpha": "Its name is negative_slope: LeakyReLU(negative_slope=0.1).",
        "batch_size": "Batches may have any size: leave it out.",
        "batch_shape": "Batches may have any size: give the shape without the first axis.",
        "data_format": "Images are (height, width, channels): leave it out.",
        "gptq_unpacked_column_size": _QUANTIZATION,
        "lora_alpha": _LORA,
        "lora_rank": _LORA,
        "quantization_config": _QUANTIZATION,
        "dtype": _DTYPE,
        "input_dim": _SHAPE,
        "input_shape": _SHAPE,
        "stateful": _STATES,
        "output_shape": "It is inferred: leave it out.",
        "trainable": "No layer can be frozen: all weights are trained. Leave it out.",
        "unroll": "It has no effect on results: leave it out.",
        "weights": "Use Model(...).set_weights([...]).",
        "zero_output_for_mask": "At padding the output stays as it was: leave it out.",
    },
    "call": {  # of a layer or a model
        "attention_mask": "MultiHeadAttention takes it.",
        "initial_state": "Recurrent layers take it.",
        "mask": _MASK,
        "return_attention_scores": "Attention layers take it.",
        "training": "fit trains and predict doesn't: leave it out.",
        "use_causal_mask": "Attention layers take it.",
    },
    "compile": {
        "auto_scale_loss": "Computation is in float32 or float64: leave it out.",
        "jit_compile": 'The engine compiles: fit(..., engine="jax").',
        "run_eagerly": 'Use fit(..., engine="numpy"), which compiles nothing.',
        "steps_per_execution": "Engines choose how many steps to run at once: leave it out.",
    },
    "clone_model": {
        "clone_function": "Create another model: Model([...]), from the layers that you change.",
        "input_tensors": "Call the clone on nodes: clone_model(model)(x).",
        "call_function": "Call layers on nodes: Model(inputs=x, outputs=y).",
        "recursive": "Nested models are cloned, too: leave it out.",
    },
    "load": _LOADING,
    "load_model": _LOADING,
    "load_weights": {
        "by_name": "The file must be of the same network: leave it out.",
        "skip_mismatch": "The file must be of the same network: leave it out.",
    },
    "model_from_json": {"custom_objects": _LOADING["custom_objects"]},
    "save": {
        "include_optimizer": "The optimizer is saved, its state is not: leave it out.",
        "save_format": "The suffix says it: .safetensors, or .keras for Keras.",
        "zipped": "A model is one file: leave it out.",
    },
    "save_weights": {"overwrite": "An old file is replaced: leave it out."},
    "Sequential": {
        "trainable": "Nothing can be frozen yet: all weights are trained. Leave it out."
    },
    "summary": {
        **dict.fromkeys(
            ("line_length", "positions"), "The table is as wide as its content: leave it out."
        ),
        "expand_nested": "For a nested one: Model(model.get_layer(name), shape).summary().",
        "layer_range": "All layers are shown: leave it out.",
        "show_trainable": "All weights are trained, but moving averages: leave it out.",
    },
    "fit": dict.fromkeys(
        ("max_queue_size", "use_multiprocessing", "workers"),
        "It is of the data: PyDataset(workers=4, max_queue_size=10).",
    ),
    **PART_HINTS,
}

KERAS_HINTS["Input"] = KERAS_HINTS["layer"]

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
}


def unknown_argument(option: str, known: Iterable[str], place: str, where: str) -> Exception:
    """Return the error for an unknown argument; `place` is a key of `KERAS_HINTS`."""
    if fix := KERAS_HINTS.get(place, {}).get(option):
        return GlassnetError(f"takes no {option}.", where=where, fix=fix)
    return unknown("argument", option, known, where=where)


def checked_arguments(place: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorator of a function that raises GlassnetError for arguments that it doesn't take.

    `place` names it in errors, and may be a key of `KERAS_HINTS`. Type checkers see the function's
    own signature.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def call(*args: P.args, **options: P.kwargs) -> R:
            try:
                return function(*args, **options)
            except TypeError as error:
                if error.__traceback__ is None or error.__traceback__.tb_next is not None:
                    raise  # from inside the function
                problem = error
            taken = signature(function)
            known = [name for name in taken.parameters if name not in ("self", "cls")]
            for option in options:
                if option not in known:
                    raise unknown_argument(option, known, place, place)
            try:
                taken.bind(*args, **options)
            except TypeError as error:
                raise GlassnetError(
                    f"{error}.", where=place, fix=f"It takes: {', '.join(known)}."
                ) from None
            raise problem

        return call

    return decorate
