"""Metrics called by hand, as in Keras: they add up what they are shown until they are reset."""

from typing import Any

import numpy as np

from glassnet.core.arrays import require_classes
from glassnet.core.errors import GlassnetError
from glassnet.core.protocols import Array
from glassnet.metrics.kind import OutputKind


class Accumulating:
    """`update_state(y_true, y_pred)`, `result()` and `reset_state()` of a metric.

    It stores the arrays that it is shown: the result is exact, not a mean over batches.
    """

    name: str

    def measure(self, outputs: Array, targets: Array, *, kind: OutputKind) -> Array:
        """Return a value for each example."""
        raise NotImplementedError

    def over(
        self, outputs: Array, targets: Array, weights: Array | None = None, *, kind: OutputKind
    ) -> float:
        """Return the metric over all these examples."""
        raise NotImplementedError

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add examples; raises if the shapes don't fit together."""
        targets, outputs = self.pair(np.asarray(y_true), np.asarray(y_pred))
        if targets.ndim < outputs.ndim:
            require_classes(targets, outputs.shape[-1], f"metric {self.name!r}: y_true")
        if sample_weight is not None:
            weights = np.asarray(sample_weight, np.float64)
            if weights.shape not in ((), (len(outputs),), (len(outputs), 1)):
                raise GlassnetError(
                    f"has shape {weights.shape}, but there are {len(outputs)} examples.",
                    where="sample_weight",
                    fix="Give one number for each example.",
                )
            weights = np.broadcast_to(weights.reshape(-1), len(outputs))
        else:
            weights = np.ones(len(outputs))
        blocks = self._blocks
        if blocks and blocks[0][0].shape[1:] != outputs.shape[1:]:
            raise GlassnetError(
                f"was shown outputs of shape {blocks[0][0].shape} before, now {outputs.shape}.",
                where=f"metric {self.name!r}",
                fix="Call reset_state() first.",
            )
        blocks.append((outputs, targets, weights))

    def each(self, y_true: Any, y_pred: Any) -> Array:
        """Return a value for each example."""
        targets, outputs = self.pair(np.asarray(y_true), np.asarray(y_pred))
        return self.measure(outputs, targets, kind=_kind(outputs, targets))

    def result(self) -> float:
        """Return the metric over everything since the last reset; 0 before that."""
        if not self._blocks:
            return 0.0
        outputs, targets, weights = map(np.concatenate, zip(*self._blocks, strict=True))
        kind = _kind(outputs, targets)
        return self.over(outputs, targets, None if (weights == 1).all() else weights, kind=kind)

    def reset_state(self) -> None:
        """Forget everything."""
        self._blocks.clear()

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> float:
        """Add examples, and return the metric over all so far."""
        self.update_state(y_true, y_pred, sample_weight)
        return self.result()

    def pair(self, targets: Array, outputs: Array) -> tuple[Array, Array]:
        """Return (targets, outputs) with values on the last axis, and labels without it."""
        if outputs.ndim == 1 and targets.shape == outputs.shape:
            return targets[:, None], outputs[:, None]
        if outputs.ndim > 1 and targets.shape == (*outputs.shape[:-1], 1) != outputs.shape:
            targets = targets[..., 0]
        if outputs.shape[-1:] == (1,) and targets.shape == outputs.shape[:-1]:
            targets = targets[..., None]
        if outputs.ndim < 2 or targets.shape not in (outputs.shape, outputs.shape[:-1]):
            raise GlassnetError(
                f"y_true has shape {targets.shape}, and y_pred {outputs.shape}.",
                where=f"metric {self.name!r}",
                fix="The targets come first: update_state(y_true, y_pred).",
            )
        return targets, outputs

    @property
    def _blocks(self) -> list[tuple[Array, Array, Array]]:
        return vars(self).setdefault("_shown", [])


def _kind(outputs: Array, targets: Array) -> OutputKind:
    """Return what outputs of these shapes are: probabilities."""
    classes = outputs.shape[-1]
    return OutputKind(classes, targets.ndim < outputs.ndim, exclusive=classes > 1)


class Mean:
    """The weighted mean of numbers: `update_state(values)`. It is no metric of `compile`."""

    def __init__(self, name: str = "mean", dtype: None = None) -> None:
        if dtype is not None:
            raise GlassnetError("adds in float64.", where=name, fix="Leave out dtype.")
        self.name = name
        self.reset_state()

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Add numbers."""
        values = np.asarray(values, np.float64)
        weights = np.ones(()) if sample_weight is None else np.asarray(sample_weight, np.float64)
        weights = weights.reshape(weights.shape + (1,) * max(values.ndim - weights.ndim, 0))
        self._sum += float((values * weights).sum())
        self._weights += float(np.broadcast_to(weights, values.shape).sum())

    def result(self) -> float:
        """Return the mean of all numbers so far; 0 if there are none."""
        return self._sum / self._weights if self._weights else 0.0

    def reset_state(self) -> None:
        """Forget all numbers."""
        self._sum = self._weights = 0.0

    def __call__(self, values: Any, sample_weight: Any = None) -> float:
        """Add numbers, and return the result over all so far."""
        self.update_state(values, sample_weight)
        return self.result()


class Sum(Mean):
    """The weighted sum of numbers."""

    def __init__(self, name: str = "sum", dtype: None = None) -> None:
        super().__init__(name, dtype)

    def result(self) -> float:
        return self._sum
