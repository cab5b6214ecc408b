"""What Keras on JAX and PyTorch does to tiny probabilities: it clips them at 1e-7.

It computes cross-entropies from the probabilities themselves (on TensorFlow, from the logits before
them). Where the true class has a probability below 1e-7, its loss stays at 16.118 and its gradient
is 0, while the exact loss goes on growing: 20 at p = 2e-9. glassnet's engines compute it exactly.
"""

import logging

import numpy as np

from glassnet.core.arrays import Array, map_arrays
from glassnet.losses import Crossentropy, Loss
from glassnet.model.model import Model
from glassnet.training.examples import Examples
from glassnet.training.output_specs import OutputSpec

log = logging.getLogger(__name__)

LEAST = 1e-7
CLIPS = (
    "Keras clips probabilities of the true class below 1e-7: their loss stays at 16.118 and they "
    "have no gradient, where the exact loss goes on growing"
)
_ROWS = 2048  # of the training data, in which such probabilities are looked for


def clips(loss: Loss | None, backend: str) -> bool:
    """True if Keras on this backend clips probabilities in this loss."""
    exact = not isinstance(loss, Crossentropy) or loss.from_logits
    return backend in ("jax", "torch") and not exact


def warn_of_clipping(model: Model, data: Examples, backend: str) -> None:
    """Warn if the trained model gives the true class of an example a probability below 1e-7."""
    spec = model.compiled.outputs
    if not (isinstance(spec, OutputSpec) and clips(spec.loss, backend)):
        return
    x, targets = (map_arrays(lambda a: a[:_ROWS], values) for values in (data.x, data.targets))
    probabilities = model.predict(list(x) if isinstance(x, tuple) else x)
    count = int((of_truth(spec.loss, probabilities, targets) < LEAST).sum())
    if count:
        log.warning(
            "note: keras:%s: %s. At the end of training, %d of the first %d examples have such "
            'probabilities. from_logits=True, keras:tensorflow, "numpy" and "jax" are exact.',
            backend, CLIPS, count, len(data.targets[:_ROWS]),
        )  # fmt: skip


def of_truth(loss: Loss, probabilities: Array, targets: Array) -> Array:
    """Return the probability of each example's true class, the smallest of its labels."""
    if isinstance(loss, Crossentropy) and loss.fused_activation == "sigmoid":
        targets = np.asarray(targets).reshape(probabilities.shape)
        truth = np.where(targets > 0.5, probabilities, 1 - probabilities.astype(np.float64))
    elif loss.labels:
        labels = np.asarray(targets, np.int64).reshape(*probabilities.shape[:-1], 1)
        truth = np.take_along_axis(probabilities, labels, axis=-1)
    else:
        truth = np.where(targets > 0, probabilities, 1)
    return truth.reshape(len(truth), -1).min(axis=1)
