"""`Lambda`: a layer of a function, its own or a registered one."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import numpy as np

from glassnet.core.arrays import map_arrays
from glassnet.core.errors import GlassnetError
from glassnet.core.functions import Function, is_function, name_of
from glassnet.core.registry import register
from glassnet.core.trees import Array, Tree
from glassnet.layers.base import Layer, Shape, is_multi_input, weightless
from glassnet.layers.call import INFERENCE, CallContext
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
        shapes = shape if is_multi_input(shape) else (shape,)
        batches: Any = tuple(np.ones((2, *axes), "float32") for axes in shapes)
        with np.errstate(all="ignore"):
            y, _ = op_of(self.function)(batches if is_multi_input(shape) else batches[0])
        if np.shape(y)[:1] != (2,):
            raise GlassnetError(
                f"must return a value for each example, but returns shape {np.shape(y)} for 2.",
                where=f"Lambda: {name_of(self.function)}",
                fix="The first axis is that of the examples: .mean(axis=-1), not .mean().",
            )
        return tuple(np.shape(y)[1:])

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        y, back = op_of(self.function)(x)
        if not context.wrt_x:
            return y, weightless(lambda dy: map_arrays(lambda _: None, x))
        return y, weightless(back)
