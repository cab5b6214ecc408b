"""`glassnet repeat`."""

from typing import TYPE_CHECKING

import typer

from glassnet.cli.common import AsJson, Out, RunFolder, RunName, show, show_json
from glassnet.cli.trainings import before

if TYPE_CHECKING:
    from glassnet.runs.repeat import Repetition


def command(
    run: RunFolder, name: RunName = None, out: Out = "runs", as_json: AsJson = False
) -> None:
    """Train a run anew, from its folder alone, and say whether the same comes of it.

    "identical": weights, history and metrics are the same, bit for bit. Else it says what of the
    run's manifest differs (versions, BLAS, threads, processor, ...), or that --max-time let the
    clock decide, and how far the results are apart. Exit code 1 if they differ.
    """
    from glassnet.runs.repeat import repeat_run

    found = repeat_run(run, out=out, name=name, before=before(as_json))
    if as_json:
        show_json(found)
    else:
        show(_lines(found))
    if not found.identical:
        raise typer.Exit(1)


def _lines(found: "Repetition") -> list[str]:
    names = dict.fromkeys(change.field for change in (*found.changed, *found.resumed))
    fields, differ = ", ".join(names), "differs" if len(names) == 1 else "differ"
    if found.identical:
        verdict = f"identical, although {fields} {differ}" if fields else "identical"
    elif found.clock:
        verdict = f"DIFFERENT, as the clock decides where --max-time ends ({found.clock})"
        verdict += f", and {fields} {differ}" if fields else ""
    elif fields:
        verdict = f"DIFFERENT, and {fields} {differ}"
    else:
        verdict = "DIFFERENT, although the manifest is the same"
    return [
        *([] if found.identical else _apart(found)),
        *map(str, found.changed),
        *(f"{change}: when the run was resumed" for change in found.resumed),
        f"run {found.again.folder}",
        f"{verdict}: {found.run.folder}, repeated",
    ]


def _apart(found: "Repetition") -> list[str]:
    """How far the results are apart, a line for each kind that differs."""
    lines = []
    if found.farthest:
        place, size = found.farthest
        most = (
            f"{place} is another array"
            if size is None
            else f"{place} most: {size:.1e} of its largest number"
        )
        lines.append(f"weights: {len(found.weights)} arrays differ, {most}")
    if found.epoch is not None:
        lines.append(f"history: differs from epoch {found.epoch + 1} on")
    if not found.metrics:
        lines.append("metrics: the same")
    else:
        points = f"test accuracy by {100 * found.accuracy:+.2f} points"
        lines.append(f"metrics: differ in {', '.join(found.metrics)}; {points}")
    return lines
