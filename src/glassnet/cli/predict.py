"""`glassnet predict`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from glassnet.cli.common import AsJson, RunOrFile, percent, show, show_json

if TYPE_CHECKING:
    from glassnet.using import Prediction


def command(
    run: RunOrFile,
    subjects: Annotated[
        list[str],
        typer.Argument(metavar="IMAGE|TEXT...", help="PNG or JPEG files; or texts, in quotes."),
    ],
    top: Annotated[int, typer.Option(min=1, help="Classes to show for each of them.")] = 3,
    as_json: AsJson = False,
) -> None:
    """Say what photos show, or what kind texts are of: class names with probabilities.

    Photos of any size: made grey, turned to the polarity of the training data, cropped, scaled.
    Texts for a network that was trained on texts.
    """
    from glassnet.using import predict

    predictions = predict(run, subjects)
    if as_json:
        show_json({"run": run, "predictions": [p.to_dict() for p in predictions]})
        return
    for prediction in predictions:
        show(_lines(prediction, top))


def _lines(prediction: "Prediction", top: int) -> list[str]:
    from glassnet.tables import table

    rows: list[Any] = [
        (f"  {name}", percent(share), "█" * round(20 * share))
        if 0 <= share <= 1
        else (f"  {name}", f"{share:.4g}", "")
        for name, share in prediction.ranked()[:top]
    ]
    subject = " ".join(prediction.subject.split())
    if prediction.kind == "text" and len(subject) > 72:
        subject = f"{subject[:71]}…"
    return [f"{subject} ({prediction.note})", *table(rows, "<><", rule=False)]
