"""Network, loss and batches: do they go together, before any number is computed?"""

from collections.abc import Iterator

import numpy as np

from glassnet.core.trees import items
from glassnet.doctor.findings import Finding, warning
from glassnet.doctor.subject import Subject
from glassnet.layers import BatchNormalization, Layer
from glassnet.losses import (
    BinaryCrossentropy,
    BinaryFocalCrossentropy,
    CategoricalCrossentropy,
    CategoricalFocalCrossentropy,
)
from glassnet.training.output_activation import last_activation

_EXCLUSIVE = CategoricalCrossentropy | CategoricalFocalCrossentropy
_EACH = BinaryCrossentropy | BinaryFocalCrossentropy


def last_name(network: Layer) -> str:
    """What the last layer is called."""
    return f"layer {network.parts[-1][0]}" if network.parts else "the network"


def one_class_only(subject: Subject) -> Iterator[Finding]:
    """A categorical cross-entropy of one output is 0, whatever the weights."""
    if isinstance(subject.loss, _EXCLUSIVE) and subject.outputs[-1:] == (1,):
        yield Finding(
            "error",
            "compares classes, but the network has 1 output.",
            type(subject.loss).__name__,
            'Use "binary_crossentropy", or give the last layer a unit for each class.',
        )


def sigmoid_of_classes(subject: Subject) -> Iterator[Finding]:
    """Sigmoids under a categorical loss: nothing makes the wrong classes' outputs small."""
    if isinstance(subject.loss, _EXCLUSIVE) and last_activation(subject.network) == "sigmoid":
        yield warning(
            f"expects probabilities that sum to 1, but {last_name(subject.network)} ends in "
            "sigmoid: nothing makes the outputs of wrong classes small.",
            type(subject.loss).__name__,
            'End in activation="softmax", or use "binary_crossentropy".',
        )


def softmax_of_each(subject: Subject) -> Iterator[Finding]:
    """A softmax under a loss that takes each output as a yes or no of its own."""
    if isinstance(subject.loss, _EACH) and last_activation(subject.network) == "softmax":
        yield warning(
            f"takes each output by itself, but {last_name(subject.network)} ends in softmax, "
            "whose outputs sum to 1.",
            type(subject.loss).__name__,
            'Use "categorical_crossentropy", or end in activation="sigmoid".',
        )


def whole_metrics(subject: Subject) -> Iterator[Finding]:
    """F1 and the like, asked for where `fit` never sees a whole data set."""
    names = [
        name for criterion in subject.objective.criterion.parts for name in criterion.per_dataset
    ]
    if names and subject.held_out is None:
        yield warning(
            f"{', '.join(names)}: of a whole data set, not of batches; fit computes it for "
            "held-out examples only, and there are none.",
            "metrics",
            "Hold some out (validation_split=0.1), or ask evaluate(x, y) after training.",
        )


def softmax_inside(subject: Subject) -> Iterator[Finding]:
    """A softmax between layers lets next to no gradient through."""
    last = max(
        (i for i, (_, layer) in enumerate(subject.network.walk()) if layer.learns), default=0
    )
    for i, (path, layer) in enumerate(subject.network.walk()):
        if i < last and not layer.parts and getattr(layer, "activation", None) == "softmax":
            yield warning(
                "is a softmax in the middle of the network: little gets through it.",
                f"layer {path}",
                'Use "relu" between layers, and softmax only at the end.',
            )


def batches(subject: Subject) -> Iterator[Finding]:
    """A batch of one has no variance; batches larger than the data are one step an epoch."""
    rows, size = len(subject.train), subject.plan.batch_size
    normalizes = next(
        (p for p, a in subject.network.walk() if isinstance(a, BatchNormalization)), ""
    )
    if normalizes and 1 in (size, rows % size):
        yield warning(
            f"gets batches of 1: {rows:,} examples in batches of {size}. One example's variance "
            "is 0.",
            f"layer {normalizes}",
            f"Take batches of {size + 1}, or one example fewer.",
        )
    if size > rows:
        yield warning(
            f"batches of {size} are larger than the {rows} training examples: an epoch is one "
            "step.",
            "batch_size",
            f"Take batches of {max(1, rows // 10)}.",
        )


def broken_weights(subject: Subject) -> Iterator[Finding]:
    """Weights that are no numbers, from a training that had diverged."""
    for path, weight in items(subject.params):
        wrong = ~np.isfinite(weight)
        if wrong.any():
            yield Finding(
                "error",
                f"holds {wrong.sum():,} of {wrong.size:,} numbers that are NaN or infinite.",
                f"weight {path}",
                "Load an earlier checkpoint, or build the model anew.",
            )
            return


def equal_units(subject: Subject) -> Iterator[Finding]:
    """Units with the same weights get the same gradients, and stay the same."""
    kernels = [(p, w) for p, w in items(subject.params) if p.endswith("kernel") and w.ndim > 1]
    for path, weight in kernels[:-1]:  # a last layer of zeros learns
        if (
            weight.size > 1
            and (weight == weight.flat[0]).all()
            and path in subject.objective.trained
        ):
            yield warning(
                f"is {weight.flat[0]:g} everywhere: all units compute and learn the same.",
                f"weight {path}",
                'Begin with random weights: kernel_initializer="glorot_uniform".',
            )
