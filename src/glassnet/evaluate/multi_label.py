"""The metrics of a network that predicts several labels at once."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from glassnet.core.arrays import Array, as_numbers
from glassnet.core.errors import GlassnetError
from glassnet.core.tables import table
from glassnet.evaluate.classification import ClassScore, class_score, interval
from glassnet.evaluate.constants import Constants
from glassnet.evaluate.estimates import Estimate, explained, mean
from glassnet.evaluate.ranking import auc, average_precision
from glassnet.evaluate.regression import nonfinite_note, shown

THRESHOLD = 0.5


@dataclass(frozen=True)
class LabelScore(ClassScore):
    """The metrics of one label, each with its 95% interval; the last two need no threshold.

    The AUC is NaN if the label occurs never or always, the average precision if it never occurs.
    """

    auc: float
    auc_interval: tuple[float, float]
    average_precision: float
    average_precision_interval: tuple[float, float]

    @property
    def shares(self) -> tuple[tuple[float, tuple[float, float]], ...]:
        """Precision, recall, F1, AUC and average precision, each with its interval."""
        ranking = (
            (self.auc, self.auc_interval),
            (self.average_precision, self.average_precision_interval),
        )
        return (*super().shares, *ranking)


@dataclass(frozen=True)
class MultiLabel:
    """The test results of a network that predicts several labels at once."""

    exact: float  # share of the examples whose labels are all predicted correctly
    exact_interval: tuple[float, float]
    hamming_loss: Estimate  # share of wrong labels
    hamming_loss_of_majority: float  # if each label is predicted as in most training examples
    micro_f1: Estimate  # of the labels of all examples together
    macro_f1: Estimate  # the mean F1 of the labels that have test examples
    labels: tuple[LabelScore, ...]
    threshold: float  # probability from which a label is predicted
    loss: float
    count: int
    nonfinite: int  # examples with a non-finite output, which predicts no label

    def _repr_html_(self) -> str:
        from glassnet.evaluate.representation import of_rows

        return of_rows(self.headline(), self.rows(), self.notes())

    def headline(self) -> str:
        """The most important metrics in one line."""
        exact = shown(Estimate(self.exact, self.exact_interval), 3)
        return f"all labels correct {exact}, F1 over all labels {shown(self.micro_f1, 3)}"

    def rows(self) -> list[tuple[str, ...]]:
        """The table of labels, the heading first."""
        metrics = ("precision", "recall", "F1", "AUC", "average precision")
        rows: list[tuple[str, ...]] = [
            ("label", *(f"{metric} (95%)" for metric in metrics), "examples")
        ]
        for label in self.labels:
            cells = (
                "undefined" if math.isnan(share) else f"{share:.3f} ({low:.2f}–{high:.2f})"
                for share, (low, high) in label.shares
            )
            rows.append((label.name, *cells, f"{label.support:,}"))
        return rows

    def lines(self) -> list[str]:
        """The table of labels and the metrics of all labels as text."""
        exact = shown(Estimate(self.exact, self.exact_interval), 3)
        loss = f"Hamming loss {shown(self.hamming_loss, 3)}"
        return [
            *table(self.rows(), "<>>>>>>"),
            f"all labels correct {exact}",
            f"{loss}; most frequent value of each label: {self.hamming_loss_of_majority:.3f}",
            f"F1 over all labels {shown(self.micro_f1, 3)}, mean {shown(self.macro_f1, 3)}",
            *self.notes(),
        ]

    def notes(self) -> Iterator[str]:
        """What limits the numbers, as sentences."""
        if self.nonfinite:
            yield nonfinite_note(self.nonfinite, self.count)
        if never := [label.name for label in self.labels if not label.support]:
            yield f"no test examples of: {', '.join(never)}"
        if always := [label.name for label in self.labels if label.support == self.count]:
            yield f"in all test examples: {', '.join(always)}"
        if self.hamming_loss.value >= self.hamming_loss_of_majority:
            yield "No better than always predicting the most frequent value of each label."


def multi_label(
    y: Array,
    probabilities: Array,
    loss: float,
    names: Sequence[str],
    train: Array | Constants,
    threshold: float = THRESHOLD,
) -> MultiLabel:
    """All metrics, from labels (N, C), 0 or 1, and probabilities (N, C).

    `train` (M, C) are the labels of the training examples, for the baseline, or their constants.
    Raises GlassnetError for other shapes, without examples, and for labels that are not 0 or 1.
    """
    present, p, common = _checked(y, probabilities, names, train)
    nonfinite = ~np.isfinite(p)
    p = np.where(nonfinite, -np.inf, p)
    predicted = p >= threshold
    correct = present & predicted
    counts = np.stack([part.sum(axis=0) for part in (correct, present, predicted)], axis=1)
    labels = tuple(
        _label(name, counts[k].tolist(), present[:, k], p[:, k]) for k, name in enumerate(names)
    )
    wrong, marked = (present ^ predicted) + 0.0, present + 0.0 + predicted
    occurs = present.any(axis=0)
    of_labels = wrong[:, occurs], marked[:, occurs]
    whole, n = int((present == predicted).all(axis=1).sum()), len(present)
    return MultiLabel(
        whole / n,
        interval(whole, n),
        mean(wrong.mean(axis=1)),
        float((present ^ common).mean()),
        explained(wrong.sum(axis=1), marked.sum(axis=1)),
        explained(*of_labels) if occurs.any() else Estimate(math.nan, None),
        labels,
        threshold,
        loss,
        n,
        int(nonfinite.any(axis=1).sum()),
    )


def _label(name: str, counts: Sequence[int], present: Array, p: Array) -> LabelScore:
    """Return the metrics of a label; `counts` are correct, true and predicted examples."""
    area, area_interval = auc(present, p)
    precision, precision_interval = average_precision(present, p)
    return LabelScore(
        **vars(class_score(name, *counts)),
        auc=area,
        auc_interval=area_interval,
        average_precision=precision,
        average_precision_interval=precision_interval,
    )


def _checked(
    y: Array, probabilities: Array, names: Sequence[str], train: Array | Constants
) -> tuple[Array, Array, Array]:
    """Return labels (N, C) and the most frequent values (C,) as bool, and the probabilities."""
    arrays = [("y", y), ("probabilities", probabilities)]
    if not isinstance(train, Constants):
        arrays.append(("train", train))
    for what, values in arrays:
        shape = as_numbers(values, what).shape
        if shape != (len(values), len(names)):
            raise GlassnetError(
                f"has shape {shape}, but there are {len(names)} labels.",
                where=what,
                fix="Use one row for each example and one column for each label.",
            )
        if not len(values):
            raise GlassnetError("has no rows.", where=what)
        if what != "probabilities" and not np.isin(values, (0, 1)).all():
            row = int((~np.isin(values, (0, 1))).any(axis=1).argmax())
            raise GlassnetError(f"row {row} has a label other than 0 and 1.", where=what)
    if len(y) != len(probabilities):
        raise GlassnetError(
            f"has {len(probabilities)} rows, but y has {len(y)}.", where="probabilities"
        )
    shares = train.mean if isinstance(train, Constants) else train.mean(axis=0)
    return np.asarray(y) == 1, np.asarray(probabilities, np.float64), shares > 0.5
