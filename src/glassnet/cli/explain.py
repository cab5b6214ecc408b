"""`glassnet explain`."""

from typing import Annotated

import typer

from glassnet.cli.options import AsJson, DataDir, RunFolder
from glassnet.cli.printing import show_result

METHODS = (
    "integrated-gradients, contrast, saliency, gradient-times-input, smoothgrad, grad-cam, "
    "occlusion, nearest"
)


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
    method: Annotated[
        str | None, typer.Option(help=f"{METHODS}.", show_default="integrated-gradients")
    ] = None,
    of: Annotated[
        str | None,
        typer.Option(metavar="CLASS", help="Class to explain.", show_default="the predicted class"),
    ] = None,
    against: Annotated[
        str | None, typer.Option(metavar="CLASS", help="Class to contrast it with (for contrast).")
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(help="File to draw to (.png or .svg).", show_default="RUN/explanation.png"),
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Explain a prediction: which inputs support it, in words and drawn, with checks.

    What is explained is the prediction for a row of the test set, or for raw rows and files as
    glassnet predict takes them: how much each column of a table, each word of a text and each part
    of a picture or clip adds, compared with a baseline that is named. The methods are described in
    docs/explanations.md.
    """
    from pathlib import Path

    from glassnet.runs.explain import Query, explain_raw, explain_row
    from glassnet.runs.explained_example import draw_explanation
    from glassnet.runs.outputs import RunOutputs

    query = Query(method, of, against)
    explanation = (
        explain_row(RunOutputs(run, data_dir), row or 0, query)
        if subject is None
        else explain_raw(run, subject, row, query, data_dir)
    )
    picture = draw_explanation(explanation, Path(out) if out else Path(run) / "explanation.png")
    value = {"run": run, "picture": picture, **explanation.to_dict()}
    show_result(as_json, value, [*explanation.lines(), str(picture)])
