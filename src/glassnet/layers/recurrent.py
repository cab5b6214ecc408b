"""SimpleRNN, LSTM and GRU. Keras's names, defaults and weights."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from glassnet.core.arrays import as_tuple, whole_number
from glassnet.core.errors import GlassnetError
from glassnet.core.protocols import Array, namespace
from glassnet.core.registry import added, register
from glassnet.core.trees import Tree
from glassnet.layers.activation import ActivationLike, activation_op
from glassnet.layers.base import Layer, Shape, Weight
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.layers.constraints import ConstraintLike
from glassnet.layers.dropout import check_rate
from glassnet.layers.initializers import Floats, Initializer, InitializerLike, get
from glassnet.layers.regularizers import RegularizerLike
from glassnet.layers.shapes import input_shapes
from glassnet.layers.weights import check_weights, weight
from glassnet.ops import Pullback
from glassnet.ops.activations import ACTIVATIONS, OVER_AN_AXIS
from glassnet.ops.dropout import dropout
from glassnet.ops.gru import gru, gru_reset_before
from glassnet.ops.linear import affine
from glassnet.ops.lstm import lstm
from glassnet.ops.random import fold
from glassnet.ops.recurrence import scaled
from glassnet.ops.rnn import simple_rnn


@dataclass(frozen=True)
class Recurrent(Layer):
    """y = the states hₜ of a cell that reads x step by step, or the last state.

    x (N, T, n) -> y (N, T, units) with `return_sequences`, else (N, units). `go_backwards` reads
    from the last step to the first and returns the outputs in that order. A padding step, where the
    mask is false, leaves the state, and so the output, unchanged. `dropout` and `recurrent_dropout`
    draw one mask of features and one of units for all steps (Gal & Ghahramani 2016), the same for
    all gates; Keras draws one for each gate as soon as there is a `recurrent_dropout`.

    Called on (x, *states), with the states (N, units) as `initial_state`, it starts from them
    instead of 0; x's padding counts as padding, which Keras then ignores unless the call passes it
    as `mask`. With `return_state` it also returns the last states.
    """

    units: int
    activation: ActivationLike = "tanh"
    use_bias: bool = field(default=True, kw_only=True)
    kernel_initializer: InitializerLike = field(default="glorot_uniform", kw_only=True)
    recurrent_initializer: InitializerLike = field(default="orthogonal", kw_only=True)
    bias_initializer: InitializerLike = field(default="zeros", kw_only=True)
    kernel_regularizer: RegularizerLike = field(default=None, kw_only=True)
    recurrent_regularizer: RegularizerLike = field(default=None, kw_only=True)
    kernel_constraint: ConstraintLike = field(default=None, kw_only=True)
    recurrent_constraint: ConstraintLike = field(default=None, kw_only=True)
    bias_constraint: ConstraintLike = field(default=None, kw_only=True)
    bias_regularizer: RegularizerLike = field(default=None, kw_only=True)
    dropout: float = field(default=0.0, kw_only=True)
    recurrent_dropout: float = field(default=0.0, kw_only=True)
    return_sequences: bool = field(default=False, kw_only=True)
    go_backwards: bool = field(default=False, kw_only=True)
    return_state: bool = added(False, kw_only=True)

    learns: ClassVar[bool] = True
    ends_mask: ClassVar[bool] = True
    multi_input: ClassVar[bool] = True
    call_inputs: ClassVar[tuple[str, ...]] = ("sequence", "initial_state")
    state_count: ClassVar[int] = 1  # arrays in the state
    gates: ClassVar[int] = 1  # parts of the pre-activation, including the candidate

    def __post_init__(self) -> None:
        where = type(self).__name__
        object.__setattr__(self, "units", whole_number(self.units, f"{where}: units", 1))
        _check_elementwise(self.activation, where)
        check_weights(self)
        check_rate(self.dropout, where, "dropout")
        check_rate(self.recurrent_dropout, where, "recurrent_dropout")

    @property
    def output_count(self) -> int:
        return 1 + self.state_count * self.return_state

    def output_shape(self, shape: Shape) -> Shape:
        shape, *states = input_shapes(shape)
        if states and states != [(self.units,)] * self.state_count:
            raise GlassnetError(
                f"starts from {self.state_count} state{'s' * (self.state_count > 1)} of shape "
                f"{(self.units,)}.",
                where=f"{type(self).__name__}: initial_state",
                fix="Pass what a layer of the same class and units returns with return_state=True.",
            )
        if len(shape) != 2 or not shape[0]:
            raise GlassnetError(
                "reads sequences: examples of shape (steps, features), at least one step.",
                where=type(self).__name__,
                fix=(
                    "A recurrent layer before it needs return_sequences=True. "
                    if len(shape) == 1
                    else "An image of shape (28, 28) is read row by row. "
                )
                + "Token ids need an Embedding first; for other shapes, start with a Reshape.",
            )
        y = (shape[0], self.units) if self.return_sequences else (self.units,)
        return (y, *[(self.units,)] * self.state_count) if self.return_state else y

    def largest_product(self, shape: Shape) -> int:
        # the input's, for all steps at once
        return math.prod(input_shapes(shape)[0]) * self.gates * self.units

    def output_mask(self, x: Any, mask: Any) -> Array | None:
        # also with go_backwards, as in Keras
        return as_tuple(mask)[0] if self.return_sequences else None

    def weights(self, shape: Shape) -> Tree:
        width = self.gates * self.units
        tree = {
            "kernel": weight(self, "kernel", (input_shapes(shape)[0][-1], width)),
            "recurrent_kernel": weight(self, "recurrent", (self.units, width)),
        }
        return {**tree, "bias": self._bias_weight(width)} if self.use_bias else tree

    def _bias_weight(self, width: int) -> Weight:
        return weight(self, "bias", (width,))

    def _input_bias(self, params: Tree) -> Array | None:
        return params.get("bias")

    def _cell(self, params: Tree, z: Array, **options: Any) -> tuple[Array, Pullback]:
        """The op over time-major z; its pullback gives dz, drecurrent_kernel, drecurrent_bias,
        dinitial_state.
        """
        raise NotImplementedError

    def forward(
        self, params: Tree, x: Any, context: CallContext = INFERENCE
    ) -> tuple[Any, Pullback]:
        x, *initial_state = as_tuple(x)
        xp, mask = namespace(x), as_tuple(context.mask)[0]
        examples, steps, features = x.shape
        factor_x, factor_h = self._dropout_masks(x, context)
        ordered = _time_major(scaled(x, factor_x), self.go_backwards)
        mask = None if mask is None else _time_major(mask, self.go_backwards)
        # The input's part for all steps is one product; only the state's part is sequential.
        z, back_affine = affine(
            ordered.reshape(steps * examples, features),
            params["kernel"], self._input_bias(params), context.wrt_x,
        )  # fmt: skip
        y, back_cell = self._cell(
            params, z.reshape(steps, examples, -1),
            dropout_mask=factor_h, mask=mask, return_sequences=self.return_sequences,
            initial_state=tuple(initial_state), return_state=self.return_state,
        )  # fmt: skip

        def pullback(dy: Any) -> tuple[Any, Tree]:
            dz, drecurrent_kernel, *rest = back_cell(self._each_time_major(dy))
            recurrent_biases = rest[: len(rest) - len(initial_state)]
            dx, dkernel, *biases = back_affine(dz.reshape(steps * examples, -1))
            grads = {"kernel": dkernel, "recurrent_kernel": drecurrent_kernel}
            if biases:
                both = (*biases, *recurrent_biases)
                grads["bias"] = xp.stack(both) if recurrent_biases else both[0]
            if dx is not None:
                dx = dx.reshape(steps, examples, features)
                dx = _time_major(xp.flip(dx, axis=0) if self.go_backwards else dx)
                dx = scaled(dx, factor_x)
            return (dx, *rest[-len(initial_state) :]) if initial_state else dx, grads

        return self._each_time_major(y), pullback

    def _each_time_major(self, y: Any) -> Any:
        """Swap the axes of the outputs' steps and examples, if there are steps; not the states'."""
        y, *states = self.outputs_of(y)
        y = _time_major(y) if self.return_sequences else y
        return (y, *states) if states else y

    def _dropout_masks(self, x: Array, context: CallContext) -> tuple[Array | None, Array | None]:
        """The factors of x (N, T, n) and h (N, units): dropout applied to ones; None without."""
        xp = namespace(x)

        def mask(index: int, rate: float, shape: Shape) -> Array | None:
            if not (context.training and rate):
                return None
            ones, key = xp.ones(shape, dtype=x.dtype), fold(context.key(xp), index)
            return dropout(ones, float(rate), key)[0]

        return (
            mask(0, self.dropout, (len(x), 1, x.shape[-1])),
            mask(1, self.recurrent_dropout, (len(x), self.units)),
        )


@register("layer")
@dataclass(frozen=True)
class SimpleRNN(Recurrent):
    """hₜ = activation(xₜ @ kernel + bias + hₜ₋₁ @ recurrent_kernel). Source: Elman 1990."""

    def _cell(self, params: Tree, z: Array, **options: Any) -> tuple[Array, Pullback]:
        activation = activation_op(self.activation)
        return simple_rnn(z, params["recurrent_kernel"], activation, **options)


@dataclass(frozen=True)
class _Gated(Recurrent):
    recurrent_activation: ActivationLike = "sigmoid"

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_elementwise(self.recurrent_activation, type(self).__name__)

    @property
    def _activations(self) -> tuple[Callable[..., Any], Callable[..., Any]]:
        return activation_op(self.activation), activation_op(self.recurrent_activation)


@register("layer")
@dataclass(frozen=True)
class LSTM(_Gated):
    """Long short-term memory, gates in the order i, f, c, o.

    With `unit_forget_bias` the forget gate's bias starts at 1, so that a new network remembers
    (Jozefowicz et al. 2015). Source: Hochreiter & Schmidhuber 1997.
    """

    unit_forget_bias: bool = field(default=True, kw_only=True)

    gates: ClassVar[int] = 4
    state_count: ClassVar[int] = 2

    def _bias_weight(self, width: int) -> Weight:
        plain = get(self.bias_initializer)
        return weight(
            self, "bias", (width,), _ForgetBias(plain) if self.unit_forget_bias else plain
        )

    def _cell(self, params: Tree, z: Array, **options: Any) -> tuple[Array, Pullback]:
        return lstm(z, params["recurrent_kernel"], *self._activations, **options)


@register("layer")
@dataclass(frozen=True)
class GRU(_Gated):
    """Gated recurrent unit, gates in the order z, r, h.

    With `reset_after` the reset gate acts after the product with the recurrent kernel, which then
    has its own bias: bias (2, 3 · units), the input's first. Source: Cho et al. 2014.
    """

    reset_after: bool = field(default=True, kw_only=True)

    gates: ClassVar[int] = 3

    def _bias_weight(self, width: int) -> Weight:
        return weight(self, "bias", (2, width) if self.reset_after else (width,))

    def _input_bias(self, params: Tree) -> Array | None:
        return params["bias"][0] if self.reset_after and self.use_bias else params.get("bias")

    def _cell(self, params: Tree, z: Array, **options: Any) -> tuple[Array, Pullback]:
        kernel = params["recurrent_kernel"]
        if not self.reset_after:
            return gru_reset_before(z, kernel, *self._activations, **options)
        bias = params["bias"][1] if self.use_bias else None
        return gru(z, kernel, bias, *self._activations, **options)


@dataclass(frozen=True)
class _ForgetBias(Initializer):
    """An LSTM's bias whose second quarter, the forget gate's, is 1."""

    rest: Initializer

    def __call__(self, rng: np.random.Generator, shape: Shape) -> Floats:
        units = shape[0] // 4
        return np.concatenate(
            [self.rest(rng, (units,)), np.ones(units), self.rest(rng, (2 * units,))]
        )


def _time_major(a: Array, backwards: bool = False) -> Array:
    """Swap (N, T, ...) and (T, N, ...); with `backwards`, the last step comes first."""
    xp = namespace(a)
    swapped = xp.permute_dims(a, (1, 0, *range(2, a.ndim)))
    return xp.flip(swapped, axis=0) if backwards else swapped


def _check_elementwise(activation: ActivationLike, where: str) -> None:
    op = activation_op(activation, where=where)
    if activation not in (None, *ACTIVATIONS):
        x = np.array([[-0.5, 0.25, 1.0]])
        elementwise = np.allclose(op(x)[0][:, :1], op(x[:, :1])[0], rtol=1e-12)
    else:
        elementwise = activation not in OVER_AN_AXIS
    if not elementwise:
        name = activation if isinstance(activation, str) else "it"
        raise GlassnetError(
            f"{name} ties the units of a step together; a cell needs an elementwise activation.",
            where=where,
            fix=f"Use tanh or sigmoid, and {name} in a Dense layer after it.",
        )
