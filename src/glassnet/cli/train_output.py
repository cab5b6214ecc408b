"""What `train`, `resume` and `repeat` print before and after a training."""

import logging
import shlex
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from glassnet.cli.printing import (
    MESSAGES,
    class_table,
    column_lines,
    results_line,
    show,
    show_json,
)
from glassnet.core.errors import GlassnetError
from glassnet.core.plurals import counted
from glassnet.core.tables import table
from glassnet.core.terminal import is_quiet, say
from glassnet.runs.defaults import DEFAULTS, LEAST_STEPS, default_epochs, own_epochs

if TYPE_CHECKING:
    from glassnet.runs.cross_validate import Folds
    from glassnet.runs.data import TrainingData
    from glassnet.runs.prepare import PreparedTraining
    from glassnet.runs.train import TrainingResult


def header_printer(as_json: bool) -> Callable[["PreparedTraining"], None]:
    """Return a function that prints data and network before the first step.

    If they can't be printed, training goes on.
    """

    def print_header(training: "PreparedTraining") -> None:
        with suppress(GlassnetError, typer.Exit):
            if not (as_json or is_quiet()):
                show(header_lines(training))

    return print_header


def show_training(
    result: "TrainingResult | None", run: str, as_json: bool, with_report: bool
) -> None:
    """Print the result of a training and write its report; None if it had already ended."""
    if result is None:
        _show_finished_run(run, as_json, with_report)
        return
    try:
        if not as_json:
            show(_result_lines(result))
    finally:  # also if nobody reads the lines
        report = _write_report(str(result.run.folder)) if with_report else None
    if as_json:
        show_json(result.to_dict() | {"report": report})
    elif report:
        show([f"report {report}"])


def _show_finished_run(run: str, as_json: bool, with_report: bool) -> None:
    """Print the state of a run that had already ended; write its report if it has none."""
    from glassnet.model.file import METRICS_FILE
    from glassnet.report.report import REPORT_FILE
    from glassnet.runs.run import Run

    metrics, path = Run(run).read(METRICS_FILE), Path(run) / REPORT_FILE
    if metrics.get("time_up"):
        say(
            f"{run} has ended: --max-time was reached ({metrics['time_up']}). To train longer, "
            "start a new run: glassnet train, with a longer --max-time and another --name"
        )
    else:
        say(f"{run} is finished: there is nothing to resume")
    report = str(path) if path.exists() else None
    if with_report and report is None:
        say("it has no report yet: it is written now (--no-report leaves it out)")
        report = _write_report(run)
        if report and not as_json:
            show([f"report {report}"])
    if as_json:
        show_json(metrics | {"report": report})


def _write_report(run: str) -> str | None:
    """Write the run's report and return its path; if that fails, print a note and return None."""
    from glassnet.report.report import write_report

    say("writing the report")
    MESSAGES.setLevel(logging.CRITICAL)  # the training has already printed them
    try:
        return str(write_report(run))
    except Exception as error:  # the training has succeeded, and its result must be printed
        what = error if isinstance(error, GlassnetError) else f"{type(error).__name__}: {error}"
        say(
            f"note: the report was not written: {what}\n"
            f"to try again: glassnet report {shlex.quote(run)}",
            always=True,
        )
        return None
    finally:
        MESSAGES.setLevel(logging.NOTSET)


def header_lines(training: "PreparedTraining") -> list[str]:
    """Return the description of data and network."""
    from glassnet.core.arrays import shapes_of

    data, dataset = training.data, training.data.dataset
    lines: list[str] = []
    training.model.summary(lines.append, bool(training.model.frozen_layers))
    return [
        f"{dataset.name}: {len(data.train):,} training, {len(data.validation):,} validation, "
        f"{len(data.test):,} test examples of shape {shapes_of(dataset.x_train)}, "
        f"{dataset.outputs} {dataset.task}",
        f"from {dataset.source}",
        *column_lines(dataset),
        *_batch_size_lines(data),
        *_epochs_lines(data),
        "",
        *lines,
        "",
    ]


def _batch_size_lines(data: "TrainingData") -> list[str]:
    """Return the line on a batch size that was chosen because there are few rows."""
    settings, rows = data.settings, len(data.train)
    own = DEFAULTS[settings.network].batch_size
    if settings.batch_size is not None or data.batch_size == own:
        return []
    return [
        f"batches of {data.batch_size}, not {own}, because there are only {rows:,} training rows "
        "(--batch-size)"
    ]


def _epochs_lines(data: "TrainingData") -> list[str]:
    """Return the line on epochs that are not the network's own, for there are many or few rows."""
    settings, kind, rows = data.settings, data.dataset.kind, len(data.dataset.y_train)
    own = own_epochs(settings.network, kind)
    epochs = default_epochs(settings.network, kind, rows, settings.batch_size)
    if epochs == own or settings.epochs != epochs:
        return []
    few = epochs > own
    steps = LEAST_STEPS[settings.network, kind] if few else DEFAULTS[settings.network].most_steps
    return [
        f"{counted(epochs, 'epoch')}, not {own}, because there are {'only ' * few}{rows:,} "
        f"training rows: about {steps:,} steps (--epochs)"
    ]


def _result_lines(result: "TrainingResult") -> list[str]:
    after = [
        finding for finding in result.findings if f"warning: {finding}" not in MESSAGES.warnings
    ]  # which were printed before
    return [
        *([] if is_quiet() else [*_best_epoch_lines(result), "", *class_table(result.test)]),
        f"{results_line(result.test)}, trained in {result.seconds:.1f} s",
        *([f"weights: {result.changes}"] if result.changes else []),
        *(f"doctor: {finding}" for finding in after),
        f"run {result.run.folder}",
    ]


def _best_epoch_lines(result: "TrainingResult") -> list[str]:
    """Return the line on the best epoch."""
    logs, best = result.history.history, result.best_epoch
    if best is None:
        return []
    numbers = ", ".join(
        f"{name.replace('_', ' ')} {logs[name][best]:.4f}"
        for name in ("loss", "accuracy", "val_loss", "val_accuracy")
        if name in logs
    )
    first, count = result.history.epoch[best], len(result.history.epoch)
    return [f"lowest validation loss in epoch {first + 1} of {count}: {numbers}"]


def fold_lines(folds: "Folds") -> list[str]:
    """Return the table of the folds and their mean score."""
    score = folds.results[0].score
    rows: list[tuple[str, ...]] = [("fold", "trained on", "tested on", score.name)]
    for number, fold in enumerate(folds.results, 1):
        sizes = (f"{size:,}" for size in (fold.trained_on, fold.count))
        rows.append((str(number), *sizes, score.shown(fold.score.value)))
    half_width = score.shown(folds.half_width).rstrip("%")
    return [
        *table(rows, ">>>>"),
        "",
        f"{score.name} {score.shown(folds.mean)} ± {half_width} (95% over the folds); the test set "
        "was not used",
        f"runs {folds.run.folder}",
    ]
