"""The fully connected layer."""

import math
from dataclasses import dataclass, field
from typing import ClassVar

from glassnet.core.arrays import whole_number
from glassnet.core.errors import GlassnetError
from glassnet.core.registry import register
from glassnet.core.trees import Array, Tree
from glassnet.layers.activation import ActivationLike, activation_op
from glassnet.layers.base import Shape
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.layers.constraints import ConstraintLike
from glassnet.layers.initializers import InitializerLike
from glassnet.layers.low_rank import LowRankLayer
from glassnet.layers.regularizers import RegularizerLike
from glassnet.layers.weights import check_weights, weight, with_bias
from glassnet.ops import Pullback
from glassnet.ops.linear import affine


@register("layer")
@dataclass(frozen=True)
class Dense(LowRankLayer):
    """y = activation(x @ kernel + bias).   x (..., n), kernel (n, units) -> y (..., units).

    With a `lora_rank`, the kernel is not trained, but lora_alpha / lora_rank · a @ b is, which is
    added to it: a (n, lora_rank), b (lora_rank, units).
    """

    units: int
    activation: ActivationLike = None
    use_bias: bool = True
    kernel_initializer: InitializerLike = "glorot_uniform"
    bias_initializer: InitializerLike = "zeros"
    kernel_regularizer: RegularizerLike = None
    kernel_constraint: ConstraintLike = None
    bias_constraint: ConstraintLike = None
    bias_regularizer: RegularizerLike = field(default=None, kw_only=True)

    learns: ClassVar[bool] = True
    keeps_steps: ClassVar[bool] = True
    applies_activation: ClassVar[bool] = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "units", whole_number(self.units, "Dense: units", 1))
        activation_op(self.activation, where="Dense")
        check_weights(self)
        super().__post_init__()

    def output_shape(self, shape: Shape) -> Shape:
        if not shape:
            raise GlassnetError(
                "expects examples with at least one axis, got single numbers.",
                where="Dense",
                fix="Reshape the data to (examples, 1).",
            )
        return (*shape[:-1], self.units)

    def weights(self, shape: Shape) -> Tree:
        kernel = weight(self, "kernel", (shape[-1], self.units))
        return self.with_adapters(with_bias(self, {"kernel": kernel}, (self.units,)))

    def largest_product(self, shape: Shape) -> int:
        return math.prod(shape) * self.units

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        z, back_affine = self.affine(affine, params, x, context.wrt_x, context.frozen)
        y, back_activation = activation_op(self.activation)(z)

        def pullback(dy: Array) -> tuple[Array | None, Tree]:
            return back_affine(back_activation(dy))

        return y, pullback
