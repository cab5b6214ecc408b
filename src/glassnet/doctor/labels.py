"""Targets: enough of each class, in every part, and such as the outputs can reach."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from glassnet.doctor.findings import Finding, warning
from glassnet.doctor.subject import Subject
from glassnet.losses import CategoricalCrossentropy, CosineSimilarity, Crossentropy, Hinge
from glassnet.training.output_activation import last_activation

_FEW = 5  # examples of a class
_IMBALANCE = 20  # times as many examples as another class
_LARGE = 1000.0  # root mean square of targets that a step of usual size never reaches
_OPEN = float("inf")
_RANGES: dict[str | None, tuple[float, float]] = {
    "softmax": (0, 1), "sigmoid": (0, 1), "tanh": (-1, 1), "relu": (0, _OPEN),
    "softplus": (0, _OPEN), "exponential": (0, _OPEN),
}  # fmt: skip


def _counts(subject: Subject) -> Any:
    labels = subject.labels(subject.train)
    return None if labels is None else np.bincount(labels, minlength=subject.classes)


def few_examples(subject: Subject) -> Iterator[Finding]:
    """A class of which next to nothing can be learned."""
    counts = _counts(subject)
    if counts is None or counts.sum() < 2 * _FEW * len(counts):
        return  # so small a set is meant to be small
    few = np.flatnonzero((counts > 0) & (counts < _FEW))
    if len(few):
        yield warning(
            f"class {subject.class_name(few[0])} has {counts[few[0]]} of {counts.sum():,} training "
            "examples.",
            subject.train.labels_name,
            "Gather more of it, or join it to another class.",
        )


def imbalance(subject: Subject) -> Iterator[Finding]:
    """The loss hardly sees a rare class."""
    counts = _counts(subject)
    if counts is None or subject.weighted:
        return
    most, least = counts.argmax(), np.where(counts >= _FEW, counts, counts.max()).argmin()
    if counts[most] > _IMBALANCE * counts[least]:
        yield warning(
            f"class {subject.class_name(most)} has {counts[most]:,} training examples, class "
            f"{subject.class_name(least)} {counts[least]:,}.",
            subject.train.labels_name,
            "Weigh the classes (class_weight), and judge by recall or F1, not by accuracy.",
        )


def unused_outputs(subject: Subject) -> Iterator[Finding]:
    """More outputs than classes, or a class without an example."""
    counts = _counts(subject)
    if counts is None or counts.all() or counts.sum() < 2 * _FEW:
        return
    used = int(np.flatnonzero(counts)[-1]) + 1
    if (counts > 0).sum() == 1:
        yield warning(
            f"all training examples are of class {subject.class_name(used - 1)}.",
            subject.train.labels_name,
            "Look how the labels were made: there is nothing to tell apart.",
        )
        return
    missing = int((counts == 0).argmax())
    yield warning(
        f"class {subject.class_name(missing)} has no training example; the network has "
        f"{subject.classes} outputs, the labels {(counts > 0).sum()} classes.",
        subject.train.labels_name,
        f"Give the last layer {used} units."
        if counts[:used].all()
        else "Number the classes without gaps, or add examples.",
    )


def validation_classes(subject: Subject) -> Iterator[Finding]:
    """Held-out examples that say nothing of some classes: sorted data, cut at the end."""
    labels = subject.labels(subject.held_out)
    if labels is None or subject.held_out is None or len(labels) < _FEW:
        return
    trained, watched = _counts(subject), np.bincount(labels, minlength=subject.classes)
    mend = "Hold out of each class its share: fit(stratify=True), or shuffle the rows first."
    where = subject.held_out.labels_name
    expected = trained / trained.sum() * len(labels)
    missing = np.flatnonzero((watched == 0) & (expected >= _FEW))
    new = np.flatnonzero((watched > 0) & (trained == 0))
    if len(new):
        name = subject.class_name(new[0])
        yield warning(
            f"{watched[new[0]]} held-out examples are of class {name}, which no training example "
            "has.",
            where,
            mend,
        )
    elif (watched > 0).sum() == 1 and (trained > 0).sum() > 1:
        name = subject.class_name(watched.argmax())
        yield warning(f"all {len(labels)} held-out examples are of class {name}.", where, mend)
    elif len(missing):
        name = subject.class_name(missing[0])
        yield warning(f"no held-out example is of class {name}.", where, mend)


def sorted_labels(subject: Subject) -> Iterator[Finding]:
    """Batches of one class each pull the network to and fro."""
    labels, plan = subject.labels(subject.train), subject.plan
    if plan.shuffle or labels is None or len(labels) <= 2 * plan.batch_size:
        return
    if (np.diff(labels) >= 0).all() and labels[0] != labels[-1]:
        yield warning(
            "is sorted by class, and shuffle=False: most batches hold one class only.",
            subject.train.labels_name,
            "Leave shuffle=True, or shuffle the rows once.",
        )


def not_one_hot(subject: Subject) -> Iterator[Finding]:
    """Probabilities that don't sum to 1, where classes exclude each other."""
    if not isinstance(subject.loss, CategoricalCrossentropy) or subject.loss.labels:
        return
    sums = subject.train.y.sum(axis=-1).reshape(len(subject.train), -1)
    wrong = abs(sums - 1).max(axis=1) > 1e-3
    if wrong.any() and subject.outputs[-1] > 1:
        row = wrong.argmax()
        yield warning(
            f"row {subject.train.row(row)} sums to {sums[row].max():.4g}, not 1"
            + (f", as do {wrong.sum() - 1} more." if wrong.sum() > 1 else "."),
            subject.train.labels_name,
            'Make one-hot rows, or, if an example may have several labels, use "sigmoid" and '
            '"binary_crossentropy".',
        )


def unreachable_targets(subject: Subject) -> Iterator[Finding]:
    """Targets outside of what the last activation can give."""
    if isinstance(subject.loss, Crossentropy | Hinge | CosineSimilarity):
        return
    name, y = last_activation(subject.network), subject.train.y
    least, most = _RANGES.get(name, (-_OPEN, _OPEN))
    outside = (y < least) | (y > most)
    if outside.any():
        place = tuple(np.argwhere(outside)[0])
        yield warning(
            f"row {subject.train.row(place[0])} is {y[place]:.4g}, but the last layer ends in "
            f"{name}, which gives {least:g} to {most:g}.",
            subject.train.labels_name,
            'End in activation="linear", or scale the targets.',
        )


def accuracy_of_numbers(subject: Subject) -> Iterator[Finding]:
    """A share of right answers, where targets are numbers and none is right."""
    names = [name for criterion in subject.objective.criterion.parts for name in criterion.metrics]
    counted = [name for name in names if name.endswith(("accuracy", "acc"))]
    y = subject.train.y
    if counted and not subject.loss.labels and not (-1 <= y.min() <= y.max() <= 1):
        yield warning(
            f"counts right classes, but {subject.train.labels_name} holds numbers.",
            f"metric {counted[0]!r}",
            'Watch "mae" or "mse".',
        )


def odd_targets(subject: Subject) -> Iterator[Finding]:
    """Numbers to be foretold that are all the same, or far too large."""
    if isinstance(subject.loss, Crossentropy | Hinge) or subject.loss.labels:
        return
    y = subject.train.y
    size = float(np.sqrt(np.square(y, dtype=np.float64).mean()))
    where = subject.train.labels_name
    if len(y) > 1 and (y == y[:1]).all():
        yield warning("is the same in every row.", where, "Look how the targets were made.")
    elif size > _LARGE:
        yield warning(
            f"holds numbers of a typical size of {size:.3g}: outputs begin near 0.",
            where,
            "Scale the targets: (y - y.mean()) / y.std().",
        )
