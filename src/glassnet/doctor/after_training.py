"""Checks after training, on its history and on one step of the trained network."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from glassnet.core.arrays import Array, lowest
from glassnet.doctor.findings import Finding, warning
from glassnet.doctor.first_step import StepTrace, dead_units, gradients, norm
from glassnet.doctor.subject import Subject
from glassnet.losses import Crossentropy, MeanSquaredError, SparseCategoricalCrossentropy

_SAME = 0.98  # of a loss: less is an improvement
_STEPS = 50  # fewer steps need not have learned anything
_WARMED_UP = 0.2  # of the planned steps, after which the learning rate is no longer near 0
_SURPLUS, _EPOCHS = 1.2, 3  # of the lowest validation loss; epochs since
_UNSTABLE = 2.0  # times the lowest training loss
_EXPLODED = 1e3  # norm of all gradients


def symptoms(
    subject: Subject,
    history: Mapping[str, Sequence[float]],
    best_is_kept: bool = False,
    time_up: bool = False,
) -> list[Finding]:
    """Return the findings about a finished training; `time_up` if a time limit ended it."""
    findings = [*no_learning(subject, history, time_up), *unstable(history)]
    if not best_is_kept:
        findings += overfitting(history)
    with np.errstate(all="ignore"):
        step = StepTrace(subject)
        findings += dead_units(step, "after training")
        findings += gradients(step, "after training")
        findings += large_gradients(step.gradients.values())
    return findings


def constant_loss(subject: Subject) -> float | None:
    """Return the loss of the best constant prediction: the class frequencies, or the mean."""
    loss, y = subject.loss, subject.train.y
    if isinstance(loss, MeanSquaredError):
        return float(y.var(axis=0, dtype=np.float64).mean())
    labels = subject.labels(subject.train)
    if labels is None and isinstance(loss, SparseCategoricalCrossentropy) and y.ndim > 1:
        labels = y.ravel()  # of a language model: one label per position
    if type(loss).__name__.endswith("FocalCrossentropy") or labels is None:
        return None
    assert isinstance(loss, Crossentropy)
    if loss.label_smoothing:
        return None
    share = np.bincount(labels) / len(labels)
    share = share[share > 0]
    return float(-(share * np.log(share)).sum())


def no_learning(
    subject: Subject, history: Mapping[str, Sequence[float]], time_up: bool = False
) -> Iterator[Finding]:
    """Warn if training ends no better than a constant prediction.

    After a time limit, the last epoch may have had any number of steps, so it doesn't count, and
    the learning rate may still have been near 0.
    """
    losses, val_losses = history.get("loss", ()), history.get("val_loss", ())
    constant = constant_loss(subject)
    steps = (len(losses) - time_up) * -(-len(subject.train) // subject.plan.batch_size)
    least = max(_STEPS, _WARMED_UP * subject.steps if time_up else 0)
    if not losses or constant is None or subject.weighted or steps < least:
        return
    # The training loss includes dropout; the validation loss suffers from overfitting.
    name, last = min(
        (("the training loss", losses[-1]), *(("the validation loss", v) for v in val_losses[-1:])),
        key=lambda loss: loss[1],
    )
    last -= subject.penalty
    if subject.fine_tuned and losses[-1] < _SAME * losses[0]:  # it started from higher
        return
    if last > _SAME * constant:
        yield warning(
            f"is {last:.4g} after {len(losses)} epoch{'s' * (len(losses) > 1)}; a constant "
            f"prediction would have {constant:.4g}. Nothing was learned.",
            name,
            "Lower the weight penalty (--l1, --l2, kernel_regularizer)."
            if subject.objective.penalized
            else "Check the inputs and their labels, and try another learning rate.",
        )


def overfitting(history: Mapping[str, Sequence[float]]) -> Iterator[Finding]:
    """Warn if the validation loss rises while the training loss falls."""
    val_losses, losses = history.get("val_loss", ()), history.get("loss", ())
    if not len(val_losses):
        return
    best = lowest(val_losses)
    since, lowest_loss, last_loss = len(val_losses) - 1 - best, val_losses[best], val_losses[-1]
    if since >= _EPOCHS and last_loss > _SURPLUS * lowest_loss and losses[-1] < losses[best]:
        yield warning(
            f"rose from {lowest_loss:.4g} in epoch {best + 1} to {last_loss:.4g}, while the "
            f"training loss fell from {losses[best]:.4g} to {losses[-1]:.4g}: the network "
            "overfits.",
            "the validation loss",
            "Stop early (--early-stopping 3), or use --dropout, --augment, --weight-decay or more "
            "data.",
        )


def unstable(history: Mapping[str, Sequence[float]]) -> Iterator[Finding]:
    """Warn if the training loss itself rises."""
    losses = history.get("loss", ())
    if len(losses) > 1 and losses[-1] > _UNSTABLE * min(losses) and losses[-1] > losses[0]:
        yield warning(
            f"rose to {losses[-1]:.4g}; it was {min(losses):.4g} in epoch {lowest(losses) + 1}.",
            "the training loss",
            "Lower the learning rate, or clip the gradients (--clip 1).",
        )


def not_finite(numbers: Mapping[str, float]) -> Iterator[Finding]:
    """Warn about each non-finite value; `numbers` maps places to values."""
    for place, value in numbers.items():
        if not math.isfinite(value):
            yield warning(
                f"is {value}; the files of the run have null.",
                place,
                "Check whether these examples are scaled like the training examples, and lower the "
                "learning rate.",
            )


def large_gradients(gradients: Iterable[Array]) -> Iterator[Finding]:
    """Warn if the norm of the gradients is so large that the next step would diverge."""
    length = norm(gradients)
    if length > _EXPLODED:
        yield warning(
            f"have the norm {length:.3g} after training: they explode.",
            "the gradients",
            "Clip them (--clip 1), lower the learning rate, and scale inputs and targets.",
        )
