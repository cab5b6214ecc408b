"""Losses, with the names of Keras: what training minimizes, averaged over the batch.

Each has a class and a function of its values for each example: `MeanSquaredError`, and
`losses.mean_squared_error(y_true, y_pred)`.
"""

from dataclasses import dataclass
from typing import Any

from glassnet.core.functions import Function
from glassnet.core.keras_namespaces import hint_at_missing
from glassnet.core.protocols import Array
from glassnet.core.registry import resolve
from glassnet.losses.base import Loss
from glassnet.losses.classification import (
    CategoricalGeneralizedCrossEntropy,
    CategoricalHinge,
    Dice,
    Hinge,
    KLDivergence,
    SquaredHinge,
    Tversky,
)
from glassnet.losses.crossentropies import (
    BinaryCrossentropy,
    BinaryFocalCrossentropy,
    CategoricalCrossentropy,
    CategoricalFocalCrossentropy,
    SparseCategoricalCrossentropy,
    SparseCategoricalFocalCrossentropy,
)
from glassnet.losses.crossentropies import (
    Crossentropy as Crossentropy,
)
from glassnet.losses.ctc import CTC
from glassnet.losses.regression import (
    CosineSimilarity,
    Huber,
    LogCosh,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    Poisson,
    SquaredError,
)

__all__ = [
    "CTC", "BinaryCrossentropy", "BinaryFocalCrossentropy", "CategoricalCrossentropy",
    "CategoricalFocalCrossentropy", "CategoricalGeneralizedCrossEntropy", "CategoricalHinge",
    "CosineSimilarity", "Dice", "Hinge", "Huber", "KLDivergence", "LogCosh", "Loss",
    "MeanAbsoluteError", "MeanAbsolutePercentageError", "MeanSquaredError",
    "MeanSquaredLogarithmicError", "Poisson", "SparseCategoricalCrossentropy",
    "SparseCategoricalFocalCrossentropy", "SquaredError", "SquaredHinge", "Tversky",
]  # fmt: skip


@dataclass(frozen=True)
class LossFunction:
    """The function of a loss: its value for each example, not their mean."""

    loss: type[Loss]

    def __call__(self, y_true: Any, y_pred: Any, *args: Any, **options: Any) -> Array:
        """Return one value for each example; the options are the loss's."""
        return self.loss(*args, **options, reduction="none")(y_true, y_pred)


binary_crossentropy = LossFunction(BinaryCrossentropy)
binary_focal_crossentropy = LossFunction(BinaryFocalCrossentropy)
categorical_crossentropy = LossFunction(CategoricalCrossentropy)
categorical_focal_crossentropy = LossFunction(CategoricalFocalCrossentropy)
categorical_generalized_cross_entropy = LossFunction(CategoricalGeneralizedCrossEntropy)
categorical_hinge = LossFunction(CategoricalHinge)
cosine_similarity = LossFunction(CosineSimilarity)
ctc = LossFunction(CTC)
dice = LossFunction(Dice)
hinge = LossFunction(Hinge)
huber = LossFunction(Huber)
kl_divergence = LossFunction(KLDivergence)
log_cosh = LossFunction(LogCosh)
mean_absolute_error = LossFunction(MeanAbsoluteError)
mean_absolute_percentage_error = LossFunction(MeanAbsolutePercentageError)
mean_squared_error = LossFunction(MeanSquaredError)
mean_squared_logarithmic_error = LossFunction(MeanSquaredLogarithmicError)
poisson = LossFunction(Poisson)
sparse_categorical_crossentropy = LossFunction(SparseCategoricalCrossentropy)
squared_hinge = LossFunction(SquaredHinge)
tversky = LossFunction(Tversky)


def get(value: "str | type[Loss] | LossFunction | Loss | Function") -> Loss:
    """Return the loss for a name, class or function; a loss is returned unchanged."""
    return resolve("loss", value.loss if isinstance(value, LossFunction) else value)


hint_at_missing(__name__)
