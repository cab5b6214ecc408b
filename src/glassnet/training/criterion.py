"""What is wanted of a network's outputs: a small loss; and what else is measured of them.

A `Criterion` is for one output. `Criteria`, for a network with multiple outputs, hold one for each
and are called in the same way, so that a training step need not know which of the two it has.
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
    """The goal of one output, whose y is its targets, or a pair of them and the weights."""

    loss: Loss
    metrics: Mapping[str, Measure] = field(default_factory=dict)  # of each example
    per_dataset: Mapping[str, DatasetMeasure] = field(default_factory=dict)  # of a whole data set
    weighted: frozenset[str] = frozenset()  # the metrics in which examples count by their weights
    classes: int = 0  # outputs on the last axis

    def __call__(
        self, outputs: Array, y: Any, mask: Array | None
    ) -> tuple[Array, dict[str, Array], Pullback]:
        """(loss, metrics, pullback of the loss) of one batch."""
        targets, weights = pair(y)
        loss, pullback = self.loss(outputs, targets, weights, mask)
        if self.loss.labels and targets.ndim == outputs.ndim:
            targets = targets.argmax(axis=-1)  # of a mixed example, what it mostly is
        return loss, self.measured(outputs, targets, weights, mask), pullback

    def measured(
        self,
        outputs: Array,
        targets: Array,
        weights: Array | None = None,
        mask: Array | None = None,
    ) -> dict[str, Array]:
        """The means of the metrics; where steps or examples weigh w, the means of w m and of w."""
        found = {}
        for name, metric in self.metrics.items():
            values = metric(outputs, targets)
            weight = factors(values, weights if name in self.weighted else None, mask)
            if weight is not None:
                values = values * weight
                found[name + OF_WEIGHTS] = weight.mean()
            found[name] = values.mean()
        return found

    def measured_per_dataset(
        self, outputs: Array, targets: Array, weights: Array | None = None
    ) -> dict[str, float]:
        """The metrics of all examples together."""
        return {
            name: metric(outputs, targets, weights if name in self.weighted else None)
            for name, metric in self.per_dataset.items()
        }

    def mixable(self, targets: Array, like: Array) -> Array:
        """The targets as floats that can be mixed: labels become one-hot."""
        if not self.loss.labels:
            return targets
        xp = namespace(like)
        return one_hot(targets, xp.zeros((1, self.classes), dtype=like.dtype))

    @property
    def parts(self) -> Sequence["Criterion"]:
        """Every goal that there is."""
        return (self,)

    def split(self, outputs: Array, y: Any, mask: Array | None) -> Iterator[tuple[Any, ...]]:
        """(outputs, y, mask) of each goal."""
        yield outputs, y, mask

    def together(self, found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """The numbers of each goal, loss included, as the numbers of the whole."""
        return dict(found[0])


@dataclass(frozen=True, eq=False)
class Criteria:
    """The goals of several outputs: L = Σᵢ sᵢ Lᵢ over those outputs that have a loss.

    Outputs and masks are tuples with one for each output, y a tuple with one for each goal. Each
    goal's numbers have its output's name before theirs, as in Keras, which names no loss but the
    whole one where there is only one.
    """

    of: Mapping[str, Criterion | None]  # by output, in the network's order
    shares: Mapping[str, float]  # by output: how much a goal's loss counts

    def __call__(
        self, outputs: Sequence[Array], y: Sequence[Any], masks: Sequence[Array | None]
    ) -> tuple[Array, dict[str, Array], Pullback]:
        """(loss, metrics, pullback of the loss) of one batch."""
        found, backs = [], []
        for criterion, given in zip(self.parts, self.split(outputs, y, masks), strict=True):
            loss, metrics, back = criterion(*given)
            found.append({"loss": loss, **metrics})
            backs.append(back)
        numbers = self.together(found)

        def pullback(dloss: Array | float) -> tuple[Array, ...]:
            each = dict(zip(self.names, backs, strict=True))
            return tuple(
                each[name](dloss * self.shares[name]) if name in each else 0 * output
                for name, output in zip(self.of, outputs, strict=True)
            )

        return numbers.pop("loss"), numbers, pullback

    @property
    def names(self) -> list[str]:
        """The outputs that have a goal."""
        return [name for name, criterion in self.of.items() if criterion]

    @property
    def parts(self) -> Sequence[Criterion]:
        """Every goal that there is."""
        return [criterion for criterion in self.of.values() if criterion]

    def split(
        self, outputs: Sequence[Array], y: Sequence[Any], masks: Sequence[Array | None]
    ) -> Iterator[tuple[Any, ...]]:
        """(outputs, y, mask) of each goal."""
        wanted = [
            (o, m)
            for o, m, criterion in zip(outputs, masks, self.of.values(), strict=True)
            if criterion
        ]
        for (output, mask), one in zip(wanted, y, strict=True):
            yield output, one, mask

    def together(self, found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """The numbers of each goal, loss included, as the numbers of the whole."""
        named = list(zip(self.names, found, strict=True))
        numbers = {f"{name}_{key}": value for name, one in named for key, value in one.items()}
        numbers["loss"] = sum(self.shares[name] * one["loss"] for name, one in named)
        if len(named) == 1:
            del numbers[f"{self.names[0]}_loss"]
        return numbers


def pair(y: Any) -> tuple[Array, Array | None]:
    """(targets, weights), None where examples count alike."""
    return y if isinstance(y, tuple) else (y, None)
