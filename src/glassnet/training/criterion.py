"""The loss and metrics of a network's outputs: `Criterion` of one output, `Criteria` of multiple.

Both are called in the same way, so that a training step does not depend on which of the two it has.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from glassnet.core.arrays import factors
from glassnet.core.protocols import Array, namespace
from glassnet.losses import Loss
from glassnet.metrics import DatasetMeasure, Measure
from glassnet.ops import Pullback
from glassnet.ops.losses import one_hot
from glassnet.training.running_means import OF_WEIGHTS


@dataclass(frozen=True, eq=False)
class Criterion:
    """The loss and metrics of one output. Its y is the targets, or (targets, weights)."""

    loss: Loss
    metrics: Mapping[str, Measure] = field(default_factory=dict)  # one value per example
    per_dataset: Mapping[str, DatasetMeasure] = field(default_factory=dict)  # one per data set
    weighted: frozenset[str] = frozenset()  # names of the metrics that use the example weights
    classes: int = 0  # outputs on the last axis

    def __call__(
        self, outputs: Array, y: Any, mask: Array | None
    ) -> tuple[Array, dict[str, Array], Pullback]:
        """Return (loss, metrics, pullback of the loss) of one batch."""
        targets, weights = pair(y)
        loss, pullback = self.loss.forward(outputs, targets, weights, mask)
        if self.loss.labels and targets.ndim == outputs.ndim:
            targets = targets.argmax(axis=-1)  # the class with the largest share in a mixed example
        return loss, self.metric_means(outputs, targets, weights, mask), pullback

    def metric_means(
        self,
        outputs: Array,
        targets: Array,
        weights: Array | None = None,
        mask: Array | None = None,
    ) -> dict[str, Array]:
        """Return the means of the metrics m; with weights w, the means of w m and of w."""
        means = {}
        for name, metric in self.metrics.items():
            values = metric(outputs, targets)
            weight = factors(values, weights if name in self.weighted else None, mask)
            if weight is not None:
                values = values * weight
                means[name + OF_WEIGHTS] = weight.mean()
            means[name] = values.mean()
        return means

    def dataset_metrics(
        self, outputs: Array, targets: Array, weights: Array | None = None
    ) -> dict[str, float]:
        """Return the metrics of a whole data set, such as F1."""
        return {
            name: metric(outputs, targets, weights if name in self.weighted else None)
            for name, metric in self.per_dataset.items()
        }

    def mixable_targets(self, targets: Array, like: Array) -> Array:
        """Return the targets as floats that can be mixed: labels become one-hot."""
        if not self.loss.labels:
            return targets
        xp = namespace(like)
        return one_hot(targets, xp.zeros((1, self.classes), dtype=like.dtype))

    @property
    def parts(self) -> Sequence["Criterion"]:
        """The criteria of all outputs."""
        return (self,)

    def split_by_output(
        self, outputs: Array, y: Any, mask: Array | None
    ) -> Iterator[tuple[Any, ...]]:
        """Yield (outputs, y, mask) for each criterion."""
        yield outputs, y, mask

    def combined_logs(self, logs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Return one dict of loss and metrics, from one dict per criterion."""
        return dict(logs[0])


@dataclass(frozen=True, eq=False)
class Criteria:
    """The losses and metrics of multiple outputs: L = Σᵢ sᵢ Lᵢ over the outputs with a loss.

    Outputs and masks are tuples with one element per output, y one with an element per criterion.
    Losses and metrics are prefixed with the output's name, as in Keras; if only one output has a
    loss, only the total is reported.
    """

    of: Mapping[str, Criterion | None]  # by output, in the network's order
    shares: Mapping[str, float]  # by output: the factor s of its loss

    def __call__(
        self, outputs: Sequence[Array], y: Sequence[Any], masks: Sequence[Array | None]
    ) -> tuple[Array, dict[str, Array], Pullback]:
        """Return (loss, metrics, pullback of the loss) of one batch."""
        logs, pullbacks = [], []
        batches = self.split_by_output(outputs, y, masks)
        for criterion, batch in zip(self.parts, batches, strict=True):
            loss, metrics, back = criterion(*batch)
            logs.append({"loss": loss, **metrics})
            pullbacks.append(back)
        combined = self.combined_logs(logs)

        def pullback(dloss: Array | float) -> tuple[Array, ...]:
            by_name = dict(zip(self.names, pullbacks, strict=True))
            return tuple(
                by_name[name](dloss * self.shares[name]) if name in by_name else 0 * output
                for name, output in zip(self.of, outputs, strict=True)
            )

        return combined.pop("loss"), combined, pullback

    @property
    def names(self) -> list[str]:
        """The names of the outputs with a loss."""
        return [name for name, criterion in self.of.items() if criterion]

    @property
    def parts(self) -> Sequence[Criterion]:
        """The criteria of all outputs with a loss."""
        return [criterion for criterion in self.of.values() if criterion]

    def split_by_output(
        self, outputs: Sequence[Array], y: Sequence[Any], masks: Sequence[Array | None]
    ) -> Iterator[tuple[Any, ...]]:
        """Yield (outputs, y, mask) for each criterion."""
        with_loss = [
            (output, mask)
            for output, mask, criterion in zip(outputs, masks, self.of.values(), strict=True)
            if criterion
        ]
        for (output, mask), targets in zip(with_loss, y, strict=True):
            yield output, targets, mask

    def combined_logs(self, logs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Return one dict of loss and metrics, from one dict per criterion."""
        by_name = dict(zip(self.names, logs, strict=True))
        combined = {
            f"{name}_{key}": value for name, part in by_name.items() for key, value in part.items()
        }
        combined["loss"] = sum(self.shares[name] * part["loss"] for name, part in by_name.items())
        if len(by_name) == 1:
            del combined[f"{self.names[0]}_loss"]
        return combined


def pair(y: Any) -> tuple[Array, Array | None]:
    """Return (targets, weights); weights are None if all examples count equally."""
    return y if isinstance(y, tuple) else (y, None)
