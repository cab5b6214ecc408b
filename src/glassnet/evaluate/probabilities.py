"""What a classifier's outputs mean: its scores, their probabilities, and how sure to take them."""

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.core.trees import Array
from glassnet.evaluate.calibration import HOTTEST, calibrated, log_of, temperature
from glassnet.losses import Crossentropy
from glassnet.model.model import Model
from glassnet.ops.activations import softmax
from glassnet.training.evaluate import block_size, outputs_of
from glassnet.training.output_activation import source_activation


def names_of(model: Model) -> tuple[str, ...]:
    """The names of a model's classes, or their numbers."""
    return model.class_names or tuple(map(str, range(model.output_shape[-1])))


def scores_of(model: Model, x: Array) -> Array:
    """What the loss is computed from, (N, C): logits, unless the loss takes probabilities."""
    network = model.objective().network
    size = block_size(network, model.params, x, model.dtype)
    return np.concatenate(list(outputs_of(network, model.params, x, model.dtype, size)))


def scores_are(model: Model) -> str | None:
    """What scores are, "logits" or "probabilities" that sum to 1; None: neither."""
    loss = model.objective().criterion.parts[0].loss
    if isinstance(loss, Crossentropy) and loss.from_logits and loss.fused_activation == "softmax":
        return "logits"
    return "probabilities" if source_activation(model.network) == "softmax" else None


def probabilities_of(model: Model, scores: Array, where: str) -> Array:
    """The probability of each class, (N, C). Raises if the scores say nothing of them."""
    if (kind := scores_are(model)) is None:
        what = "puts out numbers that are no probabilities of its classes."
        raise GlassnetError(what, where=where)
    return softmax(scores)[0] if kind == "logits" else scores


def fitted_temperature(model: Model, scores: Array, labels: Array) -> float | None:
    """The temperature that suits held-out examples; None of a network without probabilities."""
    if (kind := scores_are(model)) is None:
        return None
    return temperature(labels, scores if kind == "logits" else log_of(scores))


def temperature_of(model: Model, where: str) -> float | None:
    """The temperature in a model file, after a look that it is one; None without."""
    stored = model.about.get("temperature")
    if stored is None:
        return None
    if not isinstance(stored, float) or not 0.99 / HOTTEST < stored < 1.01 * HOTTEST:
        what = f"its temperature is {stored!r:.80}, not a number from 1/100 to 100."
        raise GlassnetError(what, where=where)
    return stored


def answers(model: Model, x: Array, where: str) -> Array:
    """What commands say of examples: `predict`, and of a model with a temperature, calibrated."""
    outputs, heat = model.predict(x), temperature_of(model, where)
    if heat is None:
        return outputs
    return (
        calibrated(outputs, heat)
        if source_activation(model.network) == "softmax"
        else softmax(outputs.astype(np.float64) / heat)[0]
    )
