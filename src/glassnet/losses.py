"""Losses as Keras names them: what training makes small, averaged over the batch."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from glassnet.core.errors import GlassnetError
from glassnet.core.protocols import Array, namespace
from glassnet.core.registry import register, resolve
from glassnet.ops import ArrayPullback, Pullback
from glassnet.ops import losses as ops


@dataclass(frozen=True)
class Loss:
    """The mean over the batch of one value for each example."""

    labels: ClassVar[bool] = False  # targets are class indices, one axis fewer than the outputs
    allowed: ClassVar[tuple[float, float]] = (-math.inf, math.inf)  # for each number of a target
    ends_in: ClassVar[tuple[str, ...]] = ()  # the last activations that suit it; none: any

    def each(self, outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
        """The op: a value for each example, and its pullback to the outputs."""
        raise NotImplementedError

    def __call__(
        self,
        outputs: Array,
        targets: Array,
        weights: Array | None = None,
        mask: Array | None = None,
    ) -> tuple[Array, Pullback]:
        """L = Σₙ wₙ lₙ / N, and its pullback to the outputs.

        As in Keras ("sum_over_batch_size") the sum of weighted values is divided by their number,
        not by the sum of the weights: twice the weights are twice the loss. Weights (N,) count for
        the whole of an example; where it has a value for each step, (N, T) weigh each step. Steps
        where the mask (N, T) is false are padding: they have no loss, and N does not count them.
        """
        each, back_each = self.each(outputs, targets)
        xp = namespace(each)
        weights = factors(each, weights, mask)
        count: Any = each.size
        if mask is not None:
            count = xp.maximum(mask.sum(), 1).astype(each.dtype) * (each.size // mask.size)

        def pullback(dloss: Array | float) -> Array:
            share = xp.full(each.shape, dloss / count, dtype=each.dtype)
            return back_each(share if weights is None else share * weights)

        return (each if weights is None else each * weights).sum() / count, pullback


def spread(weights: Array, values: Array) -> Array:
    """The weights with as many axes as the values: an example's weight is that of all its steps."""
    return weights.reshape(weights.shape + (1,) * (values.ndim - weights.ndim))


def factors(values: Array, *weights: Array | None) -> Array | None:
    """What the values are multiplied by: the product of the weights that there are."""
    product: Array | None = None
    for one in weights:
        if one is not None:
            one = spread(one, values)
            product = one if product is None else product * one
    return product


def _require(loss: str, name: str, value: float, least: float, most: float = math.inf) -> None:
    if not least <= value <= most or value == math.inf:
        bounds = f"≥ {least}" if most == math.inf else f"in {least}..{most}"
        raise GlassnetError(f"{name} must be {bounds}, got {value}.", where=loss)


class Crossentropy(Loss):
    """A loss of probabilities, or of the logits that a last layer would make them from.

    `fused_activation` names that last activation: together they are one stable op.
    `label_smoothing` takes a share of the targets' certainty and gives it to all classes.
    """

    fused_activation: ClassVar[str] = "softmax"
    allowed: ClassVar[tuple[float, float]] = (0, 1)

    from_logits: bool  # fields of the losses below, which have Keras's order of arguments
    label_smoothing: float

    def __post_init__(self) -> None:
        name = type(self).__name__
        if not isinstance(self.from_logits, bool):
            raise GlassnetError(
                f"from_logits must be True or False, got {self.from_logits!r}.", where=name
            )
        _require(name, "label_smoothing", self.label_smoothing, 0, 1)

    def smoothed(self, amount: float) -> Self:
        """The same loss, with this share of certainty taken from the targets."""
        return type(self)(**vars(self) | {"label_smoothing": amount})

    def of_logits(self) -> Self:
        """The same loss, of logits."""
        return type(self)(**vars(self) | {"from_logits": True})


@register("loss", "categorical_crossentropy")
@dataclass(frozen=True)
class CategoricalCrossentropy(Crossentropy):
    """−Σᵢ tᵢ log pᵢ, targets one-hot."""

    from_logits: bool = False
    label_smoothing: float = 0.0

    def each(self, outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
        op = ops.softmax_crossentropy if self.from_logits else ops.categorical_crossentropy
        return op(outputs, ops.smoothed(targets, self.label_smoothing, outputs.shape[-1]))


@register("loss", "sparse_categorical_crossentropy")
@dataclass(frozen=True)
class SparseCategoricalCrossentropy(CategoricalCrossentropy):
    """−log p of the right class, targets the index of that class.

    With `label_smoothing`, which Keras has for one-hot targets only.
    """

    labels: ClassVar[bool] = True

    def each(self, outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
        return super().each(outputs, ops.one_hot(targets, outputs))


@register("loss", "binary_crossentropy", "bce")
@dataclass(frozen=True)
class BinaryCrossentropy(Crossentropy):
    """−t log p − (1 − t) log(1 − p), each output a yes-or-no of its own."""

    from_logits: bool = False
    label_smoothing: float = 0.0

    fused_activation: ClassVar[str] = "sigmoid"

    def each(self, outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
        op = ops.sigmoid_crossentropy if self.from_logits else ops.binary_crossentropy
        return op(outputs, ops.smoothed(targets, self.label_smoothing, 2))


@register("loss", "categorical_focal_crossentropy")
@dataclass(frozen=True)
class CategoricalFocalCrossentropy(Crossentropy):
    """−α Σᵢ tᵢ (1 − pᵢ)^γ log pᵢ: what is right already counts for little.

    The defaults are Keras's and the paper's, α = 0.25 and γ = 2. Source: Lin et al. 2017, "Focal
    loss for dense object detection", whose α is of two classes; here, as in Keras, it is one for
    all and only scales the loss.
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
    """The same, targets the index of the right class; Keras has it for one-hot targets only."""

    labels: ClassVar[bool] = True

    def each(self, outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
        return super().each(outputs, ops.one_hot(targets, outputs))


@register("loss", "binary_focal_crossentropy")
@dataclass(frozen=True)
class BinaryFocalCrossentropy(Crossentropy):
    """(1 − m)^γ times the binary cross-entropy, m what p gives to the truth.

    With `apply_class_balancing`, off by default as in Keras, a yes counts α and a no 1 − α; in the
    paper they always do, with α = 0.25 and γ = 2. Source: Lin et al. 2017.
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
    """Σᵢ tᵢ log(tᵢ / pᵢ): how far the outputs are from another distribution."""

    allowed: ClassVar[tuple[float, float]] = (0, 1)
    ends_in: ClassVar[tuple[str, ...]] = ("softmax", "sigmoid")

    def each(self, outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
        return ops.kl_divergence(outputs, targets)


@register("loss", "poisson")
@dataclass(frozen=True)
class Poisson(Loss):
    """The mean over the outputs of y − t log y, for counts; outputs must be positive."""

    allowed: ClassVar[tuple[float, float]] = (0, math.inf)
    ends_in: ClassVar[tuple[str, ...]] = ("softplus", "relu", "sigmoid", "softmax")

    def each(self, outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
        return ops.poisson(outputs, targets)


@register("loss", "mean_squared_error", "mse")
@dataclass(frozen=True)
class MeanSquaredError(Loss):
    """The mean over the outputs of (y − t)²."""

    def each(self, outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
        return ops.mean_squared_error(outputs, targets)


@register("loss", "mean_absolute_error", "mae")
@dataclass(frozen=True)
class MeanAbsoluteError(Loss):
    """The mean over the outputs of |y − t|."""

    def each(self, outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
        return ops.mean_absolute_error(outputs, targets)


@register("loss", "squared_error")
@dataclass(frozen=True)
class SquaredError(Loss):
    """½ Σ (y − t)² over the outputs: the textbooks' cost, C/2 times the mean squared error."""

    def each(self, outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
        return ops.squared_error(outputs, targets)


@register("loss", "huber")
@dataclass(frozen=True)
class Huber(Loss):
    """½ (y − t)² near 0 and δ |y − t| − ½ δ² far out, where a square would let outliers rule."""

    delta: float = 1.0

    def __post_init__(self) -> None:
        _require("Huber", "delta", self.delta, 0)

    def each(self, outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
        return ops.huber(outputs, targets, self.delta)


@register("loss", "log_cosh")
@dataclass(frozen=True)
class LogCosh(Loss):
    """The mean over the outputs of log cosh(y − t): as Huber, without a seam."""

    def each(self, outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
        return ops.log_cosh(outputs, targets)


@register("loss", "cosine_similarity")
@dataclass(frozen=True)
class CosineSimilarity(Loss):
    """−cos of the angle between outputs and targets, as in Keras: −1 where they agree."""

    def each(self, outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
        return ops.cosine_similarity(outputs, targets)


@register("loss", "hinge")
@dataclass(frozen=True)
class Hinge(Loss):
    """The mean over the outputs of max(0, 1 − t y), targets −1 and 1, or 0 and 1."""

    allowed: ClassVar[tuple[float, float]] = (-1, 1)

    def each(self, outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
        return ops.hinge(outputs, targets)


@register("loss", "squared_hinge")
@dataclass(frozen=True)
class SquaredHinge(Hinge):
    """The mean over the outputs of max(0, 1 − t y)²."""

    def each(self, outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
        return ops.squared_hinge(outputs, targets)


@register("loss", "categorical_hinge")
@dataclass(frozen=True)
class CategoricalHinge(Loss):
    """max(0, 1 + the largest wrong output − the right one), targets one-hot."""

    allowed: ClassVar[tuple[float, float]] = (0, 1)

    def each(self, outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
        return ops.categorical_hinge(outputs, targets)


def get(value: "str | Loss") -> Loss:
    """The loss that a name or a loss means."""
    loss: Loss = resolve("loss", value, where="loss")
    return loss
