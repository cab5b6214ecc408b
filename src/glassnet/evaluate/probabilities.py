"""The scores of a classifier, its class probabilities, and its temperature."""

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError
from glassnet.evaluate.calibration import MAX_TEMPERATURE, calibrated, log_of, temperature
from glassnet.losses import Crossentropy
from glassnet.model.model import Model
from glassnet.ops.activations import ACTIVATIONS
from glassnet.training.evaluate import block_size, outputs_of
from glassnet.training.output_activation import source_activation


def names_of(model: Model) -> tuple[str, ...]:
    """The class names of a model, or the class numbers as text."""
    return model.class_names or tuple(map(str, range(model.output_shape[-1])))


def scores_of(model: Model, x: Array) -> Array:
    """The input of the loss, (N, C): logits, unless the loss takes probabilities."""
    network = model.objective().network
    size = block_size(network, model.params, x, model.dtype)
    return np.concatenate(list(outputs_of(network, model.params, x, model.dtype, size)))


def mean_loss(model: Model, scores: Array, x: Array, y: Array) -> float:
    """The mean loss of these scores of x plus the weight penalties, as in training."""
    objective, targets = model.objective(), model.examples(x, y).y
    loss = objective.criterion.parts[0].loss.forward(scores, targets, None, None)[0]
    return float(loss) + float(objective.penalty(model.params)[0])


def scores_are(model: Model) -> str | None:
    """Return "logits" or "probabilities" for the kind of the scores, None if they are neither."""
    loss = model.objective().criterion.parts[0].loss
    if isinstance(loss, Crossentropy) and loss.from_logits and loss.fused_activation == "softmax":
        return "logits"
    return "probabilities" if source_activation(model.network) == "softmax" else None


def probabilities_of(model: Model, scores: Array, where: str) -> Array:
    """The class probabilities, (N, C). Raises GlassnetError if the scores are not convertible."""
    if (kind := scores_are(model)) is None:
        raise GlassnetError("does not output class probabilities.", where=where)
    return activated(model, scores) if kind == "logits" else scores


def activated(model: Model, scores: Array) -> Array:
    """Return the outputs of which these are the scores: logits pass the loss's activation."""
    loss = model.objective().criterion.parts[0].loss
    if isinstance(loss, Crossentropy) and loss.from_logits:
        return np.asarray(ACTIVATIONS[loss.fused_activation](scores)[0])
    return scores


def fitted_temperature(model: Model, scores: Array, labels: Array) -> float | None:
    """The best temperature for validation examples; None for a network without probabilities."""
    if (kind := scores_are(model)) is None:
        return None
    return temperature(labels, scores if kind == "logits" else log_of(scores))


def temperature_of(model: Model, where: str) -> float | None:
    """The temperature stored in a model file, or None. Raises GlassnetError if it is invalid."""
    stored = model.about.get("temperature")
    if stored is None:
        return None
    low, high = 0.99 / MAX_TEMPERATURE, 1.01 * MAX_TEMPERATURE
    if not (isinstance(stored, float) and low < stored < high):
        what = f"its temperature is {stored!r:.80}, not a number from 1/100 to 100."
        raise GlassnetError(what, where=where)
    return stored


def answers(model: Model, x: Array, where: str) -> tuple[Array, bool]:
    """Return (the outputs that commands show, True if they are probabilities).

    They are those of `predict`, calibrated if the model has a temperature. If its loss takes
    logits, they are the probabilities of these logits.
    """
    outputs, t = model.predict(x), temperature_of(model, where)
    last, loss = source_activation(model.network), model.loss
    if last == "softmax":
        return (outputs if t is None else calibrated(outputs, t)), True
    if isinstance(loss, Crossentropy) and loss.from_logits:
        activation = ACTIVATIONS[loss.fused_activation]
        return np.asarray(activation(outputs.astype(np.float64) / (t or 1.0))[0]), True
    return outputs, last == "sigmoid"
