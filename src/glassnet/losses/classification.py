"""Losses of classes that have no variant for logits: divergence, hinges, overlaps."""

from dataclasses import KW_ONLY, dataclass
from typing import ClassVar

from glassnet.core.errors import GlassnetError
from glassnet.core.protocols import Array, namespace
from glassnet.core.registry import register
from glassnet.losses.base import Loss, require
from glassnet.ops import ArrayPullback, overlaps
from glassnet.ops import losses as ops


@register("loss", "kl_divergence", "kld", "KLD")
@dataclass(frozen=True)
class KLDivergence(Loss):
    """Σᵢ tᵢ log(tᵢ / pᵢ): the divergence of the outputs from the target distribution."""

    allowed: ClassVar[tuple[float, float]] = (0, 1)
    ends_in: ClassVar[tuple[str, ...]] = ("softmax", "sigmoid")

    each = staticmethod(ops.kl_divergence)


@register("loss", "hinge")
@dataclass(frozen=True)
class Hinge(Loss):
    """The mean over the outputs of max(0, 1 − t y), for targets −1 and 1, or 0 and 1."""

    allowed: ClassVar[tuple[float, float]] = (-1, 1)

    each = staticmethod(ops.hinge)


@register("loss", "squared_hinge")
@dataclass(frozen=True)
class SquaredHinge(Hinge):
    """The mean over the outputs of max(0, 1 − t y)²."""

    each = staticmethod(ops.squared_hinge)


@register("loss", "categorical_hinge")
@dataclass(frozen=True)
class CategoricalHinge(Loss):
    """max(0, 1 + the largest wrong output − the true one), for one-hot targets."""

    allowed: ClassVar[tuple[float, float]] = (0, 1)

    each = staticmethod(ops.categorical_hinge)


@register("loss", "categorical_generalized_cross_entropy")
@dataclass(frozen=True)
class CategoricalGeneralizedCrossEntropy(Loss):
    """(1 − p^q) / q, with p the probability of the true class: robust against wrong labels.

    Targets are class indices. Source: Zhang & Sabuncu 2018.
    """

    q: float = 0.5

    labels: ClassVar[bool] = True
    allowed: ClassVar[tuple[float, float]] = (0, 1)
    ends_in: ClassVar[tuple[str, ...]] = ("softmax", "sigmoid")

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.q < 1:
            raise GlassnetError(
                f"q must be between 0 and 1, got {self.q}.", where=type(self).__name__
            )

    def each(self, outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
        return ops.generalized_crossentropy(outputs, ops.one_hot(targets, outputs), self.q)


@dataclass(frozen=True)
class _Overlap(Loss):
    """A loss of the overlap of two sets, for targets 0 and 1: summed over `axis`.

    With axis None, the sets are those of the whole batch: each example has the batch's loss.
    Raises if these are to be summed.
    """

    allowed: ClassVar[tuple[float, float]] = (0, 1)

    _: KW_ONLY
    axis: int | tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.axis is None and self.reduction == "sum":
            raise GlassnetError(
                "is one number for the whole batch, which can't be summed over it.",
                where=type(self).__name__,
                fix='Leave out reduction="sum", or set axis.',
            )

    def each(self, outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
        xp, axes = namespace(outputs), self._axes(outputs.ndim)
        value, back = self._op(outputs, targets, axes)
        if self.axis is not None or self.unreduced:
            return value, back
        return value * xp.ones(len(outputs), dtype=outputs.dtype), lambda dl: back(dl.sum())

    @property
    def depends_on_batches(self) -> bool:
        return self.axis is None or super().depends_on_batches

    def _op(
        self, outputs: Array, targets: Array, axes: tuple[int, ...]
    ) -> tuple[Array, ArrayPullback]:
        raise NotImplementedError

    def _axes(self, axes: int) -> tuple[int, ...]:
        """Return the axes as numbers ≥ 0; raises unless the outputs have them, and for axis 0."""
        if self.axis is None:
            return tuple(range(axes))
        listed = (self.axis,) if isinstance(self.axis, int) else tuple(self.axis)
        if not all(-axes < axis < axes and axis % axes for axis in listed):
            raise GlassnetError(
                f"can't sum over axis {self.axis} of outputs with {axes} axes.",
                where=type(self).__name__,
                fix="Axis 0 has the examples: choose other axes, or None for all.",
            )
        return tuple(axis % axes for axis in listed)


@register("loss", "dice")
@dataclass(frozen=True)
class Dice(_Overlap):
    """1 − 2 Σ t y / (Σ t + Σ y): the overlap of two regions. Sources: Dice 1945; Milletari 2016."""

    def _op(
        self, outputs: Array, targets: Array, axes: tuple[int, ...]
    ) -> tuple[Array, ArrayPullback]:
        return overlaps.dice(outputs, targets, axes)


@register("loss", "tversky")
@dataclass(frozen=True)
class Tversky(_Overlap):
    """1 − Σ t y / (Σ t y + α Σ t (1 − y) + β Σ (1 − t) y). Sources: Tversky 1977; Salehi 2017."""

    alpha: float = 0.5
    beta: float = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        require("Tversky", "alpha", self.alpha, 0)
        require("Tversky", "beta", self.beta, 0)

    def _op(
        self, outputs: Array, targets: Array, axes: tuple[int, ...]
    ) -> tuple[Array, ArrayPullback]:
        return overlaps.tversky(outputs, targets, axes, self.alpha, self.beta)
