"""Dropout and noise layers, which regularize training."""

import math
from dataclasses import InitVar, dataclass, field
from typing import ClassVar

from glassnet.core.errors import GlassnetError
from glassnet.core.protocols import Array, namespace
from glassnet.core.registry import register
from glassnet.core.trees import Tree
from glassnet.layers.base import Layer, Shape, weightless
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.layers.windows import lengths_of, require_channels_last
from glassnet.ops import Pullback
from glassnet.ops.activations import linear
from glassnet.ops.dropout import dropout
from glassnet.ops.noise import additive_noise, multiplicative_noise


@register("layer")
@dataclass(frozen=True)
class Dropout(Layer):
    """In training, each value is 0 with probability `rate`, and otherwise divided by 1 − rate."""

    rate: float

    keeps_steps: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_rate(self.rate, type(self).__name__)

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        if context.training and self.rate > 0:
            key = context.key(namespace(x))
            y, back = dropout(x, float(self.rate), key, self._noise_shape(x.shape))
        else:
            y, back = linear(x)
        return y, weightless(back)

    def _noise_shape(self, shape: Shape) -> Shape | None:
        """The shape of the random draw; None means one draw per value."""
        return None


@dataclass(frozen=True)
class SpatialDropout(Dropout):
    """Dropout of whole channels: neighboring positions are too similar for Dropout."""

    data_format: InitVar[str | None] = field(default="channels_last", kw_only=True)

    rank: ClassVar[int]

    def __post_init__(self, data_format: str | None) -> None:
        require_channels_last(data_format, type(self).__name__, self.rank)
        super().__post_init__()

    def output_shape(self, shape: Shape) -> Shape:
        lengths_of(shape, self.rank, type(self).__name__)
        return shape

    def _noise_shape(self, shape: Shape) -> Shape:
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
class GaussianNoise(Layer):
    """In training, normal noise with standard deviation `stddev` is added to each value."""

    stddev: float

    keeps_steps: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not 0 <= self.stddev <= 1:
            raise GlassnetError(
                f"stddev must be in [0, 1], got {self.stddev}.",
                where="GaussianNoise",
                fix="Scale the inputs to a standard deviation of about 1 first: Normalization().",
            )

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        if context.training and self.stddev > 0:
            y, back = additive_noise(x, float(self.stddev), context.key(namespace(x)))
        else:
            y, back = linear(x)
        return y, weightless(back)


@register("layer")
@dataclass(frozen=True)
class GaussianDropout(Layer):
    """In training, each value is multiplied by a normal factor with mean 1 and the variance of
    dropout's, rate / (1 − rate).
    """

    rate: float

    keeps_steps: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_rate(self.rate, "GaussianDropout")

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        if context.training and self.rate > 0:
            stddev = math.sqrt(self.rate / (1 - self.rate))
            y, back = multiplicative_noise(x, stddev, context.key(namespace(x)))
        else:
            y, back = linear(x)
        return y, weightless(back)


def check_rate(rate: float, where: str, name: str = "rate") -> None:
    """Raise unless the rate is in [0, 1)."""
    if not 0 <= rate < 1:
        raise GlassnetError(f"{name} must be in [0, 1), got {rate}.", where=where)
