"""`glassnet explain`."""

from typing import Annotated

import typer

from glassnet.cli.options import AsJson, DataDir, RunFolder
from glassnet.cli.printing import show, show_json, tell

METHODS = (
    "integrated-gradients, contrast, saliency, gradient-times-input, smoothgrad, grad-cam, "
    "occlusion, nearest"
)


def command(
    run: RunFolder,
    row: Annotated[
        int | None, typer.Option(min=0, help="A row of the test set.", show_default="0")
    ] = None,
    photo: Annotated[str | None, typer.Option(metavar="FILE", help="A photo instead.")] = None,
    method: Annotated[
        str | None, typer.Option(help=f"{METHODS}.", show_default="integrated-gradients")
    ] = None,
    of: Annotated[
        str | None, typer.Option(metavar="CLASS", show_default="the one predicted")
    ] = None,
    against: Annotated[
        str | None, typer.Option(metavar="CLASS", help="Why not this one? (contrast)")
    ] = None,
    out: Annotated[
        str | None, typer.Option(help="Picture (.png or .svg); RUN/explanation.png if not given.")
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Why does the network say so? Draws what speaks for it, and whether to believe that.

    What the methods mean: docs/explanations.md.
    """
    from pathlib import Path

    from glassnet.core.errors import GlassnetError
    from glassnet.runs.explain import draw_explanation, explain_photo, explain_row

    if photo is not None and row is not None:
        raise GlassnetError("is one example, --row another.", where="--photo", fix="Leave one out.")
    asked = method, of, against, data_dir, tell
    explanation = (
        explain_row(run, row or 0, *asked) if photo is None else explain_photo(run, photo, *asked)
    )
    picture = draw_explanation(explanation, Path(out) if out else Path(run) / "explanation.png")
    if as_json:
        show_json({"run": run, "picture": str(picture), **explanation.to_dict()})
    else:
        show([*explanation.lines(), str(picture)])
