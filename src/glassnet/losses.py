"""Losses, with the names of Keras: what training minimizes, averaged over the batch."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from glassnet.core.arrays import factors
from glassnet.core.configured import Configured
from glassnet.core.errors import GlassnetError
from glassnet.core.functions import Function
from glassnet.core.keras_names import KerasNames
from glassnet.core.protocols import Array, namespace
from glassnet.core.registry import register, resolve
from glassnet.ops import ArrayPullback, Pullback
from glassnet.ops import losses as ops

__all__ = [
    "BinaryCrossentropy", "BinaryFocalCrossentropy", "CategoricalCrossentropy",
    "CategoricalFocalCrossentropy", "CategoricalHinge", "CosineSimilarity", "Hinge", "Huber",
    "KLDivergence", "LogCosh", "Loss", "MeanAbsoluteError", "MeanSquaredError", "Poisson",
    "SparseCategoricalCrossentropy", "SparseCategoricalFocalCrossentropy", "SquaredError",
    "SquaredHinge",
]  # fmt: skip


@dataclass(frozen=True)
class Loss(KerasNames, Configured):
    """The mean over the batch of one value for each example."""

    kind: ClassVar[str] = "loss"
    labels: ClassVar[bool] = False  # targets are class indices, one axis fewer than the outputs
    allowed: ClassVar[tuple[float, float]] = (-math.inf, math.inf)  # the range of target values
    ends_in: ClassVar[tuple[str, ...]] = ()  # the output activations it accepts; none: any

    def each(self, outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
        """Return the loss of each example, and its pullback to the outputs."""
        raise NotImplementedError

    def __call__(
        self,
        outputs: Array,
        targets: Array,
        weights: Array | None = None,
        mask: Array | None = None,
    ) -> tuple[Array, Pullback]:
        """L = Σₙ wₙ lₙ / N, and its pullback to the outputs.

        As in Keras ("sum_over_batch_size"), the sum of the weighted losses is divided by their
        number, not by the sum of the weights: doubling the weights doubles the loss. Weights (N,)
        apply to whole examples; if there is a loss for each step, weights (N, T) apply to steps.
        Steps where the mask (N, T) is false are padding: they have no loss and don't count in N.
        """
        losses, back_losses = self.each(outputs, targets)
        xp = namespace(losses)
        weights = factors(losses, weights, mask)
        count: Any = losses.size
        if mask is not None:
            count = xp.maximum(mask.sum(), 1).astype(losses.dtype) * (losses.size // mask.size)

        def pullback(dloss: Array | float) -> Array:
            share = xp.full(losses.shape, dloss / count, dtype=losses.dtype)
            return back_losses(share if weights is None else share * weights)

        return (losses if weights is None else losses * weights).sum() / count, pullback


def _require(loss: str, name: str, value: float, least: float, most: float = math.inf) -> None:
    if not least <= value <= most or value == math.inf:
        bounds = f"≥ {least}" if most == math.inf else f"in {least}..{most}"
        raise GlassnetError(f"{name} must be {bounds}, got {value}.", where=loss)


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
        name = type(self).__name__
        if not isinstance(self.from_logits, bool):
            raise GlassnetError(
                f"from_logits must be True or False, got {self.from_logits!r}.", where=name
            )
        _require(name, "label_smoothing", self.label_smoothing, 0, 1)

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

    Unlike in Keras, `label_smoothing` is not limited to one-hot targets.
    """

    labels: ClassVar[bool] = True

    def each(self, outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
        return super().each(outputs, ops.one_hot(targets, outputs))


@register("loss", "binary_crossentropy", "bce")
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
        _require(type(self).__name__, "alpha", self.alpha, 0)
        _require(type(self).__name__, "gamma", self.gamma, 0)

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
        _require("BinaryFocalCrossentropy", "alpha", self.alpha, 0, 1)
        _require("BinaryFocalCrossentropy", "gamma", self.gamma, 0)

    def each(self, outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
        op = ops.sigmoid_focal_crossentropy if self.from_logits else ops.binary_focal_crossentropy
        alpha = self.alpha if self.apply_class_balancing else None
        return op(outputs, ops.smoothed(targets, self.label_smoothing, 2), alpha, self.gamma)


@register("loss", "kl_divergence", "kld")
@dataclass(frozen=True)
class KLDivergence(Loss):
    """Σᵢ tᵢ log(tᵢ / pᵢ): the divergence of the outputs from the target distribution."""

    allowed: ClassVar[tuple[float, float]] = (0, 1)
    ends_in: ClassVar[tuple[str, ...]] = ("softmax", "sigmoid")

    each = staticmethod(ops.kl_divergence)


@register("loss", "poisson")
@dataclass(frozen=True)
class Poisson(Loss):
    """The mean over the outputs of y − t log y, for target counts; outputs must be positive."""

    allowed: ClassVar[tuple[float, float]] = (0, math.inf)
    ends_in: ClassVar[tuple[str, ...]] = ("softplus", "relu", "sigmoid", "softmax")

    each = staticmethod(ops.poisson)


@register("loss", "mean_squared_error", "mse")
@dataclass(frozen=True)
class MeanSquaredError(Loss):
    """The mean over the outputs of (y − t)²."""

    each = staticmethod(ops.mean_squared_error)


@register("loss", "mean_absolute_error", "mae")
@dataclass(frozen=True)
class MeanAbsoluteError(Loss):
    """The mean over the outputs of |y − t|."""

    each = staticmethod(ops.mean_absolute_error)


@register("loss", "squared_error")
@dataclass(frozen=True)
class SquaredError(Loss):
    """½ Σ (y − t)² over the outputs: the textbook cost, C/2 times the mean squared error."""

    each = staticmethod(ops.squared_error)


@register("loss", "huber")
@dataclass(frozen=True)
class Huber(Loss):
    """½ (y − t)² near 0 and δ |y − t| − ½ δ² far out, which limits the weight of outliers."""

    delta: float = 1.0

    def __post_init__(self) -> None:
        _require("Huber", "delta", self.delta, 0)

    def each(self, outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
        return ops.huber(outputs, targets, self.delta)


@register("loss", "log_cosh")
@dataclass(frozen=True)
class LogCosh(Loss):
    """The mean over the outputs of log cosh(y − t): like Huber, but smooth everywhere."""

    each = staticmethod(ops.log_cosh)


@register("loss", "cosine_similarity")
@dataclass(frozen=True)
class CosineSimilarity(Loss):
    """−cos of the angle between outputs and targets, as in Keras: −1 where they agree."""

    each = staticmethod(ops.cosine_similarity)


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


def get(value: "str | Loss | Function") -> Loss:
    """Return the loss for a name or a function; a loss is returned unchanged."""
    return resolve("loss", value, where="loss")
