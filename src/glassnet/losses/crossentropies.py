"""Losses of probabilities, or of the logits that an output activation turns into them."""

from dataclasses import KW_ONLY, dataclass
from typing import ClassVar, Self

from glassnet.core.arrays import factors
from glassnet.core.errors import GlassnetError
from glassnet.core.protocols import Array
from glassnet.core.registry import added, register
from glassnet.losses.base import Loss, require
from glassnet.ops import ArrayPullback
from glassnet.ops import losses as ops


class Crossentropy(Loss):
    """A loss of probabilities, or of the logits that an output activation turns into them.

    `fused_activation` names that activation: fused with the loss, it is one numerically stable op.
    `label_smoothing` moves that share of the target probability evenly to all classes.
    """

    fused_activation: ClassVar[str] = "softmax"
    allowed: ClassVar[tuple[float, float]] = (0, 1)

    from_logits: bool  # fields of the losses below, in Keras's order of arguments
    label_smoothing: float

    def __post_init__(self) -> None:
        super().__post_init__()
        name = type(self).__name__
        if not isinstance(self.from_logits, bool):
            raise GlassnetError(
                f"from_logits must be True or False, got {self.from_logits!r}.", where=name
            )
        require(name, "label_smoothing", self.label_smoothing, 0, 1)

    def smoothed(self, amount: float) -> Self:
        """Return the same loss with this label smoothing."""
        return type(self)(**vars(self) | {"label_smoothing": amount})

    def of_logits(self) -> Self:
        """Return the same loss, computed from logits."""
        return type(self)(**vars(self) | {"from_logits": True})


@register("loss", "categorical_crossentropy")
@dataclass(frozen=True)
class CategoricalCrossentropy(Crossentropy):
    """−Σᵢ tᵢ log pᵢ, for one-hot targets."""

    from_logits: bool = False
    label_smoothing: float = 0.0

    def each(self, outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
        op = ops.softmax_crossentropy if self.from_logits else ops.categorical_crossentropy
        return op(outputs, ops.smoothed(targets, self.label_smoothing, outputs.shape[-1]))


@register("loss", "sparse_categorical_crossentropy")
@dataclass(frozen=True)
class SparseCategoricalCrossentropy(CategoricalCrossentropy):
    """−log p of the true class, for targets that are class indices.

    Targets equal to `ignore_class` have no loss and are not counted in the mean. Unlike in Keras,
    `label_smoothing` is not limited to one-hot targets.
    """

    labels: ClassVar[bool] = True

    from_logits: bool = False
    ignore_class: int | None = added(None)
    _: KW_ONLY
    label_smoothing: float = 0.0

    def each(self, outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
        return super().each(outputs, ops.one_hot(targets, outputs))

    def counted(self, targets: Array, mask: Array | None = None) -> Array | None:
        if self.ignore_class is None:
            return mask
        valid = targets != self.ignore_class
        return valid if mask is None else factors(valid, valid, mask)


@register("loss", "binary_crossentropy", "bce", "BCE")
@dataclass(frozen=True)
class BinaryCrossentropy(Crossentropy):
    """−t log p − (1 − t) log(1 − p), for outputs that are independent yes-or-no decisions."""

    from_logits: bool = False
    label_smoothing: float = 0.0

    fused_activation: ClassVar[str] = "sigmoid"

    def each(self, outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
        op = ops.sigmoid_crossentropy if self.from_logits else ops.binary_crossentropy
        return op(outputs, ops.smoothed(targets, self.label_smoothing, 2))


@register("loss", "categorical_focal_crossentropy")
@dataclass(frozen=True)
class CategoricalFocalCrossentropy(Crossentropy):
    """−α Σᵢ tᵢ (1 − pᵢ)^γ log pᵢ: well-classified examples count for little.

    The defaults, α = 0.25 and γ = 2, are those of Keras and the paper. Source: Lin et al. 2017,
    "Focal loss for dense object detection", where α balances two classes; here, as in Keras, it is
    the same for all classes and only scales the loss.
    """

    alpha: float = 0.25
    gamma: float = 2.0
    from_logits: bool = False
    label_smoothing: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        require(type(self).__name__, "alpha", self.alpha, 0)
        require(type(self).__name__, "gamma", self.gamma, 0)

    def each(self, outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
        logits = self.from_logits
        op = ops.softmax_focal_crossentropy if logits else ops.categorical_focal_crossentropy
        targets = ops.smoothed(targets, self.label_smoothing, outputs.shape[-1])
        return op(outputs, targets, self.alpha, self.gamma)


@register("loss", "sparse_categorical_focal_crossentropy")
@dataclass(frozen=True)
class SparseCategoricalFocalCrossentropy(CategoricalFocalCrossentropy):
    """The categorical focal loss for targets that are class indices; not in Keras."""

    labels: ClassVar[bool] = True

    def each(self, outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
        return super().each(outputs, ops.one_hot(targets, outputs))


@register("loss", "binary_focal_crossentropy")
@dataclass(frozen=True)
class BinaryFocalCrossentropy(Crossentropy):
    """(1 − m)^γ times the binary cross-entropy, m the probability of the true answer.

    With `apply_class_balancing`, off by default as in Keras, positives are weighted by α and
    negatives by 1 − α; the paper always does so, with α = 0.25 and γ = 2. Source: Lin et al. 2017.
    """

    apply_class_balancing: bool = False
    alpha: float = 0.25
    gamma: float = 2.0
    from_logits: bool = False
    label_smoothing: float = 0.0

    fused_activation: ClassVar[str] = "sigmoid"

    def __post_init__(self) -> None:
        super().__post_init__()
        require("BinaryFocalCrossentropy", "alpha", self.alpha, 0, 1)
        require("BinaryFocalCrossentropy", "gamma", self.gamma, 0)

    def each(self, outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
        op = ops.sigmoid_focal_crossentropy if self.from_logits else ops.binary_focal_crossentropy
        alpha = self.alpha if self.apply_class_balancing else None
        return op(outputs, ops.smoothed(targets, self.label_smoothing, 2), alpha, self.gamma)
