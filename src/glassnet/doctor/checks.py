"""The list of all checks, in the order in which they run and are reported."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from glassnet.doctor import (
    compatibility,
    duplicates,
    inputs,
    labels,
    leakage,
    near_copies,
    options,
    sentinels,
)
from glassnet.doctor import first_step as trial
from glassnet.doctor.findings import DoctorWarning, Finding, stop
from glassnet.doctor.subject import Subject

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
    options.weights,
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
)
# Also run by `train` and `doctor`, which see the whole experiment.
REST: tuple[Check, ...] = (
    compatibility.batches,
    compatibility.equal_units,
    inputs.equal_rows,
    inputs.uneven_columns,
    inputs.empty_texts,
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
)


def examine(subject: Subject, first_step: bool = True) -> list[Finding]:
    """Return all findings; the first step is tried only if there is no error before it."""
    findings = [finding for check in (*CHEAP, *REST) for finding in check(subject)]
    if not first_step or any(finding.level == "error" for finding in findings):
        return findings
    return [*findings, *trial.first_step(subject)]


_SKIP_GLANCE = ContextVar("skip_glance", default=False)


@contextmanager
def skip_glance() -> Iterator[None]:
    """Context in which `glance` does nothing, because `examine` has reported everything."""
    token = _SKIP_GLANCE.set(True)
    try:
        yield
    finally:
        _SKIP_GLANCE.reset(token)


def glance(subject: Subject, whole: bool = True) -> None:
    """Raise the first error of the cheap checks; issue the others as Python warnings.

    Unless the subject has the `whole` data, those that need them are left out.
    """
    if _SKIP_GLANCE.get():
        return
    for finding in stop(
        finding for check in (CHEAP if whole else OF_A_BATCH) for finding in check(subject)
    ):
        warnings.warn(str(finding), DoctorWarning, stacklevel=4)
