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
    row: Annotated[
        int | None, typer.Option(min=0, help="Row of the test set.", show_default="0")
    ] = None,
    photo: Annotated[
        str | None,
        typer.Option(
            "--photo",
            "--clip",
            metavar="FILE",
            help="A photo or an audio clip, in place of a test row.",
        ),
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
    """Explain a prediction: draw which inputs support it, with checks of the explanation.

    The methods are described in docs/explanations.md.
    """
    from pathlib import Path

    from glassnet.core.errors import GlassnetError
    from glassnet.runs.explain import Query, draw_explanation, explain_file, explain_row
    from glassnet.runs.outputs import RunOutputs

    if photo is not None and row is not None:
        raise GlassnetError("can't be used with --row.", where="--photo", fix="Leave one out.")
    query = Query(method, of, against)
    explanation = (
        explain_row(RunOutputs(run, data_dir), row or 0, query)
        if photo is None
        else explain_file(run, photo, query, data_dir)
    )
    picture = draw_explanation(explanation, Path(out) if out else Path(run) / "explanation.png")
    value = {"run": run, "picture": picture, **explanation.to_dict()}
    show_result(as_json, value, [*explanation.lines(), str(picture)])
