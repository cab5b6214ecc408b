"""The arrays that pictures are drawn from, gathered from a run's model and data."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.tables import shortened
from glassnet.core.trees import items
from glassnet.data import Texts
from glassnet.explain.hidden import hidden
from glassnet.layers import Activation, CallContext, Layer
from glassnet.layers.convolution import Convolving
from glassnet.model.model import Model
from glassnet.plots.curves import History
from glassnet.runs.outputs import RunOutputs
from glassnet.runs.run import settings_of
from glassnet.training.evaluate import blocks_of

SOME = 256  # examples whose activations and gradients are looked at
POINTS = 2000  # examples in an embedding: t-SNE's time grows faster than their number


def first_kernel(model: Model) -> Any:  # an array or None
    """The first layer's weights, if there is one for each pixel, or if it is a convolution."""
    kernel = next((leaf for path, leaf in items(model.params) if path.endswith("kernel")), None)
    if kernel is None or kernel.ndim == 4:
        return kernel
    return kernel if len(kernel) == math.prod(model.input_shape) and kernel.ndim == 2 else None


def maps(model: Model, x: Array) -> dict[str, Array]:
    """What each convolution makes of one example, (height, width, channels).   x (1, ...)"""
    return {
        path: output[0]
        for path, layer, output in _recorded(model, x)
        if isinstance(layer, Convolving) and output.ndim == 4
    }


def activations(outputs: RunOutputs) -> dict[str, Array]:
    """What each layer with weights, and each activation, makes of some test examples."""
    recorded = _recorded(outputs.model, outputs.test.x[:SOME])
    return {p: out for p, layer, out in recorded if layer.learns or isinstance(layer, Activation)}


def gradients(outputs: RunOutputs) -> dict[str, Array]:
    """The loss's gradients by each layer's weights, over some training examples."""
    model, objective = outputs.model, outputs.model.objective()
    train = outputs.training_data.train
    examples = model.examples(train.x[:SOME], train.y[:SOME])
    x = next(blocks_of(examples.x, model.dtype, SOME))
    tree = objective.value_and_gradients(model.params, x, examples.y, CallContext())[2]
    by_layer: dict[str, list[Array]] = {}
    known = dict(items(tree))  # in the order of the pullbacks: the last layer first
    for path in (path for path, _ in items(model.params) if path in known):
        by_layer.setdefault(path.rpartition("/")[0] or path, []).append(np.ravel(known[path]))
    return {layer: np.concatenate(parts) for layer, parts in by_layer.items()}


def hidden_features(outputs: RunOutputs) -> tuple[Array, Array]:
    """(what the last hidden layer makes of some test examples, their classes), evenly taken."""
    count = len(outputs.test.x)
    rows = np.linspace(0, count - 1, min(count, POINTS)).astype(int)
    features = hidden(
        outputs.model.network, outputs.model.params, outputs.test.x[rows], outputs.model.dtype
    )
    return features, outputs.test.labels[rows]


def right_and_wrong(outputs: RunOutputs, count: int) -> Array:
    """The first test rows that are judged rightly and wrongly, half and half if there are such."""
    right = outputs.scores().argmax(axis=1) == outputs.test.labels
    wrong_rows = np.flatnonzero(~right)[: count // 2]
    right_rows = np.flatnonzero(right)[: count - len(wrong_rows)]
    return np.sort(np.concatenate([right_rows, wrong_rows]))


def subjects(outputs: RunOutputs, rows: Array) -> list[str]:
    """What stands over these test examples: their row, and of texts their beginning."""
    if not isinstance(outputs.data, Texts):
        return [f"test row {row}" for row in rows]
    return [f"{row}: {shortened(outputs.test.texts[row], 41)}" for row in rows]


def by_settings(runs: Sequence[RunOutputs]) -> dict[str, list[History]]:
    """The runs' epochs in groups that differ in their seeds alone, named for what else differs."""
    settings = [vars(settings_of(said.run)) | {"seed": None} for said in runs]
    differing = [k for k in settings[0] if any(one[k] != settings[0][k] for one in settings)]
    groups: dict[str, list[History]] = {}
    for said, one in zip(runs, settings, strict=True):
        name = ", ".join(f"{key} {_said(one[key])}" for key in differing) or "runs"
        groups.setdefault(name, []).append(said.run.history())
    return groups


def _said(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _recorded(model: Model, x: Array) -> Iterator[tuple[str, Layer, Array]]:
    """(path, layer, output) of all layers that hold no other recorded ones, for examples x."""
    record: dict[str, Array] = {}
    call = CallContext(record=record)
    model.network.forward(model.params, next(blocks_of(x, model.dtype, len(x))), call)
    for path, output in record.items():
        if not any(other.startswith(f"{path}/") for other in record):
            yield path, model.network.at(path), output
