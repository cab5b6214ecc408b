"""Normalization layers, which keep a layer's inputs on one scale. Keras's names and defaults.

Axis 0 is the batch axis.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from glassnet.core.arrays import whole_number
from glassnet.core.errors import GlassnetError
from glassnet.core.protocols import Array, namespace
from glassnet.core.registry import register
from glassnet.core.trees import Tree
from glassnet.layers.axes import checked_axes
from glassnet.layers.base import Layer, Shape, Weight
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.layers.constraints import ConstraintLike
from glassnet.layers.initializers import InitializerLike, Ones, get
from glassnet.layers.regularizers import RegularizerLike
from glassnet.layers.weights import check_weights, weight
from glassnet.ops import Pullback
from glassnet.ops.normalization import (
    batch_normalization,
    group_normalization,
    layer_normalization,
    rms_normalization,
    standardize,
)


class _ScaledAndCentered(Layer):
    """The base class of layers with a learned scale, gamma, and a learned offset, beta."""

    keeps_steps: ClassVar[bool] = True
    any_scale: ClassVar[bool] = True

    axis: Any
    epsilon: float
    center: bool
    scale: bool
    beta_initializer: InitializerLike
    gamma_initializer: InitializerLike
    beta_regularizer: RegularizerLike
    gamma_regularizer: RegularizerLike

    @property
    def learns(self) -> bool:
        return self.scale or self.center

    def __post_init__(self) -> None:
        _check_epsilon(self.epsilon, type(self).__name__)
        check_weights(self)

    def output_shape(self, shape: Shape) -> Shape:
        checked_axes(self.axis, shape, type(self).__name__)
        return shape

    def weights(self, shape: Shape) -> Tree:
        sizes = tuple((0, *shape)[axis] for axis in checked_axes(self.axis, shape))
        learned = {"gamma": self.scale, "beta": self.center}
        return {name: weight(self, name, sizes) for name, used in learned.items() if used}

    def _gamma_and_beta(self, params: Tree, x: Array, size: int) -> tuple[Array, Array]:
        """Both as (size,); 1 and 0 if they are not learned."""
        xp = namespace(x)
        gamma = params["gamma"].reshape(-1) if self.scale else xp.ones(size, dtype=x.dtype)
        beta = params["beta"].reshape(-1) if self.center else xp.zeros(size, dtype=x.dtype)
        return gamma, beta

    def _grads(self, params: Tree, dgamma: Array, dbeta: Array) -> Tree:
        grads = (("gamma", dgamma), ("beta", dbeta))
        return {name: grad.reshape(params[name].shape) for name, grad in grads if name in params}


@register("layer")
@dataclass(frozen=True)
class BatchNormalization(_ScaledAndCentered):
    """y = (x − mean) / √(variance + epsilon) · gamma + beta, for each feature along `axis`.

    In training, mean and variance are those of the batch (without its padding steps, if there is a
    mask), and the moving statistics follow them:
    moving ← moving · momentum + batch · (1 − momentum), with the biased variance, as in Keras.
    In inference, and if the layer is frozen, they are the moving statistics.
    Source: Ioffe & Szegedy 2015.
    """

    axis: int = -1
    momentum: float = 0.99
    epsilon: float = 1e-3
    center: bool = True
    scale: bool = True
    beta_initializer: InitializerLike = "zeros"
    gamma_initializer: InitializerLike = "ones"
    moving_mean_initializer: InitializerLike = "zeros"
    moving_variance_initializer: InitializerLike = "ones"
    beta_regularizer: RegularizerLike = None
    gamma_regularizer: RegularizerLike = None
    beta_constraint: ConstraintLike = field(default=None, kw_only=True)
    gamma_constraint: ConstraintLike = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.momentum <= 1:
            raise GlassnetError(
                f"momentum must be in [0, 1], got {self.momentum}.", where="BatchNormalization"
            )

    def weights(self, shape: Shape) -> Tree:
        sizes = ((0, *shape)[self.axis],)
        mean, variance = get(self.moving_mean_initializer), get(self.moving_variance_initializer)
        return super().weights(shape) | {
            "moving_mean": Weight(sizes, mean, trainable=False),
            "moving_variance": Weight(sizes, variance, trainable=False),
        }

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        # Examples without positions are the positions of a single example.
        positions, restore = _as_positions(x, self.axis, 1 if x.ndim == 2 else len(x))
        gamma, beta = self._gamma_and_beta(params, x, positions.shape[-1])
        names, epsilon = ("moving_mean", "moving_variance"), float(self.epsilon)
        moving = [context.latest(name, params[name]) for name in names]
        back: Pullback
        if context.training and not context.frozen:
            mask = self._statistics_mask(x, context.mask)
            (y, *batch), back_all = batch_normalization(
                positions, gamma, beta, epsilon, mask, context.wrt_x
            )
            momentum = float(self.momentum)
            for name, old, new in zip(names, moving, batch, strict=True):
                context.update(name, old * momentum + new * (1 - momentum))

            def back(dy: Array) -> Any:
                return back_all((dy, 0, 0))  # nothing depends on the moving statistics
        else:
            mean, variance = moving
            y, back = standardize(positions, gamma, beta, mean, variance, epsilon)

        def pullback(dy: Array) -> tuple[Array | None, Tree]:
            dx, *dweights = back(_as_positions(dy, self.axis, len(positions))[0])
            return restore(dx) if context.wrt_x else None, self._grads(params, *dweights)

        return restore(y), pullback

    def _statistics_mask(self, x: Array, mask: Array | None) -> Array | None:
        """The mask (N, P) of the positions in the statistics; None means all."""
        if mask is None:
            return None
        if self.axis % x.ndim < mask.ndim:
            raise GlassnetError(
                f"can't mask padding in the statistics of axis {self.axis}, the axis of steps.",
                where="BatchNormalization",
                fix="Normalize the features, axis=-1, or put it before the layer that masks.",
            )
        xp = namespace(x)
        mask = mask.reshape(*mask.shape, *(1,) * (x.ndim - 1 - mask.ndim))
        rest = tuple(n for axis, n in enumerate(x.shape) if axis != self.axis % x.ndim)
        return xp.broadcast_to(mask, rest).reshape(1 if x.ndim == 2 else len(x), -1)


@register("layer")
@dataclass(frozen=True)
class LayerNormalization(_ScaledAndCentered):
    """y = (x − mean) / √(variance + epsilon) · gamma + beta, with mean and variance of the values
    along `axis` (one axis or a tuple). Source: Ba et al. 2016.
    """

    axis: int | tuple[int, ...] = -1
    epsilon: float = 1e-3
    center: bool = True
    scale: bool = True
    beta_initializer: InitializerLike = "zeros"
    gamma_initializer: InitializerLike = "ones"
    beta_regularizer: RegularizerLike = None
    gamma_regularizer: RegularizerLike = None
    beta_constraint: ConstraintLike = field(default=None, kw_only=True)
    gamma_constraint: ConstraintLike = field(default=None, kw_only=True)

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        rows, restore = _as_rows(x, self.axis)
        gamma, beta = self._gamma_and_beta(params, x, rows.shape[-1])
        y, back = layer_normalization(rows, gamma, beta, float(self.epsilon), context.wrt_x)

        def pullback(dy: Array) -> tuple[Array | None, Tree]:
            dx, *dweights = back(_as_rows(dy, self.axis)[0])
            return restore(dx) if context.wrt_x else None, self._grads(params, *dweights)

        return restore(y), pullback


@register("layer")
@dataclass(frozen=True)
class GroupNormalization(_ScaledAndCentered):
    """y = (x − mean) / √(variance + epsilon) · gamma + beta, with mean and variance of one group of
    the channels along `axis`, over all positions of one example.

    `groups=-1` makes each channel its own group: instance normalization.
    Source: Wu & He 2018.
    """

    groups: int = 32
    axis: int = -1
    epsilon: float = 1e-3
    center: bool = True
    scale: bool = True
    beta_initializer: InitializerLike = "zeros"
    gamma_initializer: InitializerLike = "ones"
    beta_regularizer: RegularizerLike = None
    gamma_regularizer: RegularizerLike = None
    beta_constraint: ConstraintLike = field(default=None, kw_only=True)
    gamma_constraint: ConstraintLike = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.groups != -1:
            groups = whole_number(self.groups, "GroupNormalization: groups", 1)
            object.__setattr__(self, "groups", groups)

    def output_shape(self, shape: Shape) -> Shape:
        channels = (0, *super().output_shape(shape))[self.axis]
        if self.groups != -1 and channels % self.groups:
            raise GlassnetError(
                f"{channels} channels can't be split into {self.groups} groups of equal size.",
                where="GroupNormalization",
                fix=f"Use groups that divide {channels}, or -1: one group per channel.",
            )
        return shape

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        positions, restore = _as_positions(x, self.axis, len(x))
        channels = positions.shape[-1]
        groups = channels if self.groups == -1 else self.groups
        gamma, beta = self._gamma_and_beta(params, x, channels)
        y, back = group_normalization(
            positions, gamma, beta, groups, float(self.epsilon), context.wrt_x
        )

        def pullback(dy: Array) -> tuple[Array | None, Tree]:
            dx, *dweights = back(_as_positions(dy, self.axis, len(x))[0])
            return restore(dx) if context.wrt_x else None, self._grads(params, *dweights)

        return restore(y), pullback


@register("layer")
@dataclass(frozen=True)
class RMSNormalization(Layer):
    """y = x / √(mean(x²) + epsilon) · scale, the mean along `axis` (one axis or a tuple).

    As in Keras, the padding mask is not passed on. Source: Zhang & Sennrich 2019.
    """

    axis: int | tuple[int, ...] = -1
    epsilon: float = 1e-6

    learns: ClassVar[bool] = True
    any_scale: ClassVar[bool] = True

    def __post_init__(self) -> None:
        _check_epsilon(self.epsilon, "RMSNormalization")

    def output_shape(self, shape: Shape) -> Shape:
        checked_axes(self.axis, shape, "RMSNormalization")
        return shape

    def weights(self, shape: Shape) -> Tree:
        sizes = tuple((0, *shape)[axis] for axis in checked_axes(self.axis, shape))
        return {"scale": Weight(sizes, Ones())}

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        rows, restore = _as_rows(x, self.axis)
        scale = params["scale"]
        y, back = rms_normalization(rows, scale.reshape(-1), float(self.epsilon), context.wrt_x)

        def pullback(dy: Array) -> tuple[Array | None, Tree]:
            dx, dscale = back(_as_rows(dy, self.axis)[0])
            return restore(dx) if context.wrt_x else None, {"scale": dscale.reshape(scale.shape)}

        return restore(y), pullback


def _check_epsilon(epsilon: float, where: str) -> None:
    if not 0 < epsilon < math.inf:
        raise GlassnetError(f"epsilon must be a positive number, got {epsilon}.", where=where)


def _as_positions(x: Array, axis: int, examples: int) -> tuple[Array, Callable[[Array], Array]]:
    """Return x as (examples, positions, channels), the channels from `axis`, and the inverse."""
    xp = namespace(x)
    moved = xp.moveaxis(x, axis, -1)

    def back(y: Array) -> Array:
        return xp.moveaxis(y.reshape(moved.shape), -1, axis)

    return moved.reshape(examples, -1, moved.shape[-1]), back


def _as_rows(x: Array, axis: int | tuple[int, ...]) -> tuple[Array, Callable[[Array], Array]]:
    """Return x with the values along `axis` in rows (M, n), and the inverse."""
    xp = namespace(x)
    axes = checked_axes(axis, x.shape[1:])
    last = tuple(range(-len(axes), 0))
    moved = xp.moveaxis(x, axes, last)

    def back(rows: Array) -> Array:
        return xp.moveaxis(rows.reshape(moved.shape), last, axes)

    return moved.reshape(-1, math.prod(moved.shape[-len(axes) :])), back
