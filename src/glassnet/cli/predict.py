"""`glassnet predict`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from glassnet.cli.options import AsJson, RunOrFile
from glassnet.cli.printing import percent, show, show_json, show_result
from glassnet.core.errors import GlassnetError
from glassnet.core.plurals import counted
from glassnet.core.tables import shortened, table
from glassnet.core.terminal import say

if TYPE_CHECKING:
    from glassnet.evaluate.rows import RowPredictions
    from glassnet.model.model import Model
    from glassnet.runs.predict import Prediction

_ROWS = 20  # of a table that are printed
_CLASSES = 3  # that are shown for each
_USERS = 5  # whose recommendations are printed


def command(
    run: RunOrFile,
    subjects: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="IMAGE|TEXT|TABLE|FOLDER...",
            help="PNG, JPEG or other pictures, or texts in quotes; or a table, - for CSV from "
            "stdin; or folders of such files as the model was trained on.",
            show_default=False,
        ),
    ] = None,
    user: Annotated[
        list[str] | None,
        typer.Option(help="Recommend items to this user of the run's data; again for others."),
    ] = None,
    item: Annotated[
        list[str] | None,
        typer.Option(help="Show what is similar to this item; again for others. Of a recommender."),
    ] = None,
    top: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Number of classes to show for each, or of items to recommend or compare.",
            show_default="3 classes, 10 items",
        ),
    ] = None,
    show_images: Annotated[
        bool | None,
        typer.Option(
            "--show/--no-show",
            help="Print the preprocessed photos as text; by default on a terminal.",
            show_default=False,
        ),
    ] = None,
    seen: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="PNG file to draw the preprocessed photos to."),
    ] = None,
    explain: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Explain one photo, and draw it to this file (.png, .svg)."
        ),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Of a table or folder: also write its rows with their predictions here.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Predict for photos, texts, the rows of a table or the files in a folder, with probabilities.

    A table has the columns of the training table; its target may be missing. A recommender takes
    events, the earliest first, or users of its own data, and recommends what they don't have.

    A model of texts takes them in quotes, or .txt files, folders of them, and tables.

    Photos may have any size and colors: they are read as the training images were. For networks
    that were trained on fashion-mnist or digits, whose images show an object on a plain background,
    they are also inverted if necessary, freed of frames and cropped; those that don't look like the
    training data get no class, but the reasons.

    Files that can't be read are reported, the others are predicted, and the exit code is 2.
    """
    from glassnet.evaluate.recommendations import recommends
    from glassnet.model.model import Model
    from glassnet.runs.predict import predict
    from glassnet.runs.predict_rows import takes_rows

    model = Model.load(run)
    if recommends(model):
        if explain is not None or seen is not None or show_images is not None:
            raise GlassnetError("is for photos.", where="--explain, --seen, --show")
        if item:
            if user or subjects or out is not None:
                raise GlassnetError("is for items alone.", where="--item")
            _show_similar_items(model, run, item, top, as_json)
            return
        _show_recommendations(model, run, subjects or [], user or [], top, out, as_json)
        return
    if user or item:
        option = "--user" if user else "--item"
        raise GlassnetError("is for a model that recommends items.", where=option)
    if not subjects:
        raise typer.BadParameter("name what to predict.", param_hint="IMAGE|TEXT|TABLE")
    if takes_rows(model, subjects):
        if explain is not None or seen is not None or show_images is not None:
            raise GlassnetError("is for photos.", where="--explain, --seen, --show")
        _show_rows(model, run, subjects, out, as_json)
        return
    if out is not None:
        fix = "--json prints all predictions."
        raise GlassnetError("is for tables and folders.", where="--out", fix=fix)
    errors: list[GlassnetError] = []
    predictions = predict(run, subjects, errors.append, model)
    for error in errors:
        say(f"error: {error}", always=True)
    if not predictions:
        raise typer.Exit(2)
    if explain is not None:
        from glassnet.runs.explain import explain_raw
        from glassnet.runs.explained_example import draw_explanation

        if len(subjects) > 1:
            raise typer.BadParameter("takes one photo at a time.", param_hint="--explain")
        picture = draw_explanation(explain_raw(run, subjects[0]), Path(explain))
        say(f"explanation: {picture}")
    if seen is not None:
        from glassnet.plots.pixels import write_seen

        images = [p.image for p in predictions if p.image is not None]
        say(f"preprocessed photos: {write_seen(images, seen)}")
    show_images = sys.stdout.isatty() if show_images is None else show_images
    lines = [
        line
        for prediction in predictions
        for line in _lines(prediction, top or _CLASSES, show_images)
    ]
    show_result(as_json, {"run": run, "predictions": predictions}, lines)
    if errors:
        raise typer.Exit(2)


def _show_rows(
    model: "Model", run: str, subjects: list[str], out: str | None, as_json: bool
) -> None:
    """Print the predictions for the rows of a table, or files."""
    from glassnet.runs.predict_rows import predict_rows, write_predictions

    errors: list[GlassnetError] = []

    def report(error: GlassnetError) -> None:
        say(f"error: {error}", always=True)
        errors.append(error)

    result = predict_rows(model, run, subjects, report)
    if out is not None:
        write_predictions(result, out, errors)
        say(f"predictions: {out}")
    if as_json:
        broken = {"errors": [{"file": error.where, "error": error.what} for error in errors]}
        show_json({"run": run, "predictions": result.to_dict()} | (broken if errors else {}))
    else:
        _show_frame(result)
    if errors:
        raise typer.Exit(2)


def _show_frame(result: "RowPredictions") -> None:
    """Print the predictions for the first rows."""
    frame = result.frame
    names = [name for name in frame.columns if not name.startswith("p(")]
    rows: list[tuple[str, ...]] = [(result.table.unit, *names)]
    for number, cells in zip(result.table.numbers, frame.select(names).iter_rows(), strict=True):
        if len(rows) > _ROWS:
            break
        rows.append((str(number), *(_shown(n, cell) for n, cell in zip(names, cells, strict=True))))
    more = len(frame) - len(rows) + 1
    note = f"and {more:,} more rows; all of them: --out FILE.csv or --json"
    show([*table(rows, ">" + "<" * len(names)), *([note] if more else [])])


def _show_similar_items(
    model: "Model", run: str, items: list[str], top: int | None, as_json: bool
) -> None:
    """Print the items that are similar to each of these."""
    from glassnet.evaluate.recommendation import TOP
    from glassnet.evaluate.similar_items import similar_items

    results = similar_items(model, items, run, top or TOP)
    lines: list[str] = []
    for result in results:
        item, users = result.events.items[result.item], counted(result.users, "training user")
        lines += ["", f"similar to {item}, which {users} had"]
        rows: list[tuple[str, ...]] = [(result.events.item, "training users", "similarity")]
        rows += [(name, f"{count:,}", f"{cosine:.2f}") for name, count, cosine in result.rows()]
        lines += table(rows, "<>>")
    show_result(as_json, {"run": run, "similar": results}, lines[1:])


def _show_recommendations(
    model: "Model",
    run: str,
    subjects: list[str],
    users: list[str],
    top: int | None,
    out: str | None,
    as_json: bool,
) -> None:
    """Print the items that are recommended to users."""
    from glassnet.evaluate.recommendation import TOP
    from glassnet.runs.predict_rows import write_frame
    from glassnet.runs.recommend import recommend

    if len(subjects) > 1:
        raise GlassnetError("takes one table at a time.", where="glassnet predict")
    if not subjects and not users:
        raise typer.BadParameter("name a user: --user NAME, or a table.", param_hint="--user")
    result = recommend(model, run, users, subjects[0] if subjects else None, top or TOP)
    if out is not None:
        write_frame(result.frame, out)
        say(f"recommendations: {out}")
    if as_json:
        show_json({"run": run, "recommendations": result.to_dict()})
        return
    entries = result.to_dict()
    lines: list[str] = []
    for entry in entries[:_USERS]:
        lines.append(
            f"{result.events.user} {entry['user']}, who has {counted(entry['read'], 'item')}"
        )
        rows: list[tuple[str, ...]] = [("rank", result.events.item, "score")]
        rows += [
            (str(rank), item["item"], percent(item["score"]))
            for rank, item in enumerate(entry["items"], 1)
        ]
        lines += [*table(rows, "><>"), ""]
    if len(entries) > _USERS:
        more = counted(len(entries) - _USERS, "more user")
        lines.append(f"and {more}; all of them: --out FILE.csv or --json")
    show(lines if len(entries) > _USERS else lines[:-1])


def _shown(name: str, cell: Any) -> str:
    """Return a predicted class, value or probability as text."""
    if not isinstance(cell, float):
        return str(cell)
    return percent(cell) if name == "probability" else f"{cell:.6g}"


def _lines(prediction: "Prediction", top: int, show_images: bool) -> list[str]:
    from glassnet.plots.pixels import drawn

    rows: list[Any] = [
        (f"  {name}", percent(share), "█" * round(20 * share))
        if prediction.are_probabilities
        else (f"  {name}", f"{share:.4g}", "")
        for name, share in prediction.ranked()[:top]
    ]
    width = 72 if prediction.kind == "text" else len(prediction.subject)
    subject = shortened(prediction.subject, width)
    lines = [f"{subject} ({prediction.note})"]
    if show_images and prediction.image is not None:
        lines += [f"  {line}" for line in drawn(prediction.image)]
    if prediction.out_of_distribution:
        reasons = "; ".join(prediction.reasons)
        return [
            *lines,
            f"  This doesn't look like the training data: {reasons}. No class is given; the "
            "network's outputs are in --json.",
        ]
    return [*lines, *table(rows, "<><", rule=False)]
