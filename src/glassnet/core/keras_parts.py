"""Hints for what losses, metrics, optimizers and the options of weights have in Keras alone."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

_DTYPE = 'It is set once for the whole model: Model(..., dtype="float64").'
_AXIS = "Values of one example are on the last axis: leave it out, and Permute the outputs."
_SCALE = "Gradients are float32 or float64, which need no scale: leave it out."
_AXES = "The fans of a kernel are known: its last two axes are in and out. Leave it out."
_COMMON = {"dtype": _DTYPE, "axis": _AXIS}

PART_HINTS: dict[str, dict[str, str]] = {  # kind -> argument of its constructors -> hint
    "loss": _COMMON,
    "metric": _COMMON
    | {
        "from_sorted_ids": "Outputs are one number for each class: leave it out.",
        "from_logits": "It follows the loss: leave it out.",
        "ignore_class": "Weigh the examples: weighted_metrics, and sample_weight 0.",
        "sparse_y_true": "It follows the loss: leave it out.",
        "sparse_y_pred": "Outputs are one number for each class: leave it out.",
        "num_regressors": "R² is not adjusted for the number of features: leave it out.",
        "summation_method": "Areas are interpolated: leave it out.",
        "thresholds": "Give their number, num_thresholds, or leave it out: the area is exact.",
        "num_labels": "It follows the outputs: leave it out.",
        "label_weights": "Classes have equal weight: leave it out.",
    },
    "optimizer": {
        "loss_scale_factor": _SCALE,
        "lr": "Write learning_rate.",
        "decay": "Use a schedule: learning_rate=InverseTimeDecay(0.01, 1, 1e-6).",
    },
    "initializer": {"input_axes": _AXES, "output_axes": _AXES, "dtype": _DTYPE},
}

# Arguments that change nothing if they have this value: the only one that is accepted.
WITHOUT_EFFECT: dict[str, dict[str, object]] = {
    "layer": {"stateful": False, "unroll": False},
    "loss": {"dtype": None, "axis": -1},
    "metric": {
        "dtype": None,
        "axis": -1,
        "from_sorted_ids": False,
        "from_logits": False,
        "ignore_class": None,
        "num_regressors": 0,
        "summation_method": "interpolation",
        "thresholds": None,
        "num_labels": None,
        "label_weights": None,
    },
    "optimizer": {"loss_scale_factor": None},
    "initializer": {"input_axes": None, "output_axes": None},
}

_FILES = "save and load keep the whole model; registry.describe(part) is a part as JSON."
_STANDARD = {"serialize": _FILES, "deserialize": _FILES}
KERAS_ONLY: dict[str, dict[str, str]] = {  # kind -> name in Keras's module -> hint
    "loss": {
        "Circle": "No loss compares pairs of examples; train a classifier on the labels instead.",
        **_STANDARD,
    },
    "metric": {
        **dict.fromkeys(
            ("binary_focal_crossentropy", "categorical_focal_crossentropy", "huber"),
            "It is a loss: losses.huber(y_true, y_pred), say.",
        ),
        "MeanMetricWrapper": "Write a Metric with measure(self, outputs, targets, *, kind).",
        **_STANDARD,
    },
    "optimizer": {
        "legacy": "Its optimizers are glassnet.optimizers' own: SGD, Adam, ...",
        "LossScaleOptimizer": "Training is in float32 or float64: use the inner optimizer alone.",
        "MultiOptimizer": "One optimizer trains all weights; Muon uses Adam for what is no matrix.",
        "OptimizerMap": "One optimizer trains all weights; Muon uses Adam for what is no matrix.",
        **_STANDARD,
    },
    "schedule": {"LearningRateSchedule": "Its name here is Schedule.", **_STANDARD},
    "initializer": {
        "STFT": "Compute the spectrogram before training; no layer here has such a kernel.",
        **_STANDARD,
    },
    "constraint": _STANDARD,
    "regularizer": _STANDARD
    | {
        "OrthogonalRegularizer": 'Use kernel_initializer="orthogonal", or L2: no penalty here '
        "compares the vectors of a weight.",
    },
}
KERAS_ONLY["loss"] |= {"circle": KERAS_ONLY["loss"]["Circle"]}
KERAS_ONLY["regularizer"]["orthogonal_regularizer"] = KERAS_ONLY["regularizer"][
    "OrthogonalRegularizer"
]
KERAS_ONLY["initializer"] |= dict.fromkeys(
    ("stft", "STFTInitializer"), KERAS_ONLY["initializer"]["STFT"]
)


_OLD_NAMES = {"IdentityInitializer": "identity", "OrthogonalInitializer": "orthogonal"}


def part_named(name: str, named: Mapping[str, Any]) -> Any:
    """Return what creates the part of a short name, as Keras's `initializers.he_normal` does."""
    part = named.get(_OLD_NAMES.get(name, name))
    if part is None:
        raise AttributeError(name)
    return type(part) if part == type(part)() else partial(replace, part)


def is_without_effect(kind: str, name: str, value: object) -> bool:
    """True if this argument of Keras's changes nothing with this value."""
    neutral = WITHOUT_EFFECT.get(kind, {})
    return name in neutral and type(value) is type(neutral[name]) and value == neutral[name]
