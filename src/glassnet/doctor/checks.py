"""The list of all checks, in the order in which they run and are reported."""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace

import numpy as np

from glassnet.core.trees import Tree
from glassnet.doctor import (
    compatibility,
    duplicates,
    fine_tuning,
    inputs,
    labels,
    leakage,
    near_copies,
    options,
    sentinels,
)
from glassnet.doctor.findings import DoctorWarning, Finding, stop
from glassnet.doctor.first_step import StepTrace, Trial, rate
from glassnet.doctor.first_step import first_step as checks_of_first_step
from glassnet.doctor.subject import Origin, Subject
from glassnet.layers import Layer
from glassnet.training.changes import unmoved

Check = Callable[[Subject], Iterator[Finding]]

# Run by `Model.fit`: checks that cost little and find what is almost never intended.
CHEAP: tuple[Check, ...] = (
    compatibility.broken_weights,
    compatibility.crossentropy,
    compatibility.softmax_inside,
    compatibility.lost_masks,
    compatibility.dataset_metrics,
    inputs.unscaled_inputs,
    inputs.constant_columns,
    inputs.other_scale,
    labels.not_one_hot,
    labels.unreachable_targets,
    labels.accuracy_of_numbers,
    labels.validation_classes,
    labels.unused_outputs,
    labels.sorted_labels,
    inputs.channels_first,
    options.label_smoothing,
    options.dropout,
    options.momentum,
    options.weight_decay,
    options.patience,
    options.unfreezing,
    options.weights,
    fine_tuning.random_frozen,
)
# Of those, the ones that need only some of the examples: data in batches are not read for checks.
OF_A_BATCH: tuple[Check, ...] = (
    compatibility.broken_weights,
    compatibility.crossentropy,
    compatibility.softmax_inside,
    compatibility.lost_masks,
    inputs.unscaled_inputs,
    labels.not_one_hot,
    labels.unreachable_targets,
    labels.accuracy_of_numbers,
    inputs.channels_first,
    options.label_smoothing,
    options.dropout,
    options.patience,
    options.unfreezing,
    fine_tuning.random_frozen,
)
# Also run by `train` and `doctor`, which see the whole experiment.
REST: tuple[Check, ...] = (
    compatibility.batches,
    compatibility.equal_units,
    inputs.equal_rows,
    inputs.uneven_columns,
    inputs.empty_texts,
    inputs.blank_pictures,
    labels.rare_classes,
    labels.odd_targets,
    duplicates.leaks,
    duplicates.duplicates,
    duplicates.conflicts,
    near_copies.near_copies,
    leakage.leaked_label,
    leakage.one_hot_label,
    leakage.leaked_target,
    leakage.numbered_rows,
    sentinels.sentinels,
    sentinels.imputed,
    fine_tuning.other_images,
)


def examine(subject: Subject, first_step: bool = True) -> list[Finding]:
    """Return all findings; the first step is tried only if there is no error before it."""
    findings = [finding for check in (*CHEAP, *REST) for finding in check(subject)]
    if first_step:
        findings += fine_tuning.nothing_trained(subject)
    if not first_step or any(finding.level == "error" for finding in findings):
        return findings
    with np.errstate(all="ignore"):
        steps = StepTrace(subject), Trial(subject)
        findings += checks_of_first_step(subject, *steps)
        findings += fine_tuning.before_training(subject, *steps)
    return findings


_SKIP_GLANCE = ContextVar("skip_glance", default=False)
_TUNED: ContextVar[tuple[Layer, Origin] | None] = ContextVar("tuned", default=None)
_FIT, _FINE_TUNE = 5, 7  # levels of the stack from a warning to the line that calls them


@contextmanager
def skip_glance() -> Iterator[None]:
    """Context in which `glance` does nothing, because `examine` has reported everything."""
    token = _SKIP_GLANCE.set(True)
    try:
        yield
    finally:
        _SKIP_GLANCE.reset(token)


@contextmanager
def glance_at_fine_tuning(network: Layer, origin: Origin) -> Iterator[None]:
    """Context of `fine_tune`, in which `glance` and `look_back` also run the checks of networks
    that were trained before, for this one.
    """
    token = _TUNED.set((network, origin))
    try:
        yield
    finally:
        _TUNED.reset(token)


def _with_origin(subject: Subject) -> Subject:
    tuned = _TUNED.get()
    return replace(subject, origin=tuned[1]) if tuned and tuned[0] is subject.network else subject


def glance(subject: Subject, whole: bool = True) -> None:
    """Raise the first error of the cheap checks; issue the others as Python warnings.

    Unless the subject has the `whole` data, those that need them are left out.
    """
    if _SKIP_GLANCE.get():
        return
    subject = _with_origin(subject)
    findings = stop(
        finding for check in (CHEAP if whole else OF_A_BATCH) for finding in check(subject)
    )
    if subject.origin and subject.steps and subject.objective.trained:
        with np.errstate(all="ignore"):
            trace, trial = StepTrace(subject), Trial(subject)
            findings += [
                *fine_tuning.other_images(subject),
                *rate(subject, trace, trial),
                *fine_tuning.before_training(subject, trace, trial),
            ]
    _warn(subject, findings)


def look_back(
    subject: Subject, params: Tree, history: Mapping[str, Sequence[float]], whole: bool = True
) -> None:
    """Warn about weights that `Model.fit` has trained, but that have not changed in a bit, and in a
    fine-tuning about a first epoch that made the loss worse.

    `subject` has the weights of the start, `params` are those of the end. Unless it has the `whole`
    data, losses are not compared.
    """
    if _SKIP_GLANCE.get():
        return
    subject = _with_origin(subject)
    why = fine_tuning.why_unmoved(replace(subject, params=params))
    trained = subject.objective.trained
    still = {path: why(path) for path in unmoved(subject.params, params, trained)}
    moving = {path.rpartition("/")[0] for path in trained if path not in still}
    findings = [*fine_tuning.unmoved_arrays(still, moving)]
    if subject.origin and whole:
        findings += fine_tuning.above_start(subject, history)
    _warn(subject, findings)


def _warn(subject: Subject, findings: Sequence[Finding]) -> None:
    """Issue findings as Python warnings at the line that calls `fit` or `fine_tune`."""
    for finding in findings:
        level = _FINE_TUNE if subject.origin else _FIT
        warnings.warn(str(finding), DoctorWarning, stacklevel=level)
