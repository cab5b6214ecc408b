"""`Lambda`: a layer of a function, its own or a registered one."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from glassnet.core.arrays import map_arrays
from glassnet.core.errors import GlassnetError
from glassnet.core.functions import Function, is_function
from glassnet.core.registry import register
from glassnet.core.trees import Array, Tree
from glassnet.layers.base import Layer, Shape, weightless
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.layers.inferred_shape import inferred_shape
from glassnet.ops import Pullback
from glassnet.ops.derivatives import op_of


@register("layer")
@dataclass(frozen=True)
class Lambda(Layer):
    """y = function(x), of a batch x (N, ...) or, with multiple inputs, of a tuple of batches.

    The function returns y, or (y, pullback); without a pullback, JAX differentiates it. A function
    with @register("layer") can be saved, under its name. The output shape is that of its value.
    """

    function: Annotated[Function, "layer"]

    multi_input: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not is_function(self.function):
            raise GlassnetError(
                f"takes a function, got {self.function!r:.80}.",
                where="Lambda",
                fix="Write Lambda(lambda x: x * 2), or Lambda(function) to save it.",
            )

    def output_shape(self, shape: Shape) -> Shape:
        return inferred_shape(self, shape)

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        y, back = op_of(self.function)(x)
        if not context.wrt_x:
            return y, weightless(lambda dy: map_arrays(lambda _: None, x))
        return y, weightless(back)
