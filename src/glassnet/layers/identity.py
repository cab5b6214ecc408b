"""Layers that return their input: `Identity`, and `ActivityRegularization`, which penalizes it."""

from dataclasses import dataclass
from typing import ClassVar

from glassnet.core.registry import register
from glassnet.core.trees import Array, Tree
from glassnet.layers.base import Layer, weightless
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.layers.regularizers import L1L2, Regularizer
from glassnet.ops import Pullback
from glassnet.ops.activations import linear


@register("layer")
@dataclass(frozen=True)
class Identity(Layer):
    """y = x."""

    keeps_steps: ClassVar[bool] = True
    rearranges: ClassVar[bool] = True
    keeps_probabilities: ClassVar[bool] = True

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        y, back = linear(x)
        return y, weightless(back)


@register("layer")
@dataclass(frozen=True)
class ActivityRegularization(Identity):
    """y = x; in training, the mean over the batch of l1 · Σ|x| + l2 · Σx² is added to the loss."""

    l1: float = 0.0
    l2: float = 0.0

    def __post_init__(self) -> None:
        L1L2(self.l1, self.l2)  # raises

    @property
    def activity_penalty(self) -> Regularizer | None:
        return L1L2(self.l1, self.l2)
