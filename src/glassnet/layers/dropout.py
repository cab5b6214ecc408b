"""Dropout and noise layers, which regularize training. They draw in training only."""

import math
from collections.abc import Callable
from dataclasses import InitVar, dataclass, field
from typing import Any, ClassVar

from glassnet.core.arrays import whole_number
from glassnet.core.errors import GlassnetError
from glassnet.core.protocols import Array, namespace
from glassnet.core.registry import added, register
from glassnet.core.trees import Tree
from glassnet.layers.base import Layer, Shape, weightless
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.layers.windows import lengths_of, require_channels_last
from glassnet.ops import ArrayPullback, Pullback
from glassnet.ops.activations import linear
from glassnet.ops.dropout import alpha_dropout, dropout
from glassnet.ops.noise import additive_noise, multiplicative_noise

NoiseShape = tuple[int | None, ...]


@dataclass(frozen=True)
class Noise(Layer):
    """A layer that changes its input at random in training, and returns it in prediction.

    The draws are a function of (seed, step, place in the network): the model's seed, or a `seed`
    of the layer's own.
    """

    keeps_steps: ClassVar[bool] = True

    @property
    def amount(self) -> float:
        """The rate or deviation; 0 changes nothing."""
        raise NotImplementedError

    def drawn(self, x: Array, key: Array) -> tuple[Array, ArrayPullback]:
        """Return the changed input and the pullback of the op."""
        raise NotImplementedError

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        if context.training and self.amount > 0:
            y, back = self.drawn(x, context.key(namespace(x), vars(self)["seed"]))
        else:
            y, back = linear(x)
        return y, weightless(back)


@dataclass(frozen=True)
class _Dropping(Noise):
    """Noise with a rate, drawn for each value, or for all values along an axis at once."""

    rate: float

    op: ClassVar[Callable[..., Any]] = staticmethod(dropout)

    def __post_init__(self) -> None:
        check_rate(self.rate, type(self).__name__)
        check_seed(self)

    @property
    def amount(self) -> float:
        return self.rate

    def drawn(self, x: Array, key: Array) -> tuple[Array, ArrayPullback]:
        y, back = type(self).op(x, float(self.rate), key, self.draw_shape(x.shape))
        return y, back

    def draw_shape(self, shape: Shape) -> Shape | None:
        """The shape of the random draw for x of `shape`; None means one draw per value."""
        return None


@dataclass(frozen=True)
class _ShapedDropping(_Dropping):
    noise_shape: NoiseShape | None = added(None)
    seed: int | None = added(None)

    def __post_init__(self) -> None:
        super().__post_init__()
        sizes = self.noise_shape
        if sizes is not None and not (
            isinstance(sizes, tuple | list)
            and all(n is None or (type(n) is int and n > 0) for n in sizes)
        ):
            raise GlassnetError(
                f"must be whole numbers ≥ 1 or None, got {sizes!r:.80}.",
                where=f"{type(self).__name__}: noise_shape",
                fix="Use noise_shape=(None, 1, None): None is the input's own length.",
            )
        object.__setattr__(self, "noise_shape", sizes if sizes is None else tuple(sizes))

    def output_shape(self, shape: Shape) -> Shape:
        sizes = self.noise_shape
        if sizes is None:
            return shape
        fits = (n in (None, 1, size) for n, size in zip(sizes[1:], shape, strict=False))
        if len(sizes) != len(shape) + 1 or not all(fits):
            raise GlassnetError(
                f"{sizes} doesn't fit batches of such examples.",
                where=f"{type(self).__name__}: noise_shape",
                fix="It has a number for each axis, the batch axis first: the length, 1 or None.",
            )
        return shape

    def draw_shape(self, shape: Shape) -> Shape | None:
        if self.noise_shape is None:
            return None
        if self.noise_shape[0] not in (None, 1, shape[0]):
            raise GlassnetError(
                f"draws for {self.noise_shape[0]} examples, but a batch has {shape[0]}.",
                where=f"{type(self).__name__}: noise_shape",
                fix="Use None for the batch axis.",
            )
        return tuple(n if m is None else m for n, m in zip(shape, self.noise_shape, strict=True))


@register("layer")
@dataclass(frozen=True)
class Dropout(_ShapedDropping):
    """In training, each value is 0 with probability `rate`, and otherwise divided by 1 − rate.

    With a `noise_shape`, all values along an axis where it is 1 are dropped or kept together.
    """


@register("layer")
@dataclass(frozen=True)
class AlphaDropout(_ShapedDropping):
    """Dropout that keeps mean 0 and variance 1, for networks of "selu" layers.

    In training, each value becomes −1.758 with probability `rate`; then all are scaled and shifted.
    """

    op: ClassVar[Callable[..., Any]] = staticmethod(alpha_dropout)


@dataclass(frozen=True)
class SpatialDropout(_Dropping):
    """Dropout of whole channels: neighboring positions are too similar for Dropout."""

    seed: int | None = added(None)
    data_format: InitVar[str | None] = field(default="channels_last", kw_only=True)

    rank: ClassVar[int]

    def __post_init__(self, data_format: str | None) -> None:
        require_channels_last(data_format, type(self).__name__, self.rank)
        super().__post_init__()

    def output_shape(self, shape: Shape) -> Shape:
        lengths_of(shape, self.rank, type(self).__name__)
        return shape

    def draw_shape(self, shape: Shape) -> Shape:
        return (shape[0], *(1,) * self.rank, shape[-1])


@register("layer")
@dataclass(frozen=True)
class SpatialDropout1D(SpatialDropout):
    """Dropout of whole channels of a sequence.   x (N, steps, C)."""

    rank: ClassVar[int] = 1


@register("layer")
@dataclass(frozen=True)
class SpatialDropout2D(SpatialDropout):
    """Dropout of whole channels of an image.   x (N, H, W, C)."""

    rank: ClassVar[int] = 2


@register("layer")
@dataclass(frozen=True)
class SpatialDropout3D(SpatialDropout):
    """Dropout of whole channels of a volume.   x (N, D, H, W, C)."""

    rank: ClassVar[int] = 3


@register("layer")
@dataclass(frozen=True)
class GaussianNoise(Noise):
    """In training, normal noise with standard deviation `stddev` is added to each value."""

    stddev: float
    seed: int | None = added(None)

    def __post_init__(self) -> None:
        if not 0 <= self.stddev <= 1:
            raise GlassnetError(
                f"stddev must be in [0, 1], got {self.stddev}.",
                where="GaussianNoise",
                fix="Scale the inputs to a standard deviation of about 1 first: Normalization().",
            )
        check_seed(self)

    @property
    def amount(self) -> float:
        return self.stddev

    def drawn(self, x: Array, key: Array) -> tuple[Array, ArrayPullback]:
        return additive_noise(x, float(self.stddev), key)


@register("layer")
@dataclass(frozen=True)
class GaussianDropout(_Dropping):
    """In training, each value is multiplied by a normal factor with mean 1 and the variance of
    dropout's, rate / (1 − rate).
    """

    seed: int | None = added(None)

    def drawn(self, x: Array, key: Array) -> tuple[Array, ArrayPullback]:
        return multiplicative_noise(x, math.sqrt(self.rate / (1 - self.rate)), key)


def check_seed(part: Any) -> None:
    """Raise unless its seed is None or a whole number ≥ 0."""
    if part.seed is not None:
        whole_number(part.seed, f"{type(part).__name__}: seed", 0)


def check_rate(rate: float, where: str, name: str = "rate") -> None:
    """Raise unless the rate is in [0, 1)."""
    if not 0 <= rate < 1:
        raise GlassnetError(f"{name} must be in [0, 1), got {rate}.", where=where)
