"""`glassnet repeat`."""

from typing import TYPE_CHECKING

import typer

from glassnet.cli.options import AsJson, Out, RunFolder, RunName
from glassnet.cli.printing import show_result
from glassnet.cli.train_output import header_printer

if TYPE_CHECKING:
    from glassnet.runs.repeat import RepeatResult


def command(
    run: RunFolder, name: RunName = None, out: Out = "runs", as_json: AsJson = False
) -> None:
    """Train a run again from its folder, and compare the results.

    "identical" means that weights, history and metrics are the same bit for bit. Otherwise, shows
    how much the results differ, and the possible causes: a different environment (versions, BLAS,
    threads, processor, ...) or --max-time. Exit code 1 if the results differ.
    """
    from glassnet.runs.repeat import repeat_run

    result = repeat_run(run, out=out, name=name, on_prepared=header_printer(as_json))
    show_result(as_json, result, _lines(result))
    if not result.identical:
        raise typer.Exit(1)


def _lines(result: "RepeatResult") -> list[str]:
    names = dict.fromkeys(
        change.field for change in (*result.manifest_changes, *result.resume_changes)
    )
    fields, differ = ", ".join(names), "differs" if len(names) == 1 else "differ"
    if result.identical:
        verdict = f"identical, although {fields} {differ}" if fields else "identical"
    elif result.time_limit:
        verdict = f"DIFFERENT, because --max-time ends training by the clock ({result.time_limit})"
        verdict += f", and {fields} {differ}" if fields else ""
    elif fields:
        verdict = f"DIFFERENT, and {fields} {differ}"
    else:
        verdict = "DIFFERENT, although the manifest is the same"
    return [
        *([] if result.identical else _difference_lines(result)),
        *map(str, result.manifest_changes),
        *(f"{change}: when the run was resumed" for change in result.resume_changes),
        f"run {result.repeat.folder}",
        f"{verdict}: repetition of {result.original.folder}",
    ]


def _difference_lines(result: "RepeatResult") -> list[str]:
    """Return how much the results differ, one line for each kind of result."""
    lines = []
    if result.largest_difference:
        array, size = result.largest_difference
        largest = (
            f"{array} has another shape or dtype"
            if size is None
            else f"{array} most, by {size:.1e} of its largest value"
        )
        lines.append(f"weights: {len(result.weights)} arrays differ, {largest}")
    if result.epoch is not None:
        lines.append(f"history: differs from epoch {result.epoch + 1} on")
    if not result.metrics:
        lines.append("metrics: the same")
    else:
        name, value, is_share = result.difference
        points = (
            f"test {name} by {100 * value:+.2f} points" if is_share else f"{name} by {value:+.3g}"
        )
        lines.append(f"metrics: differ in {', '.join(result.metrics)}; {points}")
    return lines
