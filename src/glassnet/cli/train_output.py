"""What `train`, `resume` and `repeat` print of a training, before it and after it."""

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from glassnet.cli.printing import classes, show, show_json, tell, tested

if TYPE_CHECKING:
    from glassnet.runs.prepare import PreparedTraining
    from glassnet.runs.train import TrainingResult


def before(as_json: bool) -> Callable[["PreparedTraining"], None]:
    """What is shown before the first step."""
    return lambda ready: None if as_json else show(opening(ready))


def end(outcome: "TrainingResult | None", run: str, as_json: bool, with_report: bool) -> None:
    """Show how a training ended, and write its report; None: it had ended before."""
    if outcome is None:
        _ended(run, as_json, with_report)
        return
    if not as_json:
        show(_closing(outcome))
    report = _report(str(outcome.run.folder)) if with_report else None
    if as_json:
        show_json(outcome.to_dict() | {"report": report})
    elif report:
        show([f"report {report}"])


def _ended(run: str, as_json: bool, with_report: bool) -> None:
    """Show what became of a run that had ended before; write its report if it has none."""
    from glassnet.model.file import METRICS_FILE
    from glassnet.report.writing import REPORT_FILE
    from glassnet.runs.run import Run

    metrics = Run(run).read(METRICS_FILE)
    if metrics.get("time_up"):
        tell(
            f"{run} has ended: --max-time was up ({metrics['time_up']}). A longer training is "
            "another one: glassnet train, with a longer --max-time and another --name"
        )
    else:
        tell(f"{run} is finished: nothing is left to train")
    there = Path(run) / REPORT_FILE
    if there.exists():
        report: str | None = str(there)
    else:  # it was interrupted when it was to be written
        report = _report(run) if with_report else None
        if report and not as_json:
            show([f"report {report}"])
    if as_json:
        show_json(metrics | {"report": report})


def _report(run: str) -> str | None:
    """Where the run's report was written; a training does not fail for the want of one."""
    from glassnet.core.errors import GlassnetError
    from glassnet.report.writing import write_report

    try:
        return str(write_report(run))
    except Exception as error:  # whatever it is: the training is done, and its result is to be told
        what = error if isinstance(error, GlassnetError) else f"{type(error).__name__}: {error}"
        tell(f"note: there is no report: {what}\nto try again: glassnet report {shlex.quote(run)}")
        return None


def opening(ready: "PreparedTraining") -> list[str]:
    """The data and the network."""
    data, model, held_out = ready.data, ready.model, ready.held_out
    lines: list[str] = []
    model.summary(lines.append)
    total = len(data.x_train)
    return [
        f"{data.name}: {total - held_out:,} training, {held_out:,} validation, "
        f"{len(data.x_test):,} test examples of shape {data.x_train.shape[1:]}, "
        f"{data.outputs} classes",
        f"from {data.source}",
        "",
        *lines,
        "",
    ]


def _closing(outcome: "TrainingResult") -> list[str]:
    return [
        *_best(outcome),
        "",
        *classes(outcome.test),
        f"{tested(outcome.test)}, trained in {outcome.seconds:.1f} s",
        *(f"doctor: {finding}" for finding in outcome.findings),
        f"run {outcome.run.folder}",
    ]


def _best(outcome: "TrainingResult") -> list[str]:
    """The best epoch; all of them were shown while they were trained."""
    logs, best = outcome.history.history, outcome.best_epoch
    if best is None:
        return []
    numbers = ", ".join(
        f"{name.replace('_', ' ')} {logs[name][best]:.4f}"
        for name in ("loss", "accuracy", "val_loss", "val_accuracy")
        if name in logs
    )
    first, count = outcome.history.epoch[best], len(outcome.history.epoch)
    return [f"lowest validation loss in epoch {first + 1} of {count}: {numbers}"]
