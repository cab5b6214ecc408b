"""The arrays that plots are drawn from, computed from a run's model and data."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from glassnet.core.arrays import Array, length, take
from glassnet.core.tables import shortened
from glassnet.core.trees import items
from glassnet.data import Texts
from glassnet.explain.hidden import hidden
from glassnet.layers import Activation, CallContext, Layer
from glassnet.layers.convolution import Convolving
from glassnet.layers.shapes import is_multi_input
from glassnet.model.model import Model
from glassnet.plots.curves import History
from glassnet.plots.images import upright
from glassnet.runs.command import as_typed
from glassnet.runs.outputs import RunOutputs
from glassnet.runs.run import settings_of
from glassnet.training.evaluate import blocks_of

EXAMPLES = 256  # examples whose activations and gradients are plotted
POINTS = 2000  # examples in an embedding: the time of t-SNE grows faster than their number


def pictures(outputs: RunOutputs, rows: Any = slice(None)) -> Array:
    """Test examples as they are drawn: pictures as they are, clips as upright spectrograms."""
    x: Array = take(outputs.test.x, rows)
    return upright(x) if outputs.data.kind == "audio" else x


def first_kernel(model: Model) -> Any:
    """The first kernel if it has one row per pixel or is a convolution kernel; None otherwise."""
    kernel = next((leaf for path, leaf in items(model.params) if path.endswith("kernel")), None)
    if is_multi_input(model.input_shape):
        return None
    if kernel is None or kernel.ndim == 4:
        return kernel
    return kernel if len(kernel) == math.prod(model.input_shape) and kernel.ndim == 2 else None


def feature_maps(model: Model, x: Any) -> dict[str, Array]:
    """The output (height, width, channels) of each convolution for one example.   x (1, ...)"""
    return {
        path: output[0]
        for path, layer, output in _layer_outputs(model, x)
        if isinstance(layer, Convolving) and output.ndim == 4
    }


def activations(outputs: RunOutputs) -> dict[str, Array]:
    """The outputs of each layer with weights and each activation layer on some test examples."""
    layers = _layer_outputs(outputs.model, take(outputs.training_data.test.x, slice(EXAMPLES)))
    return {p: out for p, layer, out in layers if layer.learns or isinstance(layer, Activation)}


def gradients(outputs: RunOutputs) -> dict[str, Array]:
    """The gradients of the loss with respect to each layer's weights, on some training examples."""
    model, objective = outputs.model, outputs.model.objective()
    train = outputs.training_data.train
    examples = model.examples(take(train.x, slice(EXAMPLES)), train.y[:EXAMPLES])
    x = next(blocks_of(examples.x, model.dtype, EXAMPLES))
    tree = objective.value_and_gradients(model.params, x, examples.y, CallContext())[2]
    by_layer: dict[str, list[Array]] = {}
    arrays = dict(items(tree))  # in the order of the pullbacks: the last layer first
    for path in (path for path, _ in items(model.params) if path in arrays):
        by_layer.setdefault(path.rpartition("/")[0] or path, []).append(np.ravel(arrays[path]))
    return {layer: np.concatenate(parts) for layer, parts in by_layer.items()}


def hidden_features(outputs: RunOutputs) -> tuple[Array, Array]:
    """Return (last hidden layer, labels) of test examples at even intervals.   (N, units), (N,)"""
    model, test = outputs.model, outputs.test
    rows = np.linspace(0, len(test) - 1, min(len(test), POINTS)).astype(int)
    return hidden(model.network, model.params, take(test.x, rows), model.dtype), test.labels[rows]


def correct_and_wrong_rows(outputs: RunOutputs, count: int) -> Array:
    """The first test rows, half of them misclassified if there are enough of both."""
    correct = outputs.scores().argmax(axis=1) == outputs.test.labels
    wrong_rows = np.flatnonzero(~correct)[: count // 2]
    correct_rows = np.flatnonzero(correct)[: count - len(wrong_rows)]
    return np.sort(np.concatenate([correct_rows, wrong_rows]))


def example_titles(outputs: RunOutputs, rows: Array) -> list[str]:
    """The titles of test examples in a plot: the file or the row and, for texts, the beginning."""
    if not isinstance(outputs.data, Texts):
        return [shortened(outputs.data.test_name(row), 41) for row in rows]
    return [f"{row}: {shortened(outputs.test.texts[row], 41)}" for row in rows]


def group_by_settings(runs: Sequence[RunOutputs]) -> dict[str, list[History]]:
    """Group histories by all settings but the seed; groups are named after what differs."""
    settings = [vars(settings_of(outputs.run)) | {"seed": None} for outputs in runs]
    differing = [k for k in settings[0] if any(other[k] != settings[0][k] for other in settings)]
    groups: dict[str, list[History]] = {}
    for outputs, values in zip(runs, settings, strict=True):
        name = ", ".join(f"{key} {as_typed(values[key])}" for key in differing) or "runs"
        groups.setdefault(name, []).append(outputs.run.history())
    return groups


def _layer_outputs(model: Model, x: Any) -> Iterator[tuple[str, Layer, Array]]:
    """Yield (path, layer, output) for examples x, for each layer that contains no other layers."""
    record: dict[str, Array] = {}
    call = CallContext(record=record)
    model.network.forward(model.params, next(blocks_of(x, model.dtype, length(x))), call)
    for path, output in record.items():
        if not any(other.startswith(f"{path}/") for other in record):
            yield path, model.network.at(path), output
