"""Checks of labels and targets: class counts in every split, and values the outputs can reach."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from glassnet.core.plurals import counted
from glassnet.doctor.findings import Finding, warning
from glassnet.doctor.subject import Subject
from glassnet.losses import CategoricalCrossentropy, CosineSimilarity, Crossentropy, Hinge
from glassnet.training.output_activation import last_activation

_FEW = 5  # examples of a class
_IMBALANCE = 20  # times as many examples as another class
_LARGE = 1000.0  # root mean square of targets that steps of usual size never reach
_OPEN = float("inf")
_RANGES: dict[str | None, tuple[float, float]] = {
    "softmax": (0, 1), "sigmoid": (0, 1), "tanh": (-1, 1), "relu": (0, _OPEN),
    "softplus": (0, _OPEN), "exponential": (0, _OPEN), "relu6": (0, 6), "squareplus": (0, _OPEN),
    "sparse_plus": (0, _OPEN), "hard_sigmoid": (0, 1), "sparse_sigmoid": (0, 1),
    "sparsemax": (0, 1), "hard_tanh": (-1, 1), "softsign": (-1, 1),
    "log_sigmoid": (-_OPEN, 0), "log_softmax": (-_OPEN, 0),
}  # fmt: skip


def _counts(subject: Subject) -> Any:
    labels = subject.labels(subject.train)
    return None if labels is None else np.bincount(labels, minlength=subject.classes)


def rare_classes(subject: Subject) -> Iterator[Finding]:
    """Warn about a class with too few examples to learn from, or to influence the loss."""
    counts = _counts(subject)
    if counts is None:
        return
    few = np.flatnonzero((counts > 0) & (counts < _FEW))
    if len(few) and counts.sum() >= 2 * _FEW * len(counts):  # else it is intended to be small
        yield warning(
            f"class {subject.class_name(few[0])} has {counts[few[0]]} of {counts.sum():,} training "
            "examples.",
            subject.train.labels_name,
            "Collect more examples of it, or merge it with another class.",
        )
    most, least = counts.argmax(), np.where(counts >= _FEW, counts, counts.max()).argmin()
    if counts[most] > _IMBALANCE * counts[least] and not subject.weighted:
        yield warning(
            f"class {subject.class_name(most)} has {counts[most]:,} training examples, class "
            f"{subject.class_name(least)} {counts[least]:,}.",
            subject.train.labels_name,
            "Weight the classes (class_weight), and evaluate by recall or F1, not by accuracy.",
        )


def unused_outputs(subject: Subject) -> Iterator[Finding]:
    """Warn about more outputs than classes, and about a class without examples."""
    counts = _counts(subject)
    if counts is None or counts.all() or counts.sum() < 2 * _FEW:
        return
    used = int(np.flatnonzero(counts)[-1]) + 1
    if (counts > 0).sum() == 1:
        yield warning(
            f"all training examples are of class {subject.class_name(used - 1)}.",
            subject.train.labels_name,
            "Check how the labels were created: there is nothing to learn.",
        )
        return
    held_out = subject.labels(subject.held_out)
    if held_out is not None:  # of what is in the validation split only, `validation_classes` warns
        counts = counts + np.bincount(held_out, minlength=len(counts))
        used = int(np.flatnonzero(counts)[-1]) + 1
    if counts.all():
        return
    missing = int((counts == 0).argmax())
    yield warning(
        f"class {subject.class_name(missing)} has no training examples; the network has "
        f"{subject.classes} outputs, the labels have {(counts > 0).sum()} classes.",
        subject.train.labels_name,
        f"Give the last layer {used} units."
        if counts[:used].all()
        else "Number the classes without gaps, or add examples.",
    )


def validation_classes(subject: Subject) -> Iterator[Finding]:
    """Warn if the validation split lacks classes: sorted data, split at the end."""
    labels = subject.labels(subject.held_out)
    if labels is None or subject.held_out is None or len(labels) < _FEW:
        return
    training, validation = _counts(subject), np.bincount(labels, minlength=subject.classes)
    expected = training / training.sum() * len(labels)
    missing = np.flatnonzero((validation == 0) & (expected >= _FEW))
    new = np.flatnonzero((validation > 0) & (training == 0))
    if len(new):
        count, name = validation[new[0]], subject.class_name(new[0])
        examples = counted(count, "validation example is", "validation examples are")
        what = f"{examples} of class {name}, which has no training examples."
    elif (validation > 0).sum() == 1 and (training > 0).sum() > 1:
        name = subject.class_name(validation.argmax())
        what = f"all {len(labels)} validation examples are of class {name}."
    elif len(missing):
        what = f"no validation example is of class {subject.class_name(missing[0])}."
    else:
        return
    fix = "Stratify the split (fit(stratify=True)), or shuffle the rows first."
    yield warning(what, subject.held_out.labels_name, fix)


def sorted_labels(subject: Subject) -> Iterator[Finding]:
    """Warn about unshuffled rows sorted by class: each batch would hold a single class."""
    labels, plan = subject.labels(subject.train), subject.plan
    if plan.shuffle or labels is None or len(labels) <= 2 * plan.batch_size:
        return
    if (np.diff(labels) >= 0).all() and labels[0] != labels[-1]:
        yield warning(
            "is sorted by class, and shuffle=False: most batches contain a single class.",
            subject.train.labels_name,
            "Use shuffle=True, or shuffle the rows once.",
        )


def not_one_hot(subject: Subject) -> Iterator[Finding]:
    """Warn about target rows that don't sum to 1 under a categorical loss."""
    if not isinstance(subject.loss, CategoricalCrossentropy) or subject.loss.labels:
        return
    sums = subject.train.y.sum(axis=-1).reshape(len(subject.train), -1)
    wrong = abs(sums - 1).max(axis=1) > 1e-3
    if wrong.any() and subject.outputs[-1] > 1:
        row = wrong.argmax()
        yield warning(
            f"{subject.train.row(row)} sums to {sums[row].max():.4g}, not 1"
            + (f"; likewise {counted(wrong.sum() - 1, 'more row')}." if wrong.sum() > 1 else "."),
            subject.train.labels_name,
            'Use one-hot rows or, if an example can have multiple labels, "sigmoid" and '
            '"binary_crossentropy".',
        )


def unreachable_targets(subject: Subject) -> Iterator[Finding]:
    """Warn about targets outside the range of the last activation."""
    if isinstance(subject.loss, Crossentropy | Hinge | CosineSimilarity):
        return
    name, y = last_activation(subject.network), subject.train.y
    least, most = _RANGES.get(name, (-_OPEN, _OPEN))
    outside = (y < least) | (y > most)
    if outside.any():
        place = tuple(np.argwhere(outside)[0])
        yield warning(
            f"{subject.train.row(place[0])} is {y[place]:.4g}, but the last activation is "
            f"{name}, with outputs from {least:g} to {most:g}.",
            subject.train.labels_name,
            'Use activation="linear" in the last layer, or scale the targets.',
        )


def accuracy_of_numbers(subject: Subject) -> Iterator[Finding]:
    """Warn about an accuracy metric where the targets are not classes."""
    names = [name for criterion in subject.objective.criterion.parts for name in criterion.metrics]
    counted = [name for name in names if name.endswith(("accuracy", "acc"))]
    y = subject.train.y
    if counted and not subject.loss.labels and not (-1 <= y.min() <= y.max() <= 1):
        yield warning(
            f"is for class labels, but {subject.train.labels_name} holds continuous values.",
            f"metric {counted[0]!r}",
            'Use "mae" or "mse".',
        )


def odd_targets(subject: Subject) -> Iterator[Finding]:
    """Warn about regression targets that are all the same, or far too large."""
    if isinstance(subject.loss, Crossentropy | Hinge) or subject.loss.labels:
        return
    y = subject.train.y
    size = float(np.sqrt(np.square(y, dtype=np.float64).mean()))
    where = subject.train.labels_name
    if len(y) > 1 and (y == y[:1]).all():
        yield warning("is the same in every row.", where, "Check how the targets were made.")
    elif size > _LARGE:
        yield warning(
            f"has a root mean square of {size:.3g}, but outputs start near 0.",
            where,
            "Scale the targets: (y - y.mean()) / y.std().",
        )
