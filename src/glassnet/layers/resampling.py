"""`UpSampling2D`: enlarges images without weights."""

from dataclasses import dataclass
from typing import Any, ClassVar

from glassnet.core.errors import unknown
from glassnet.core.registry import register
from glassnet.core.trees import Array, Tree
from glassnet.layers.base import Layer, Shape, weightless
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.layers.windows import lengths_of, whole_numbers
from glassnet.ops import Pullback
from glassnet.ops.resampling import interpolate_places, repeat_places

_OPS = {"nearest": repeat_places, "bilinear": interpolate_places}


@register("layer")
@dataclass(frozen=True)
class UpSampling2D(Layer):
    """x (N, H, W, C) -> y (N, size₁ H, size₂ W, C), each pixel repeated or interpolated."""

    size: int | tuple[int, int] = 2
    interpolation: str = "nearest"

    keeps_probabilities: ClassVar[bool] = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", whole_numbers(self.size, 2, "UpSampling2D: size"))
        if self.interpolation not in _OPS:
            raise unknown("interpolation", self.interpolation, _OPS, where="UpSampling2D")

    def output_shape(self, shape: Shape) -> Shape:
        height, width = lengths_of(shape, 2, "UpSampling2D")
        layer: Any = self
        return (height * layer.size[0], width * layer.size[1], shape[-1])

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        layer: Any = self
        y, back = _OPS[self.interpolation](x, layer.size)
        return y, weightless(back)
