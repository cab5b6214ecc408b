"""Checks for options at an end of their range, where they keep the network from learning."""

from collections.abc import Iterator

import numpy as np

from glassnet.core.plurals import counted
from glassnet.doctor.findings import Finding, warning
from glassnet.doctor.subject import Subject
from glassnet.layers import BatchNormalization
from glassnet.training.callbacks.unfreeze import Unfreeze

_SMOOTH = 0.5  # label smoothing; papers use 0.1
_DROPPED = 0.95  # share of the values that dropout sets to 0
_LONG = 0.999  # momentum of gradients; 0.9 is usual
_SLOW = 0.9999  # momentum of statistics; 0.99 is usual
_DECAY = 0.01  # share of a weight that decay removes in a step
_LIGHT = 1e-3  # mean weight of the examples of a class, relative to that of all
_TINY = 1e-5  # mean weight of all examples

_RATES = ("rate", "dropout", "recurrent_dropout")  # fields of layers


def label_smoothing(subject: Subject) -> Iterator[Finding]:
    """Warn about label smoothing that makes the targets of all classes nearly equal."""
    amount, classes = getattr(subject.loss, "label_smoothing", 0.0), subject.classes
    if amount > _SMOOTH and classes > 1:
        own = 1 - amount + amount / classes
        yield warning(
            f"is {amount:g}: the target of the true class is {own:.3g}, that of each other class "
            f"{amount / classes:.3g}.",
            "label_smoothing",
            "Use 0.1.",
        )


def dropout(subject: Subject) -> Iterator[Finding]:
    """Warn about dropout that leaves almost nothing."""
    for path, layer in subject.layers:
        for name in _RATES:
            rate = getattr(layer, name, 0.0)
            if "dropout" in f"{name} {type(layer).__name__}".lower() and rate >= _DROPPED:
                yield warning(
                    f"has {name}={rate:g}: in training, 1 of {1 / (1 - rate):.0f} values is left.",
                    f"layer {path}",
                    "Use 0.5 or less.",
                )
                return


def momentum(subject: Subject) -> Iterator[Finding]:
    """Warn about averages of gradients or of statistics over more steps than there are."""
    for name in ("momentum", "beta_1"):
        value = getattr(subject.optimizer, name, 0.0)
        if value >= _LONG:
            yield warning(
                f"is {value:g}: every gradient goes on to act for {1 / (1 - value):,.0f} steps; "
                f"the training has {subject.steps:,}.",
                f"optimizer {type(subject.optimizer).__name__}: {name}",
                "Use 0.9.",
            )
    for path, layer in [] if subject.fine_tuned else subject.layers:
        if isinstance(layer, BatchNormalization) and layer.momentum >= _SLOW:
            share = layer.momentum**subject.steps
            if share > 0.5:
                yield warning(
                    f"has momentum={layer.momentum:g}: after "
                    f"{counted(subject.steps, 'step')}, {share:.0%} of its averages are still the "
                    "initial 0 and 1, which predictions use.",
                    f"layer {path}",
                    "Use 0.99 or less.",
                )
                return


def weight_decay(subject: Subject) -> Iterator[Finding]:
    """Warn about weight decay that removes the weights faster than they are learned."""
    decay = subject.optimizer.weight_decay or 0.0
    steps = {0, subject.steps // 10, subject.steps // 2}
    highest = max(subject.optimizer.rate(step) for step in steps)
    if decay * highest > _DECAY:
        yield warning(
            f"is {decay:g}: at the learning rate {highest:.3g}, every step removes "
            f"{min(decay * highest, 1):.1%} of the weights.",
            "weight_decay",
            f"Use {_DECAY / highest / 100:.1g} or less.",
        )


def patience(subject: Subject) -> Iterator[Finding]:
    """Warn about a callback that waits for more epochs than there are."""
    epochs = subject.plan.epochs - subject.plan.initial_epoch
    for callback in subject.callbacks:
        waits = getattr(callback, "patience", None)
        acts_at_the_end = getattr(callback, "restore_best_weights", False)
        if isinstance(waits, int) and waits >= epochs > 1 and not acts_at_the_end:
            yield warning(
                f"is {waits}, but there are {epochs} epochs: it never acts.",
                f"{type(callback).__name__}: patience",
                f"Use {max(1, epochs // 5)}, or train for more epochs.",
            )


def unfreezing(subject: Subject) -> Iterator[Finding]:
    """Warn about an `Unfreeze` after the last epoch."""
    for callback in subject.callbacks:
        if isinstance(callback, Unfreeze) and callback.epoch >= subject.plan.epochs:
            yield warning(
                f"is {callback.epoch}, but training ends after {subject.plan.epochs} epochs: the "
                "frozen layers are never trained.",
                "Unfreeze: epoch",
                "Unfreeze earlier, or train for more epochs.",
            )


def weights(subject: Subject) -> Iterator[Finding]:
    """Warn about weights of examples that leave out a class, or everything."""
    if subject.weights is None:
        return
    own = subject.weights.reshape(len(subject.weights), -1).mean(axis=1, dtype=np.float64)
    mean = float(own.mean())
    if mean < _TINY:
        yield warning(
            f"have the mean {mean:.3g}, and the loss is divided by the number of examples: "
            + ("nothing is learned." if not mean else "gradients almost vanish."),
            "the weights of the examples",
            "Divide them by their mean.",
        )
        return
    labels = subject.labels(subject.train)
    if labels is None or labels.ndim > 1:
        return
    counts = np.bincount(labels, minlength=subject.classes)
    sums = np.bincount(labels, own, minlength=subject.classes)
    light = np.flatnonzero((counts > 0) & (sums < _LIGHT * mean * counts))
    if len(light) and (counts > 0).sum() > 1:
        first = light[0]
        examples, own_mean = counted(counts[first], "training example"), sums[first] / counts[first]
        yield warning(
            f"class {subject.class_name(first)} has {examples} with a mean weight of "
            f"{own_mean:.3g}; that of all examples is {mean:.3g}: the class does not count.",
            "the weights of the examples",
            "Give each class a weight near 1 (class_weight), or leave out its examples.",
        )
