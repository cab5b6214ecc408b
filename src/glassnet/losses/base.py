"""`Loss`, the base of all losses: how values of examples become the number that is minimized."""

import math
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

import numpy as np

from glassnet.core.arrays import factors, require_classes
from glassnet.core.configured import Configured
from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.keras_names import KerasNames
from glassnet.core.protocols import Array, namespace
from glassnet.core.registry import added
from glassnet.ops import ArrayPullback, Pullback

REDUCTIONS = ("sum_over_batch_size", "mean", "mean_with_sample_weight", "sum", "none")


@dataclass(frozen=True)
class Loss(KerasNames, Configured):
    """One value for each example, and their mean over the batch or another `reduction`.

    With the weights w and N values l: "sum_over_batch_size" and "mean", Σ w l / N;
    "mean_with_sample_weight", Σ w l / Σ w; "sum", Σ w l; "none" or None, the values w l, which
    can't be trained on. Padding isn't counted in N.

    As in Keras, a loss is called with the targets first: `MeanSquaredError()(y_true, y_pred)`.
    """

    kind: ClassVar[str] = "loss"
    labels: ClassVar[bool] = False  # targets are class indices, one axis fewer than the outputs
    allowed: ClassVar[tuple[float, float]] = (-math.inf, math.inf)  # the range of target values
    ends_in: ClassVar[tuple[str, ...]] = ()  # the output activations it accepts; none: any

    _: KW_ONLY
    reduction: str | None = added("sum_over_batch_size")
    name: str | None = added(None)

    def __post_init__(self) -> None:
        if self.reduction not in (*REDUCTIONS, None):
            raise unknown("reduction", self.reduction, REDUCTIONS, where=type(self).__name__)

    def each(self, outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
        """Return the loss of each example, and its pullback to the outputs."""
        raise NotImplementedError

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Array:
        """Return the loss of these outputs; raises if the shapes don't fit together."""
        outputs, targets = as_outputs(y_pred), as_outputs(y_true)
        targets = self._fitting(targets, outputs)
        weights = None if sample_weight is None else as_outputs(sample_weight).astype(outputs.dtype)
        if weights is not None and weights.ndim == outputs.ndim and weights.shape[-1] == 1:
            weights = weights[..., 0]
        if weights is not None and weights.shape != outputs.shape[: weights.ndim]:
            raise GlassnetError(
                f"has shape {weights.shape}, but outputs have {outputs.shape}.",
                where=f"{type(self).__name__}: sample_weight",
                fix="Give one number for each example.",
            )
        if self.unreduced:
            values, _ = self.each(outputs, targets)
            weight = factors(values, weights, self.counted(targets))
            return values if weight is None else values * weight
        return self.forward(outputs, targets, weights)[0]

    def forward(
        self,
        outputs: Array,
        targets: Array,
        weights: Array | None = None,
        mask: Array | None = None,
    ) -> tuple[Array, Pullback]:
        """Return the reduced loss, and its pullback to the outputs.

        As in Keras by default, the sum of the weighted losses is divided by their number, not by
        the sum of the weights: doubling the weights doubles the loss. Weights (N,) apply to whole
        examples; if there is a loss for each step, weights (N, T) apply to steps. Steps where the
        mask (N, T) is false are padding: they have no loss and don't count in N.
        """
        losses, back_losses = self.each(outputs, targets)
        xp = namespace(losses)
        mask = self.counted(targets, mask)
        weights = factors(losses, weights, mask)
        count: Any = 1 if self.reduction == "sum" else losses.size
        if self.reduction == "mean_with_sample_weight" and weights is not None:
            total = weights.sum().astype(losses.dtype) * (losses.size // weights.size)
            count = xp.where(total > 0, total, 1)
        elif self.reduction != "sum" and mask is not None:
            count = xp.maximum(mask.sum(), 1).astype(losses.dtype) * (losses.size // mask.size)

        def pullback(dloss: Array | float) -> Array:
            share = xp.full(losses.shape, dloss / count, dtype=losses.dtype)
            return back_losses(share if weights is None else share * weights)

        return (losses if weights is None else losses * weights).sum() / count, pullback

    def counted(self, targets: Array, mask: Array | None = None) -> Array | None:
        """Return the mask of what has a loss; None if everything has."""
        return mask

    def share(
        self, targets: Array, weights: Array | None = None, mask: Array | None = None
    ) -> Array | None:
        """Return the mean weight that the loss is divided by beside N; None if it is only N."""
        if self.reduction == "sum":
            return None
        by_weight = self.reduction == "mean_with_sample_weight"
        parts = [part for part in (self.counted(targets, mask), weights if by_weight else None)
                 if part is not None]  # fmt: skip
        if not parts:
            return None
        product = factors(max(parts, key=lambda part: part.ndim), *parts)
        return None if product is None else product.mean()

    @property
    def unreduced(self) -> bool:
        """True if the loss is a value for each example instead of a number."""
        return self.reduction in ("none", None)

    @property
    def depends_on_batches(self) -> bool:
        """True if the mean over batches, which is reported, depends on their size."""
        return self.reduction == "sum"

    def _fitting(self, targets: Array, outputs: Array) -> Array:
        """Return the targets in the shape that `each` takes; raises if there is no such shape."""
        expected = outputs.shape[:-1] if self.labels else outputs.shape
        if targets.shape == (*expected, 1):
            targets = targets[..., 0]
        elif (*targets.shape, 1) == expected:
            targets = targets[..., None]
        if targets.shape != expected:
            raise GlassnetError(
                f"y_true has shape {targets.shape}, but for y_pred of shape {outputs.shape} it "
                f"must be {expected}.",
                where=type(self).__name__,
                fix="The targets come first, as in Keras: loss(y_true, y_pred).",
            )
        xp = namespace(outputs)
        if not self.labels:
            return xp.asarray(targets).astype(outputs.dtype)
        if isinstance(targets, np.ndarray):
            counted = self.counted(targets)
            counts = targets if counted is None else targets[np.asarray(counted, bool)]
            require_classes(counts, outputs.shape[-1], f"{type(self).__name__}: y_true")
        return xp.asarray(targets).astype(xp.int32)


def as_outputs(values: Any) -> Array:
    """Return the values as an array, of floats unless they are labels; JAX's arrays stay JAX's."""
    if hasattr(values, "__array_namespace__"):
        return values
    try:
        return np.asarray(values)
    except ValueError as error:
        raise GlassnetError(f"{error}.", where="loss") from error


def require(loss: str, name: str, value: float, least: float, most: float = math.inf) -> None:
    """Raise unless the option is a finite number in these bounds."""
    if not least <= value <= most or value == math.inf:
        bounds = f"≥ {least}" if most == math.inf else f"in {least}..{most}"
        raise GlassnetError(f"{name} must be {bounds}, got {value}.", where=loss)
