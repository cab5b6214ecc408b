"""`glassnet repeat`."""

from typing import TYPE_CHECKING

import typer

from glassnet.cli.options import AsJson, Out, RunFolder, RunName
from glassnet.cli.printing import show, show_json, tell
from glassnet.cli.train_output import before

if TYPE_CHECKING:
    from glassnet.runs.repeat import Repetition


def command(
    run: RunFolder, name: RunName = None, out: Out = "runs", as_json: AsJson = False
) -> None:
    """Train a run anew, from its folder alone, and say whether the result is the same.

    "identical": weights, history and metrics are the same, bit for bit. Else it says what of the
    run's manifest differs (versions, BLAS, threads, processor, ...), or that --max-time let the
    clock decide, and how far the results are apart. Exit code 1 if they differ.
    """
    from glassnet.runs.repeat import repeat_run

    repetition = repeat_run(run, out=out, name=name, report=tell, before=before(as_json))
    if as_json:
        show_json(repetition.to_dict())
    else:
        show(_lines(repetition))
    if not repetition.identical:
        raise typer.Exit(1)


def _lines(repetition: "Repetition") -> list[str]:
    names = dict.fromkeys(change.field for change in (*repetition.changed, *repetition.resumed))
    fields, differ = ", ".join(names), "differs" if len(names) == 1 else "differ"
    if repetition.identical:
        verdict = f"identical, although {fields} {differ}" if fields else "identical"
    elif repetition.clock:
        verdict = f"DIFFERENT, as the clock decides where --max-time ends ({repetition.clock})"
        verdict += f", and {fields} {differ}" if fields else ""
    elif fields:
        verdict = f"DIFFERENT, and {fields} {differ}"
    else:
        verdict = "DIFFERENT, although the manifest is the same"
    return [
        *([] if repetition.identical else _apart(repetition)),
        *map(str, repetition.changed),
        *(f"{change}: when the run was resumed" for change in repetition.resumed),
        f"run {repetition.again.folder}",
        f"{verdict}: {repetition.run.folder}, repeated",
    ]


def _apart(repetition: "Repetition") -> list[str]:
    """How far the results are apart, a line for each kind that differs."""
    lines = []
    if repetition.farthest:
        place, size = repetition.farthest
        most = (
            f"{place} is another array"
            if size is None
            else f"{place} most: {size:.1e} of its largest number"
        )
        lines.append(f"weights: {len(repetition.weights)} arrays differ, {most}")
    if repetition.epoch is not None:
        lines.append(f"history: differs from epoch {repetition.epoch + 1} on")
    if not repetition.metrics:
        lines.append("metrics: the same")
    else:
        points = f"test accuracy by {100 * repetition.accuracy:+.2f} points"
        lines.append(f"metrics: differ in {', '.join(repetition.metrics)}; {points}")
    return lines
