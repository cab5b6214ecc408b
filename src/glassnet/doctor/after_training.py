"""How a training went: from its history, and one look at the network that it left."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from glassnet.core.arrays import Array, lowest
from glassnet.doctor.findings import Finding, warning
from glassnet.doctor.first_step import dead_units, gradients, look, norm
from glassnet.doctor.subject import Subject
from glassnet.losses import Crossentropy, MeanSquaredError, SparseCategoricalCrossentropy

_STEPS = 50  # before which nothing need have been learned
_SURPLUS, _EPOCHS = 1.2, 3  # of the lowest validation loss; epochs since
_UNSTABLE = 2.0  # times the lowest training loss
_EXPLODED = 1e3  # a gradient's size, beside that of the weights


def symptoms(
    subject: Subject, history: Mapping[str, Sequence[float]], best_is_kept: bool = False
) -> list[Finding]:
    """What a person should know of the training, in sentences."""
    found = [*no_learning(subject, history), *unstable(history)]
    if not best_is_kept:
        found += overfitting(history)
    with np.errstate(all="ignore"):
        seen = look(subject)
        found += dead_units(seen, "after training")
        found += gradients(seen, "after training")
        found += large_gradients(seen.gradients.values())
    return found


def constant_loss(subject: Subject) -> float | None:
    """The loss of the best constant answer: the frequencies of the classes, or the mean."""
    loss, y = subject.loss, subject.train.y
    if isinstance(loss, MeanSquaredError):
        return float(y.var(axis=0, dtype=np.float64).mean())
    labels = subject.labels(subject.train)
    if labels is None and isinstance(loss, SparseCategoricalCrossentropy) and y.ndim > 1:
        labels = y.ravel()  # of a network that continues texts: one at each place
    if type(loss).__name__.endswith("FocalCrossentropy") or labels is None:
        return None
    assert isinstance(loss, Crossentropy)
    if loss.label_smoothing:
        return None
    share = np.bincount(labels) / len(labels)
    share = share[share > 0]
    return float(-(share * np.log(share)).sum())


def no_learning(subject: Subject, history: Mapping[str, Sequence[float]]) -> Iterator[Finding]:
    """Training that ends no better than an answer that is always the same."""
    losses, watched = history.get("loss", ()), history.get("val_loss", ())
    constant = constant_loss(subject)
    steps = len(losses) * -(-len(subject.train) // subject.plan.batch_size)
    if not losses or constant is None or subject.weighted or steps < _STEPS:
        return
    # The training loss has dropout in it, the validation loss what was learned by heart.
    name, last = min(
        (("the training loss", losses[-1]), *(("the validation loss", v) for v in watched[-1:])),
        key=lambda loss: loss[1],
    )
    last -= float(subject.objective.penalty(subject.params)[0])
    if last > 0.98 * constant:
        yield warning(
            f"is {last:.4g} after {len(losses)} epoch{'s' * (len(losses) > 1)}; the same "
            f"answer for every example would have {constant:.4g}. Nothing was learned.",
            name,
            "Lower the penalty of the weights (--l1, --l2, kernel_regularizer)."
            if subject.objective.penalised
            else "Look at the inputs and their labels, and try another learning rate.",
        )


def overfitting(history: Mapping[str, Sequence[float]]) -> Iterator[Finding]:
    """The validation loss rises while the training loss falls."""
    watched, losses = history.get("val_loss", ()), history.get("loss", ())
    if not len(watched):
        return
    best = lowest(watched)
    late = len(watched) - 1 - best
    if late >= _EPOCHS and watched[-1] > _SURPLUS * watched[best] and losses[-1] < losses[best]:
        yield warning(
            f"rose from {watched[best]:.4g} in epoch {best + 1} to {watched[-1]:.4g}, while the "
            f"training loss fell from {losses[best]:.4g} to {losses[-1]:.4g}: the network learns "
            "its examples by heart.",
            "the validation loss",
            "Stop early (--early-stopping 3), or use --dropout, --augment, --weight-decay or more "
            "data.",
        )


def unstable(history: Mapping[str, Sequence[float]]) -> Iterator[Finding]:
    """The training loss itself rises."""
    losses = history.get("loss", ())
    if len(losses) > 1 and losses[-1] > _UNSTABLE * min(losses) and losses[-1] > losses[0]:
        yield warning(
            f"rose to {losses[-1]:.4g}; it was {min(losses):.4g} in epoch {lowest(losses) + 1}.",
            "the training loss",
            "Lower the learning rate, or bound the gradients (--clip 1).",
        )


def not_finite(numbers: Mapping[str, float]) -> Iterator[Finding]:
    """Which of these numbers, by their places, is none."""
    for place, value in numbers.items():
        if not math.isfinite(value):
            yield warning(
                f"is {value}; the files of the run say null.",
                place,
                "Look for examples of another size than those trained on, and lower the learning "
                "rate.",
            )


def large_gradients(found: Iterable[Array]) -> Iterator[Finding]:
    """Gradients so long that the next step leads anywhere."""
    length = norm(found)
    if length > _EXPLODED:
        yield warning(
            f"have the length {length:.3g} after training: they explode.",
            "the gradients",
            "Bound them (--clip 1), lower the learning rate, and scale inputs and targets.",
        )
