"""`UnitNormalization`: scales vectors to length 1."""

from dataclasses import dataclass
from typing import ClassVar

from glassnet.core.registry import register
from glassnet.core.trees import Array, Tree
from glassnet.layers.axes import checked_axes
from glassnet.layers.base import Layer, Shape, weightless
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.ops import Pullback
from glassnet.ops.normalization import unit_normalization


@register("layer")
@dataclass(frozen=True)
class UnitNormalization(Layer):
    """y = x / ‖x‖, ‖x‖ the Euclidean norm along `axis`."""

    axis: int | tuple[int, ...] = -1

    keeps_steps: ClassVar[bool] = True
    any_scale: ClassVar[bool] = True

    def output_shape(self, shape: Shape) -> Shape:
        checked_axes(self.axis, shape, "UnitNormalization")
        return shape

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        y, back = unit_normalization(x, checked_axes(self.axis, x.shape[1:]))
        return y, weightless(back)
