"""`glassnet compare`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from glassnet.cli.options import AsJson, DataDir
from glassnet.cli.printing import percent, show_result
from glassnet.core.tables import significant, table

if TYPE_CHECKING:
    from glassnet.evaluate.comparison import Changes, ErrorChanges
    from glassnet.runs.compare import Comparison
    from glassnet.runs.compared_run import ComparedRun

_ROWS = 5


def command(
    runs: Annotated[
        list[str], typer.Argument(metavar="RUN RUN...", help="Folders of runs on the same data.")
    ],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Compare runs: which is better, and is the difference statistically significant?

    Runs are compared pairwise on the same test set: classes and labels by McNemar's exact test,
    numbers by a paired t-test of the absolute errors of each target. If settings were tried with
    two or more seeds each, the settings are compared by a paired t-test over the seeds, which
    assumes normal differences; the exact sign-flip test, which doesn't, is printed, too. With more
    than one test, p-values have Holm's correction.
    """
    from glassnet.runs.compare import compare_runs
    from glassnet.runs.comparison_sentences import sentences

    comparison = compare_runs(runs, data_dir)
    value = {**vars(comparison), "says": list(sentences(comparison))}
    show_result(as_json, value, _lines(comparison))


def _lines(comparison: "Comparison") -> Iterator[str]:
    yield from [*_metrics(comparison.runs), ""]
    names = [run.name for run in comparison.runs]
    if comparison.differing:
        rows = [("setting", *names)]
        for key in comparison.differing:
            rows.append((key.replace("_", "-"), *(run.setting(key) for run in comparison.runs)))
        yield from [*table(rows, "<" * len(rows[0])), ""]
    data = comparison.data
    yield f"data {data['name']}, the same for all (sha256 {data['sha256'][:12]}…)"
    yield ""
    from glassnet.evaluate.comparison import Changes
    from glassnet.runs.comparison_sentences import amount, sentences

    pairs = () if comparison.over_seeds else zip(names[1:], comparison.changes, strict=True)
    for name, of_targets in pairs:
        for changes in of_targets:
            if isinstance(changes, Changes):
                yield from _changes(names[0], name, changes, in_full=len(names) == 2)
            else:
                target = changes.target if len(of_targets) > 1 else ""
                yield from _error_changes(names[0], name, changes, target, len(names) == 2)
    scores = comparison.runs[0].scores
    for group in comparison.groups:
        for k, score in enumerate(scores):
            if (half_width := group.half_width(k)) is not None:
                of = f" of {score.name}" if len(scores) > 1 else ""
                yield (
                    f"{group.name or 'the runs'}: mean{of} {score.shown(group.mean(k))} "
                    f"± {amount(score, half_width)} (95%, t over {len(group.runs)} seeds)"
                )
    yield from sentences(comparison)


def _metrics(runs: "tuple[ComparedRun, ...]") -> list[str]:
    from glassnet.evaluate.classifier import Evaluation

    if not isinstance(runs[0].evaluation, Evaluation):
        return _task_metrics(runs)
    rows: list[Any] = [
        ("run", "accuracy (95%)", f"top {runs[0].evaluation.top}", "loss", "F1", "ECE",
         "calibrated", "weights", "trained")
    ]  # fmt: skip
    for run in runs:
        result = run.evaluation
        assert isinstance(result, Evaluation)
        low, high = map(percent, result.test.accuracy_interval)
        rows.append(
            (
                run.name, f"{percent(result.test.accuracy)} ({low}–{high})",
                percent(result.top_accuracy),
                f"{result.test.loss:.4f}", f"{result.test.macro_f1:.4f}",
                percent(result.bare.ece) if result.bare else "",
                percent(result.calibrated.ece) if result.calibrated else "",
                f"{run.parameters:,}", "" if run.seconds is None else f"{run.seconds:.1f} s",
            )
        )  # fmt: skip
    return table(rows, "<>>>>>>>>")


def _task_metrics(runs: "tuple[ComparedRun, ...]") -> list[str]:
    """The metrics of each target or label of each run."""
    from glassnet.evaluate.classifier import Evaluation
    from glassnet.evaluate.recommendation import Recommendation

    rows: list[Any] = []
    for run in runs:
        assert not isinstance(run.evaluation, Evaluation)
        heading, *each = run.evaluation.rows()
        if isinstance(run.evaluation, Recommendation):
            each = each[:1]  # the baselines are the same for all
        rows = rows or [("run", *heading, "weights", "trained")]
        trained = "" if run.seconds is None else f"{run.seconds:.1f} s"
        rows += [(run.name, *cells, f"{run.parameters:,}", trained) for cells in each]
    return table(rows, "<<" + ">" * (len(rows[0]) - 2))


def _changes(first: str, second: str, changes: "Changes", in_full: bool) -> Iterator[str]:
    fixed, broken = sum(changes.fixed.values()), sum(changes.broken.values())
    yield (
        f"{second} and {first} predict different classes for {changes.count:,} examples: "
        f"{fixed:,} fixed, {broken:,} broken, {changes.count - fixed - broken:,} wrong in both"
    )
    if not in_full or not changes.count:
        return
    by_class = changes.fixed, changes.broken
    classes = dict.fromkeys((*changes.fixed, *changes.broken))
    rows: list[tuple[str, ...]] = [("true class", "fixed", "broken")]
    rows += [(name, *(f"{counts.get(name, 0):,}" for counts in by_class)) for name in classes]
    yield from ["", *table(rows, "<>>")] if classes else []
    rows = [("for example", "true", first, second)]
    rows += [(row.place, row.true, row.first, row.second) for row in changes.rows[:_ROWS]]
    yield from ["", *table(rows, "<<<<"), ""]


def _error_changes(
    first: str, second: str, changes: "ErrorChanges", target: str, in_full: bool
) -> Iterator[str]:
    yield (
        f"{target}{': ' * bool(target)}{second} has smaller errors than {first} for "
        f"{changes.better:,} examples, and larger ones for {changes.worse:,}"
    )
    if in_full and changes.count:
        rows: list[tuple[str, ...]] = [("for example", "true", first, second)]
        for row in changes.rows[:_ROWS]:
            numbers = (significant(value, 6) for value in (row.true, row.first, row.second))
            rows.append((row.place, *numbers))
        yield from ["", *table(rows, "<>>>"), ""]
