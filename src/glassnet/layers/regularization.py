"""Layers that disturb training so that the network learns no accident by heart."""

from dataclasses import dataclass
from typing import ClassVar

from glassnet.configs import register
from glassnet.errors import GlassnetError
from glassnet.layers.base import INFERENCE, Call, Layer, weightless
from glassnet.ops import Pullback
from glassnet.ops.activations import linear
from glassnet.ops.dropout import dropout
from glassnet.trees import Array, Tree


@register("layer")
@dataclass(frozen=True)
class Dropout(Layer):
    """In training, each number is 0 with probability `rate`, else divided by 1 − rate."""

    rate: float

    keeps_steps: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not 0 <= self.rate < 1:
            raise GlassnetError(f"rate must be in [0, 1), got {self.rate}.", where="Dropout")

    def forward(self, params: Tree, x: Array, call: Call = INFERENCE) -> tuple[Array, Pullback]:
        if call.training and self.rate > 0:
            y, back = dropout(x, float(self.rate), call.key(x.__array_namespace__()))
        else:
            y, back = linear(x)
        return y, weightless(back)
