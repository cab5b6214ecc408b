"""Checks that network, loss, metrics and batches fit together; nothing is computed."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from glassnet.core.arrays import as_tuple
from glassnet.core.plurals import are, counted
from glassnet.core.trees import items
from glassnet.doctor.findings import Finding, warning
from glassnet.doctor.subject import Subject
from glassnet.layers import BatchNormalization, Layer
from glassnet.layers.masks import makes_mask, output_masked
from glassnet.layers.shapes import one_or_tuple
from glassnet.losses import Crossentropy
from glassnet.training.output_activation import last_activation


def crossentropy(subject: Subject) -> Iterator[Finding]:
    """Report a categorical cross-entropy of one output: it is 0, whatever the weights.

    Warn about sigmoids under a categorical loss, where nothing pushes wrong classes towards 0, and
    about a softmax under a binary loss, which treats each output separately.
    """
    loss, network = subject.loss, subject.network
    if not isinstance(loss, Crossentropy):
        return
    name, last = type(loss).__name__, last_activation(network)
    layer = f"layer {network.parts[-1][0]}" if network.parts else "the network"
    categorical = loss.fused_activation == "softmax"
    if categorical and subject.outputs[-1:] == (1,):
        yield Finding(
            "error",
            "compares classes, but the network has 1 output.",
            name,
            'Use "binary_crossentropy", or give the last layer one unit per class.',
        )
    if categorical and last == "sigmoid":
        yield warning(
            f"expects probabilities that sum to 1, but {layer} ends in sigmoid: nothing pushes the "
            "outputs of wrong classes towards 0.",
            name,
            'Use activation="softmax" in the last layer, or "binary_crossentropy".',
        )
    if not categorical and last == "softmax":
        yield warning(
            f"treats each output separately, but {layer} ends in softmax, whose outputs sum to 1.",
            name,
            'Use "categorical_crossentropy", or activation="sigmoid" in the last layer.',
        )


def dataset_metrics(subject: Subject) -> Iterator[Finding]:
    """Warn about metrics of a whole data set, such as F1, without a validation set."""
    names = [
        name for criterion in subject.objective.criterion.parts for name in criterion.per_dataset
    ]
    if names and subject.held_out is None:
        yield warning(
            f"{', '.join(names)}: needs a whole data set, not batches; fit computes it on "
            "validation examples only, and there are none.",
            "metrics",
            "Use a validation set (validation_split=0.1), or call evaluate(x, y) after training.",
        )


def softmax_inside(subject: Subject) -> Iterator[Finding]:
    """Warn about a softmax between layers, which passes almost no gradient."""
    layers = list(subject.network.walk())
    last = max((i for i, (_, layer) in enumerate(layers) if layer.learns), default=0)
    for path, layer in layers[:last]:
        softmax = not layer.parts and getattr(layer, "activation", None) == "softmax"
        if softmax and not subject.is_frozen(path):
            yield warning(
                "has a softmax in the middle of the network, which passes almost no gradient.",
                f"layer {path}",
                'Use "relu" between layers, and softmax only in the last layer.',
            )


def lost_masks(subject: Subject) -> Iterator[Finding]:
    """Warn about layers that neither use a padding mask nor pass it on, as Keras does."""
    losing: list[tuple[str, Layer]] = []

    def visit(path: str, layer: Layer, sources: Any) -> Any:
        masked = as_tuple(sources)
        after = output_masked(layer, masked)
        if any(masked) and not (after or layer.keeps_steps or layer.ends_mask):
            losing.append((path, layer))
        return one_or_tuple([after, *[False] * (layer.output_count - 1)])

    if makes_mask(subject.network):
        subject.network.trace(one_or_tuple([False] * subject.network.inputs), visit)
    for path, layer in losing:
        yield warning(
            f"{type(layer).__name__} gets a padding mask, but neither uses it nor passes it on: "
            "from here on, padding counts like data.",
            f"layer {path}",
            "Put a layer that uses the mask before it (a recurrent one, attention, "
            "GlobalAveragePooling1D), or leave out mask_zero or Masking.",
        )


def batches(subject: Subject) -> Iterator[Finding]:
    """Warn about normalized batches of one example, and batches larger than the data."""
    rows, size = len(subject.train), subject.plan.batch_size
    layers = subject.network.walk()
    normalizations = [
        path
        for path, layer in layers
        if isinstance(layer, BatchNormalization) and not subject.is_frozen(path)
    ]
    if normalizations and 1 in (size, rows % size):
        yield warning(
            f"gets batches of 1: {counted(rows, 'example')} in batches of {size}. The "
            "variance of one example is 0.",
            f"layer {normalizations[0]}",
            f"Use a batch size of {size + 1}, or one example fewer.",
        )
    if size > rows:
        yield warning(
            f"batches of {size} are larger than the {counted(rows, 'training example')}: an epoch "
            "is one step.",
            "batch_size",
            f"Use a batch size of {max(1, rows // 10)}.",
        )


def broken_weights(subject: Subject) -> Iterator[Finding]:
    """Report non-finite weights, from a training that diverged."""
    for path, weight in items(subject.params):
        non_finite = ~np.isfinite(weight)
        if non_finite.any():
            yield Finding(
                "error",
                f"{non_finite.sum():,} of {counted(weight.size, 'value')} {are(non_finite.sum())} "
                "non-finite (NaN or infinite).",
                f"weight {path}",
                "Load an earlier checkpoint, or build a new model.",
            )
            return


def equal_units(subject: Subject) -> Iterator[Finding]:
    """Warn about units with equal weights: they get equal gradients and stay equal.

    An adapter in a trained network begins at 0 on purpose; the units after it differ.
    """
    if subject.fine_tuned:
        return
    kernels = [(p, w) for p, w in items(subject.params) if p.endswith("kernel") and w.ndim > 1]
    for path, weight in kernels[:-1]:  # a last layer of zeros can learn
        equal = weight.size > 1 and (weight == weight.flat[0]).all()
        if equal and path in subject.objective.trained:
            yield warning(
                f"is {weight.flat[0]:g} everywhere: all units compute and learn the same.",
                f"weight {path}",
                'Start with random weights: kernel_initializer="glorot_uniform".',
            )
