"""What is shown of a training, before it and after it, however it was begun."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from glassnet.cli.common import classes, percent, show, show_json, tell, tested

if TYPE_CHECKING:
    from glassnet.experiment import Checkpoints, Outcome, Ready
    from glassnet.folding import Folds


def checkpoints(seconds: float | None, steps: int | None) -> "Checkpoints | None":
    """What was chosen; None if nothing was."""
    from glassnet.experiment import Checkpoints

    if seconds is None and steps is None:
        return None
    return Checkpoints(steps=steps) if seconds is None else Checkpoints(seconds, steps)


def before(as_json: bool) -> Callable[["Ready"], None]:
    """What is shown before the first step."""
    return lambda ready: None if as_json else show(opening(ready))


def end(outcome: "Outcome | None", run: str, as_json: bool, with_report: bool) -> None:
    """Show how a training ended, and write its report; None: it had ended before."""
    if outcome is None:
        from glassnet.files import METRICS_FILE
        from glassnet.runs import Run

        metrics = Run(run).read(METRICS_FILE)
        if metrics.get("time_up"):
            tell(
                f"{run} has ended: --max-time was up ({metrics['time_up']}). A longer training is "
                "another one: glassnet train, with a longer --max-time and another --name"
            )
        else:
            tell(f"{run} is finished: nothing is left to train")
        if as_json:
            show_json(metrics)
        return
    if not as_json:
        show(_closing(outcome))
    report = _report(outcome) if with_report else None
    if as_json:
        show_json(outcome.to_dict() | {"report": report})
    elif report:
        show([f"report {report}"])


def _report(outcome: "Outcome") -> str | None:
    """Where the run's report was written; a training does not fail for the want of one."""
    from glassnet.errors import GlassnetError
    from glassnet.report.writing import write_report

    try:
        return str(write_report(str(outcome.run.folder)))
    except GlassnetError as error:
        tell(f"note: there is no report: {error}")
        return None


def opening(ready: "Ready") -> list[str]:
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


def of_folds(found: "Folds") -> list[str]:
    """The table of the folds, and what they come to."""
    from glassnet.tables import table

    rows: list[tuple[str, ...]] = [("fold", "trained on", "judged on", "accuracy")]
    for number, (outcome, accuracy) in enumerate(
        zip(found.outcomes, found.accuracies, strict=True), 1
    ):
        sizes = outcome.trained_on, outcome.test.count
        rows.append((str(number), *(f"{size:,}" for size in sizes), percent(accuracy)))
    return [
        *table(rows, ">>>>"),
        "",
        f"accuracy {percent(found.mean)} ± {100 * found.half_width:.2f} (95% over the folds); "
        "the test set was not touched",
        f"runs {found.run.folder}",
    ]


def _closing(outcome: "Outcome") -> list[str]:
    return [
        *_best(outcome),
        "",
        *classes(outcome.test),
        f"{tested(outcome.test)}, trained in {outcome.seconds:.1f} s",
        *(f"doctor: {finding}" for finding in outcome.findings),
        f"run {outcome.run.folder}",
    ]


def _best(outcome: "Outcome") -> list[str]:
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
