"""`glassnet predict`."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from glassnet.cli.options import AsJson, RunOrFile
from glassnet.cli.printing import percent, show, show_json, tell
from glassnet.core.errors import GlassnetError
from glassnet.core.tables import shortened, table

if TYPE_CHECKING:
    from glassnet.runs.predict import Prediction


def command(
    run: RunOrFile,
    subjects: Annotated[
        list[str],
        typer.Argument(metavar="IMAGE|TEXT...", help="PNG or JPEG files; or texts, in quotes."),
    ],
    top: Annotated[int, typer.Option(min=1, help="Classes to show for each of them.")] = 3,
    draw: Annotated[
        bool | None,
        typer.Option(
            "--show/--no-show",
            help="Draw what the network saw of photos; by default on a terminal.",
            show_default=False,
        ),
    ] = None,
    seen: Annotated[
        str | None, typer.Option(help="PNG file for what the network saw of photos.")
    ] = None,
    explain: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Picture of why, for one photo (.png or .svg)."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say what photos show, or what kind texts are of: class names with probabilities.

    Photos of any size: made grey, turned to the polarity of the training data, without frames,
    cropped, scaled. Photos that don't look like the training data are marked so: no class fits.
    Texts for a network that was trained on texts. A photo that can't be read is named, the others
    are answered, and the exit code is 2.
    """
    from glassnet.runs.predict import predict

    refused: list[GlassnetError] = []
    predictions = predict(run, subjects, refused.append)
    for error in refused:
        tell(f"error: {error}")
    if not predictions:
        raise typer.Exit(2)
    if explain is not None:
        tell(f"why: {_explained(run, subjects, explain)}")
    if seen is not None:
        from glassnet.plots.pixels import write_seen

        pictures = [one.seen for one in predictions if one.seen is not None]
        tell(f"what the network saw: {write_seen(pictures, seen)}")
    if as_json:
        show_json({"run": run, "predictions": [p.to_dict() for p in predictions]})
    else:
        draw = sys.stdout.isatty() if draw is None else draw
        for prediction in predictions:
            show(_lines(prediction, top, draw))
    if refused:
        raise typer.Exit(2)


def _explained(run: str, subjects: list[str], file: str) -> str:
    """Where the explanation was drawn."""
    from pathlib import Path

    from glassnet.runs.explain import draw_explanation, explain_photo

    if len(subjects) > 1:
        raise typer.BadParameter("explains one photo at a time.", param_hint="--explain")
    return str(draw_explanation(explain_photo(run, subjects[0]), Path(file)))


def _lines(prediction: "Prediction", top: int, draw: bool) -> list[str]:
    from glassnet.plots.pixels import drawn

    rows: list[Any] = [
        (f"  {name}", percent(share), "█" * round(20 * share))
        if 0 <= share <= 1
        else (f"  {name}", f"{share:.4g}", "")
        for name, share in prediction.ranked()[:top]
    ]
    most = 72 if prediction.kind == "text" else len(prediction.subject)
    subject = shortened(prediction.subject, most)
    lines = [f"{subject} ({prediction.note})"]
    if draw and prediction.seen is not None:
        lines += [f"  {line}" for line in drawn(prediction.seen)]
    if prediction.unlike:
        lines.append(
            f"  This doesn't look like the training data: distance {prediction.distance:.1f}, "
            f"where 99% of it is within {prediction.threshold:.1f}. It would be called:"
        )
    return [*lines, *table(rows, "<><", rule=False)]
