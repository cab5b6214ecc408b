"""`glassnet compare`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from glassnet.cli.options import AsJson, DataDir
from glassnet.cli.printing import percent, show, show_json, tell
from glassnet.core.tables import table

if TYPE_CHECKING:
    from glassnet.evaluate.comparison import Changes
    from glassnet.runs.compare import ComparedRun, Comparison, PairwiseResult

_ROWS = 5


def command(
    runs: Annotated[
        list[str], typer.Argument(metavar="RUN RUN...", help="Folders of runs on the same data.")
    ],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Say which of several runs is better, and whether that is more than chance.

    Two by two with McNemar's exact test on the same test images. Where ways of training were tried
    with several seeds each, the ways are compared, with a paired t test over the seeds. The p of
    more than one comparison is Holm's.
    """
    from glassnet.runs.compare import compare_runs

    found = compare_runs(runs, data_dir, tell)
    if as_json:
        show_json(found.to_dict() | {"says": list(_sentences(found))})
    else:
        show(_lines(found))


def _lines(found: "Comparison") -> Iterator[str]:
    yield from [*_metrics(found.runs), ""]
    names = [run.name for run in found.runs]
    if found.differing:
        rows = [("setting", *names)]
        for key in found.differing:
            rows.append((key.replace("_", "-"), *(run.setting(key) for run in found.runs)))
        yield from [*table(rows, "<" * len(rows[0])), ""]
    yield f"data {found.data['name']}, the same in all (sha256 {found.data['sha256'][:12]}…)"
    yield ""
    shown = () if found.over_seeds else zip(names[1:], found.changes, strict=True)
    for name, one in shown:
        yield from _changes(names[0], name, one, in_full=len(names) == 2)
    for group in found.groups:
        if group.half_width is not None:
            yield (
                f"{group.name or 'the runs'}: on average {percent(group.mean)} "
                f"± {100 * group.half_width:.2f} (95%, t over {len(group.runs)} seeds)"
            )
    yield from _sentences(found)


def _metrics(runs: "tuple[ComparedRun, ...]") -> list[str]:
    rows: list[Any] = [
        ("run", "accuracy (95%)", f"top {runs[0].found.top}", "loss", "F1", "ECE", "calibrated",
         "weights", "trained")
    ]  # fmt: skip
    for run in runs:
        found = run.found
        low, high = map(percent, found.test.accuracy_interval)
        rows.append(
            (
                run.name, f"{percent(run.accuracy)} ({low}–{high})", percent(found.top_accuracy),
                f"{found.test.loss:.4f}", f"{found.test.macro_f1:.4f}",
                percent(found.bare.ece) if found.bare else "",
                percent(found.calibrated.ece) if found.calibrated else "",
                f"{run.parameters:,}", "" if run.seconds is None else f"{run.seconds:.1f} s",
            )
        )  # fmt: skip
    return table(rows, "<>>>>>>>>")


def _changes(first: str, second: str, one: "Changes", in_full: bool) -> Iterator[str]:
    mended, spoiled = sum(one.mended.values()), sum(one.spoiled.values())
    yield (
        f"{second} says another class than {first} of {one.count:,} examples: {mended:,} become "
        f"right, {spoiled:,} wrong, {one.count - mended - spoiled:,} stay wrong"
    )
    if not in_full or not one.count:
        return
    classes = dict.fromkeys((*one.mended, *one.spoiled))
    rows: list[tuple[str, ...]] = [("true class", "become right", "become wrong")]
    rows += [
        (name, *(f"{d.get(name, 0):,}" for d in (one.mended, one.spoiled))) for name in classes
    ]
    yield from ["", *table(rows, "<>>")] if classes else []
    rows = [("for instance", "true", first, second)]
    rows += [(f"test row {row.row}", row.true, row.first, row.second) for row in one.rows[:_ROWS]]
    yield from ["", *table(rows, "<<<<"), ""]


def _sentences(found: "Comparison") -> Iterator[str]:
    for again, kept in found.repeated.items():
        yield f"{again} has the settings and the seed of {kept}: over seeds, they count once."
    for verdict in found.verdicts:
        yield _sentence(verdict, len(found.verdicts))
    if any(verdict.real and not verdict.over_seeds for verdict in found.verdicts):
        yield "This is of these networks; of their settings, only several seeds of each can tell."


def _sentence(verdict: "PairwiseResult", tests: int) -> str:
    first, second, one = verdict.first, verdict.second, verdict.difference
    over = "seeds" if verdict.over_seeds else "examples"
    test = f"{one.test}, p = {verdict.corrected:.2g}"
    if tests > 1:
        test += f" after Holm's correction for {tests} comparisons"
    if not verdict.real:
        return f"{first} or {second}: no difference that {one.count:,} {over} can show ({test})."
    better, worse, sign = (second, first, 100) if one.mean > 0 else (first, second, -100)
    low, high = sorted(sign * end for end in one.interval)
    chance = f"{_odds(verdict.corrected)} such comparisons"
    if tests > 1:
        chance += f", corrected for the {tests} made"
    reach = f"95% interval {low:.2f} to {high:.2f}, {one.count:,} {over}"
    return (
        f"{better} is better than {worse} by {sign * one.mean:.2f} points ({reach}); so large a "
        f"difference comes by chance in {chance} ({test})."
    )


def _odds(p: float) -> str:
    """A probability as one in so many, two digits of it."""
    if p < 1e-6:
        return "less than 1 of 1,000,000"
    return f"1 of {int(float(f'{1 / p:.2g}')):,}"
