"""Losses as Keras names them: what training makes small, averaged over the batch."""

from dataclasses import dataclass
from typing import ClassVar

from glassnet.configs import register, resolve
from glassnet.ops import Pullback
from glassnet.ops import losses as ops
from glassnet.trees import Array


@dataclass(frozen=True)
class Loss:
    """The mean over the batch of one value for each example."""

    labels: ClassVar[bool] = False  # targets are class indices, one axis fewer than the outputs

    def each(self, outputs: Array, targets: Array) -> tuple[Array, Pullback]:
        """The op: a value for each example, and its pullback to the outputs."""
        raise NotImplementedError

    def __call__(self, outputs: Array, targets: Array) -> tuple[Array, Pullback]:
        """The mean, and its pullback to the outputs."""
        each, back_each = self.each(outputs, targets)
        xp = each.__array_namespace__()

        def pullback(dloss: Array | float) -> Array:
            return back_each(xp.full(each.shape, dloss / each.size, dtype=each.dtype))

        return each.sum() / each.size, pullback


@dataclass(frozen=True)
class Crossentropy(Loss):
    """A loss of probabilities, or of the logits that a last layer would make them from.

    `joins` names that last activation: together they are one stable op.
    """

    from_logits: bool = False

    joins: ClassVar[str] = "softmax"


@register("loss", "categorical_crossentropy")
@dataclass(frozen=True)
class CategoricalCrossentropy(Crossentropy):
    """−Σᵢ tᵢ log pᵢ, targets one-hot."""

    def each(self, outputs: Array, targets: Array) -> tuple[Array, Pullback]:
        op = ops.softmax_crossentropy if self.from_logits else ops.categorical_crossentropy
        return op(outputs, targets)


@register("loss", "sparse_categorical_crossentropy")
@dataclass(frozen=True)
class SparseCategoricalCrossentropy(CategoricalCrossentropy):
    """−log p of the right class, targets the index of that class."""

    labels: ClassVar[bool] = True

    def each(self, outputs: Array, targets: Array) -> tuple[Array, Pullback]:
        return super().each(outputs, ops.one_hot(targets, outputs))


@register("loss", "binary_crossentropy")
@dataclass(frozen=True)
class BinaryCrossentropy(Crossentropy):
    """−t log p − (1 − t) log(1 − p), each output a yes-or-no of its own."""

    joins: ClassVar[str] = "sigmoid"

    def each(self, outputs: Array, targets: Array) -> tuple[Array, Pullback]:
        op = ops.sigmoid_crossentropy if self.from_logits else ops.binary_crossentropy
        return op(outputs, targets)


@register("loss", "mean_squared_error", "mse")
@dataclass(frozen=True)
class MeanSquaredError(Loss):
    """The mean over the outputs of (y − t)²."""

    def each(self, outputs: Array, targets: Array) -> tuple[Array, Pullback]:
        return ops.mean_squared_error(outputs, targets)


@register("loss", "mean_absolute_error", "mae")
@dataclass(frozen=True)
class MeanAbsoluteError(Loss):
    """The mean over the outputs of |y − t|."""

    def each(self, outputs: Array, targets: Array) -> tuple[Array, Pullback]:
        return ops.mean_absolute_error(outputs, targets)


@register("loss", "squared_error")
@dataclass(frozen=True)
class SquaredError(Loss):
    """½ Σ (y − t)² over the outputs: the textbooks' cost, C/2 times the mean squared error."""

    def each(self, outputs: Array, targets: Array) -> tuple[Array, Pullback]:
        return ops.squared_error(outputs, targets)


def get(value: "str | Loss") -> Loss:
    """The loss that a name or a loss means."""
    loss: Loss = resolve("loss", value, where="loss")
    return loss
