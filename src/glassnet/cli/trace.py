"""`glassnet trace`."""

from pathlib import Path
from typing import Annotated

import typer

from glassnet.cli.options import AsJson, DataDir, RunFolder
from glassnet.cli.printing import show_result


def command(
    run: RunFolder,
    subject: Annotated[
        str | None,
        typer.Argument(
            metavar="IMAGE|CLIP|TEXT|TABLE",
            help="A picture, an audio clip, a text in quotes or a table, - for CSV from stdin, in "
            "place of the test set.",
            show_default=False,
        ),
    ] = None,
    row: Annotated[
        int | None,
        typer.Option(min=0, help="Row of the table, or else of the test set.", show_default="0"),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(
            help="Target of the picture, clip, text or row: its class or its number.",
            show_default="that of the row, else the predicted class",
        ),
    ] = None,
    layer: Annotated[
        str | None,
        typer.Option(metavar="PATH", help="Layer whose arrays are shown, such as dense."),
    ] = None,
    number: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[PLACE]",
            help='Number to open to its terms, such as "output of dense[4]", "dense/kernel[7, 4]", '
            '"dy of dense[4]", "new dense/kernel[7, 4]", "loss"; may be repeated.',
        ),
    ] = None,
    training: Annotated[
        bool,
        typer.Option(
            "--training", help="Compute as training does: dropout drops, batches are normalized."
        ),
    ] = False,
    proofs: Annotated[
        bool,
        typer.Option(
            "--check",
            help="Prove that terms add up, derivatives are slopes, and the model says the same.",
        ),
    ] = False,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Write an HTML page in which any number opens, and can be changed to see what "
            "follows.",
        ),
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Follow one example through forward, loss, backward and update, number by number.

    Each layer is one line. With --layer, its numbers are shown; with --number, any number is opened
    to the terms it is made of, with its derivative beside its finite difference. All is recorded
    from the code that trains, in float64. What a step does not compute is said, never shown as 0.
    """
    from shutil import get_terminal_size

    from glassnet.runs.trace import trace_run
    from glassnet.tracing.json import number_to_dict, trace_to_dict
    from glassnet.tracing.text import layer_lines, overview

    traced = trace_run(run, subject, row, target=target, training=training, data_dir=data_dir)
    trace, width = traced.trace, max(60, min(get_terminal_size().columns, 160))
    value = {
        "run": run, "subject": traced.subject, "target": traced.target,
        "prediction": traced.prediction, "notes": traced.notes,
        **trace_to_dict(trace, layer),
    }  # fmt: skip
    lines = [
        f"{traced.subject}: target {traced.target}, prediction {traced.prediction}, {trace.loss!r}",
        *(f"note: {note}" for note in traced.notes),
    ]
    if number:
        value["numbers"] = [number_to_dict(trace, text) for text in number]
        for text in number:
            lines += ["", *trace.explain(text)]
    if layer is not None:
        lines += ["", *layer_lines(trace, trace.layer(layer), traced.predicted_class, width)]
    if not number and layer is None:
        lines += ["", *overview(trace, width), ""]
        lines.append(f'More: --layer {trace.layers[-1].path}, --number "{_example(trace)}"')
    if out is not None:
        path = traced.save(out)
        value["page"] = str(path)
        lines += ["", _page_line(path)]
    passed = True
    if proofs:
        checks = trace.check()
        value["checks"], passed = checks, checks.ok
        lines += ["", *checks.lines()]
    show_result(as_json, value, lines)
    if not passed:
        raise typer.Exit(1)


def _page_line(path: Path) -> str:
    size = path.stat().st_size
    return f"{path}: {size / 1e6:.2f} MB" if size >= 1e6 else f"{path}: {size / 1e3:.0f} kB"


def _example(trace: object) -> str:
    """Return the name of a number to open: the largest output of the last layer."""
    from glassnet.tracing.values import Values

    output = trace.layers[-1].output  # type: ignore[attr-defined]
    output = output[0] if isinstance(output, tuple) else output
    if not isinstance(output, Values):
        return "loss"
    return f"{output.name}[{', '.join(map(str, output.largest()))}]"
