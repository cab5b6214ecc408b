"""`EinsumDense`: a dense layer along any axes, which an equation names."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from glassnet.core.arrays import whole_number
from glassnet.core.errors import GlassnetError
from glassnet.core.registry import register
from glassnet.core.trees import Array, Tree
from glassnet.layers.activation import ActivationLike, activation_op
from glassnet.layers.base import Shape
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.layers.constraints import ConstraintLike
from glassnet.layers.initializers import AsMatrix, InitializerLike, get
from glassnet.layers.low_rank import LowRankLayer
from glassnet.layers.regularizers import RegularizerLike
from glassnet.layers.weights import check_weights, weight
from glassnet.ops import Pullback
from glassnet.ops.contraction import contraction, spelled
from glassnet.ops.low_rank import low_rank_contraction

_FORM = re.compile(
    r"(?P<dots>\.\.\.)?(?P<x>[a-zA-Z]+)(?P<more>\.\.\.)?,(?P<kernel>[a-zA-Z]+)"
    r"->(?(dots)\.\.\.)(?P<y>[a-zA-Z]+)(?(more)\.\.\.)"
)


class _Plan(NamedTuple):
    """What the equation means for inputs of one shape."""

    kernel: Shape
    inputs: tuple[int, ...]  # the axes of the kernel that are summed over
    bias: Shape
    output: Shape  # of one example
    products: int  # multiplications for one example


@register("layer")
@dataclass(frozen=True)
class EinsumDense(LowRankLayer):
    """y = activation(einsum(equation, x, kernel) + bias).

    In "abc,cd->abd", a is the batch, and y a Dense along the last axis of x (N, b, c). Keras's
    `output_shape`, the second argument, has the lengths of y's axes after the batch, None where
    they are those of x; axes written as "..." are left out. The bias has those axes of y that
    `bias_axes` names. The kernel is drawn as a matrix from the axes it sums over to the others.
    With a `lora_rank`, it is not trained, but lora_alpha / lora_rank · a @ b is, which is added to
    it: a has its shape with lora_rank in place of the last size, b is (lora_rank, last size).
    """

    equation: str
    partial_output_shape: int | tuple[int | None, ...]
    activation: ActivationLike = None
    bias_axes: str | None = None
    kernel_initializer: InitializerLike = "glorot_uniform"
    bias_initializer: InitializerLike = "zeros"
    kernel_regularizer: RegularizerLike = None
    bias_regularizer: RegularizerLike = None
    kernel_constraint: ConstraintLike = None
    bias_constraint: ConstraintLike = None

    learns: ClassVar[bool] = True
    applies_activation: ClassVar[bool] = True
    keras_arguments: ClassVar[Mapping[str, str]] = {"output_shape": "partial_output_shape"}

    def __post_init__(self) -> None:
        equation = self.equation.replace(" ", "") if isinstance(self.equation, str) else ""
        form = _FORM.fullmatch(equation)
        if form is None:
            raise _refusal(
                f"equation {self.equation!r} is not of the form 'ab,bc->ac', '...b,bc->...c' or "
                "'ab...,bc->ac...'."
            )
        x, kernel, y = form["x"], form["kernel"], form["y"]
        if any(len(set(axes)) < len(axes) for axes in (x, kernel, y)):
            raise _refusal(f"an axis occurs twice in one part of {equation!r}.")
        if not form["dots"] and (x[0] != y[0] or x[0] in kernel):
            raise _refusal(
                f"the first axis of x and y in {equation!r} is the batch: name it alike."
            )
        if lost := set(y) - set(x + kernel):
            raise _refusal(
                f"axis {min(lost)!r} of y in {equation!r} is neither x's nor the kernel's."
            )
        if lost := set(kernel) - set(x + y):
            raise _refusal(
                f"axis {min(lost)!r} of the kernel in {equation!r} is neither x's nor y's."
            )
        if lost := set(self.bias_axes or "") - set(y if form["dots"] else y[1:]):
            raise _refusal(f"bias axis {min(lost)!r} is not an axis of y after the batch, {y!r}.")
        lengths = self.partial_output_shape
        axes = tuple(lengths) if isinstance(lengths, tuple | list) else (lengths,)
        sizes = (n if n is None else whole_number(n, "EinsumDense: output_shape", 1) for n in axes)
        if len(axes) != len(y) - (not form["dots"]):
            raise _refusal(f"output_shape is {axes}, but y in {equation!r} has other axes.")
        object.__setattr__(self, "equation", equation)
        object.__setattr__(self, "bias_axes", self.bias_axes or None)
        object.__setattr__(self, "partial_output_shape", tuple(sizes))
        activation_op(self.activation, where="EinsumDense")
        check_weights(self)
        super().__post_init__()

    def output_shape(self, shape: Shape) -> Shape:
        return self._plan(shape).output

    def weights(self, shape: Shape) -> Tree:
        plan = self._plan(shape)
        draw = AsMatrix(get(self.kernel_initializer), plan.inputs)
        tree: Tree = {"kernel": weight(self, "kernel", plan.kernel, draw)}
        if self.bias_axes:
            tree["bias"] = weight(self, "bias", plan.bias)
        return self.with_adapters(tree)

    def largest_product(self, shape: Shape) -> int:
        return self._plan(shape).products

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        kernel, a = params["kernel"], params.get("lora_kernel_a")
        if a is None:
            names: tuple[str, ...] = ("kernel",)
            z, back = contraction(x, kernel, self.equation)
        else:
            names, b = ("lora_kernel_a", "lora_kernel_b"), params["lora_kernel_b"]
            z, back = low_rank_contraction(
                x, a, b, kernel=kernel, equation=self.equation, scale=self.lora_scale
            )
        bias = params.get("bias")
        y, back_activation = activation_op(self.activation)(z if bias is None else z + bias)

        def pullback(dy: Array) -> tuple[Array, Tree]:
            dz = back_activation(dy)
            dx, *dkernels = back(dz)
            grads = dict(zip(names, dkernels, strict=True))
            if bias is None:
                return dx, grads
            before = dz.ndim - bias.ndim
            repeated = (before + i for i, n in enumerate(bias.shape) if n == 1)
            dbias = dz.sum(axis=(*range(before), *repeated)).reshape(bias.shape)
            return dx, {**grads, "bias": dbias}

        return y, pullback

    def _plan(self, shape: Shape) -> _Plan:
        rank = len(self.equation.split(",")[0].replace("...", ""))
        dots = "..." in self.equation
        if not (rank <= len(shape) + 1 if dots else rank == len(shape) + 1):
            raise _refusal(f"{self.equation!r} does not fit the {len(shape)} axes of the examples.")
        axes, kernel, y = spelled(self.equation, len(shape) + 1)
        lengths = dict(zip(axes[1:], shape, strict=True))
        own = (axis for axis in y[1:] if axis in self.equation)
        layer: Any = self
        for axis, length in zip(own, layer.partial_output_shape, strict=True):
            if length is None and axis in kernel:
                raise _refusal(f"output_shape lacks the length of the kernel's axis {axis!r}.")
            if length is not None and lengths.setdefault(axis, length) != length:
                raise _refusal(
                    f"output_shape has {length} for axis {axis!r}, but x {lengths[axis]}."
                )
        start = min((y.index(axis) for axis in self.bias_axes or ""), default=len(y))
        bias = tuple(lengths[axis] if axis in (self.bias_axes or "") else 1 for axis in y[start:])
        return _Plan(
            kernel=tuple(lengths[axis] for axis in kernel),
            inputs=tuple(i for i, axis in enumerate(kernel) if axis not in y),
            bias=bias,
            output=tuple(lengths[axis] for axis in y[1:]),
            products=math.prod(lengths[axis] for axis in {*axes[1:], *kernel}),
        )


def _refusal(what: str) -> GlassnetError:
    fix = (
        'For a Dense of 64 units along the last axis: EinsumDense("...x,xy->...y", 64, None, "y").'
    )
    return GlassnetError(what, where="EinsumDense", fix=fix)
