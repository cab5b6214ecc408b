"""The weights of classes in the loss, as the settings say."""

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError, unknown
from glassnet.runs.settings import Settings


def class_weights(settings: Settings, y: Array) -> dict[int, float] | None:
    """Return the weight of each class; with "balanced", all classes have the same total weight.

    The weight of class c is N / (C · n_c), as in scikit-learn.
    """
    if settings.class_weight is None:
        return None
    if settings.class_weight != "balanced":
        raise unknown("weighting", settings.class_weight, ("balanced",), where="--class-weight")
    if y.ndim > 1:
        raise GlassnetError("needs one class per example.", where="--class-weight")
    counts = np.bincount(y)
    return {label: len(y) / (len(counts) * int(n)) for label, n in enumerate(counts) if n}
