"""Losses and metrics of plain functions; `register`, which knows all names from these imports."""

from dataclasses import dataclass
from typing import Annotated

from glassnet import data as data
from glassnet import layers as layers
from glassnet import networks as networks
from glassnet import optimizers as optimizers
from glassnet.core.errors import GlassnetError
from glassnet.core.functions import Function, name_of, targets_first, wrapper
from glassnet.core.protocols import Array
from glassnet.core.registry import register as register
from glassnet.losses import Loss
from glassnet.metrics import Metric, OutputKind
from glassnet.ops import ArrayPullback
from glassnet.ops.derivatives import op_of, value_of


@wrapper("loss")
@dataclass(frozen=True)
class OwnLoss(Loss):
    """A function of (y_true, y_pred), as in Keras, or of (outputs, targets).

    It returns a number for each example (or step, or one for the batch), or these and the pullback
    to the outputs; without a pullback, JAX differentiates it.
    """

    function: Annotated[Function, "loss"]

    def __post_init__(self) -> None:
        super().__post_init__()
        targets_first(self.function)

    def each(self, outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
        losses, back = op_of(self.function, targets_first(self.function))(outputs, targets)
        if losses.ndim and len(losses) != len(outputs):
            raise GlassnetError(
                f"returns an array of shape {losses.shape} for {len(outputs)} examples.",
                where=f"loss {name_of(self.function)}",
                fix="Return one number for each example: .mean(axis=-1).",
            )
        return losses, back


@wrapper("metric")
@dataclass(frozen=True)
class OwnMetric(Metric):
    """A function of (y_true, y_pred), as in Keras, or of (outputs, targets): a value per example.

    The outputs are those of the network, as in Keras: probabilities, unless it returns logits.
    """

    function: Annotated[Function, "metric"]
    name: str = ""

    def __post_init__(self) -> None:
        targets_first(self.function)
        object.__setattr__(self, "name", self.name or name_of(self.function))

    def measure(self, outputs: Array, targets: Array, *, kind: OutputKind) -> Array:
        outputs = kind.probabilities(outputs) if kind.fused else outputs
        pair = (targets, outputs) if targets_first(self.function) else (outputs, targets)
        values = value_of(self.function, outputs, *pair)
        if values.shape[:1] != outputs.shape[:1]:
            raise GlassnetError(
                f"returns an array of shape {values.shape} for {len(outputs)} examples, whose mean "
                "over batches would depend on their size.",
                where=f"metric {self.name}",
                fix="Return one number for each example: .mean(axis=-1). A number of a whole data "
                "set: a class Mine(metrics.DatasetMetric) with over(self, outputs, targets, "
                "weights=None, *, kind).",
            )
        return values
