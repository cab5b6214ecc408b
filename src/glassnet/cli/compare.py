"""`glassnet compare`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from glassnet.cli.options import AsJson, DataDir
from glassnet.cli.printing import percent, show_result
from glassnet.core.tables import table

if TYPE_CHECKING:
    from glassnet.evaluate.comparison import Changes
    from glassnet.runs.compare import ComparedRun, Comparison, PairwiseResult

_ROWS = 5
_SEEDS = 6  # with fewer, odds below 1 in 1,000 would rest on the assumed distribution alone


def command(
    runs: Annotated[
        list[str], typer.Argument(metavar="RUN RUN...", help="Folders of runs on the same data.")
    ],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Compare runs: which is better, and is the difference statistically significant?

    Runs are compared pairwise by McNemar's exact test on the same test set. If settings were tried
    with two or more seeds each, the settings are compared by a paired t-test over the seeds, which
    assumes normal differences; the exact sign-flip test, which doesn't, is printed, too. With more
    than one comparison, p-values have Holm's correction.
    """
    from glassnet.runs.compare import compare_runs

    comparison = compare_runs(runs, data_dir)
    value = {**vars(comparison), "says": list(_sentences(comparison))}
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
    pairs = () if comparison.over_seeds else zip(names[1:], comparison.changes, strict=True)
    for name, changes in pairs:
        yield from _changes(names[0], name, changes, in_full=len(names) == 2)
    for group in comparison.groups:
        if group.half_width is not None:
            yield (
                f"{group.name or 'the runs'}: mean {percent(group.mean)} "
                f"± {100 * group.half_width:.2f} (95%, t over {len(group.runs)} seeds)"
            )
    yield from _sentences(comparison)


def _metrics(runs: "tuple[ComparedRun, ...]") -> list[str]:
    rows: list[Any] = [
        ("run", "accuracy (95%)", f"top {runs[0].evaluation.top}", "loss", "F1", "ECE",
         "calibrated", "weights", "trained")
    ]  # fmt: skip
    for run in runs:
        result = run.evaluation
        low, high = map(percent, result.test.accuracy_interval)
        rows.append(
            (
                run.name, f"{percent(run.accuracy)} ({low}–{high})", percent(result.top_accuracy),
                f"{result.test.loss:.4f}", f"{result.test.macro_f1:.4f}",
                percent(result.bare.ece) if result.bare else "",
                percent(result.calibrated.ece) if result.calibrated else "",
                f"{run.parameters:,}", "" if run.seconds is None else f"{run.seconds:.1f} s",
            )
        )  # fmt: skip
    return table(rows, "<>>>>>>>>")


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
    rows += [
        (f"test row {row.row}", row.true, row.first, row.second) for row in changes.rows[:_ROWS]
    ]
    yield from ["", *table(rows, "<<<<"), ""]


def _sentences(comparison: "Comparison") -> Iterator[str]:
    for duplicate, run in comparison.repeated.items():
        yield f"{duplicate} has the same settings and seed as {run}: over seeds, they count once."
    for verdict in comparison.verdicts:
        yield _sentence(verdict, len(comparison.verdicts))
    if any(verdict.significant and not verdict.over_seeds for verdict in comparison.verdicts):
        yield (
            "This compares two trained networks. To compare their settings, train several seeds "
            "of each."
        )


def _sentence(verdict: "PairwiseResult", tests: int) -> str:
    first, second, difference = verdict.first, verdict.second, verdict.difference
    over = "seeds" if verdict.over_seeds else "examples"
    test = f"{difference.test}, p = {verdict.corrected:.2g}"
    if tests > 1:
        test += f" after Holm's correction for {tests} comparisons"
    if difference.sign_flip_p is not None:
        test += f"; without assuming normal differences, p = {difference.sign_flip_p:.2g}"
        test += " before it" * (tests > 1)
    if not verdict.significant:
        count = f"{difference.count:,} {over}"
        return f"{first} and {second}: no significant difference on {count} ({test})."
    better, worse, sign = (second, first, 100) if difference.mean > 0 else (first, second, -100)
    low, high = sorted(sign * end for end in difference.interval)
    tail = verdict.over_seeds and difference.count < _SEEDS
    odds = f"{_odds(verdict.corrected, 1e-3 if tail else 1e-6)} such comparisons"
    if tests > 1:
        odds += f", corrected for all {tests}"
    interval = f"95% interval {low:.2f} to {high:.2f}, {difference.count:,} {over}"
    return (
        f"{better} is better than {worse} by {sign * difference.mean:.2f} points ({interval}); "
        f"chance alone makes a difference this large in {odds} ({test})."
    )


def _odds(p: float, least: float = 1e-6) -> str:
    """Return a probability as "1 in N", with two significant digits; `least` is the smallest."""
    if p < least:
        return f"fewer than 1 in {round(1 / least):,}"
    return f"1 in {int(float(f'{1 / p:.2g}')):,}"
