"""`glassnet evaluate`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from glassnet.cli.options import AsJson, DataDir, RunFolder
from glassnet.cli.printing import class_table, percent, results_line, show_result
from glassnet.core.errors import GlassnetError
from glassnet.core.tables import shortened, table

if TYPE_CHECKING:
    from glassnet.evaluate.calibration import Reliability
    from glassnet.evaluate.classification import Classification
    from glassnet.evaluate.classifier import Evaluation

_MAX_CLASSES = 20  # in a confusion matrix on a terminal


def command(
    run: RunFolder,
    new: Annotated[
        str | None,
        typer.Argument(
            metavar="NEW",
            help="Other rows with their targets: a table (.csv, .tsv, .parquet, .jsonl; - for CSV "
            "from stdin), or a folder with a folder of files for each class.",
            show_default=False,
        ),
    ] = None,
    calibrate: Annotated[
        bool,
        typer.Option(
            "--calibrate",
            help="Fit the temperature to the validation split again, and store it in the model.",
        ),
    ] = False,
    top: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="K of the top-K accuracy: the true class is among the K most likely.",
            show_default="3",
        ),
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Evaluate a run on its test set, or on new rows: accuracy per class, most confident mistakes,
    calibration; errors of numbers.

    All proportions have 95% confidence intervals. New rows go through the model's own
    preprocessing; the training data are not needed, and RUN may be a model file.
    """
    from glassnet.evaluate.classifier import Evaluation
    from glassnet.evaluate.regression import Regression
    from glassnet.runs.evaluate import evaluate_run
    from glassnet.runs.evaluate_rows import evaluate_rows

    of = "test"
    if new is None:
        result = evaluate_run(run, data_dir, top=top, calibrate=calibrate)
        value = result.to_dict() if isinstance(result, Evaluation) else {"test": result}
    else:
        if calibrate or data_dir is not None:
            option = "--calibrate" if calibrate else "--data-dir"
            raise GlassnetError("is for the data of the run, not for new rows.", where=option)
        rows = evaluate_rows(run, new, top)
        result, value, of = rows.result, rows.to_dict(), f"{rows.path}:"
    if isinstance(result, Evaluation):
        lines = [*_lines(result), results_line(result.test, of)]
    else:
        worst = result.worst_lines() if isinstance(result, Regression) else []
        lines = [*class_table(result), *worst, *([""] if worst else []), results_line(result, of)]
    show_result(as_json, {"run": run, **value}, lines)


def _lines(result: "Evaluation") -> Iterator[str]:
    yield from class_table(result.test)
    if len(result.test.classes) <= _MAX_CLASSES:
        yield from [*_matrix(result.test), ""]
    if result.confused:
        yield from [*_confused(result), "", *_mistakes(result), ""]
    best = result.calibrated or result.bare
    if best:
        yield from [*_bins(best), "", _calibration(result), ""]
    low, high = result.top_interval
    yield (
        f"top-{result.top} accuracy {percent(result.top_accuracy)} "
        f"(95% interval {percent(low)} to {percent(high)})"
    )


def _matrix(test: "Classification") -> list[str]:
    numbers = [str(i) for i in range(len(test.classes))]
    rows = [("true \\ predicted", "", *numbers)]
    for number, score, counts in zip(numbers, test.classes, test.confusion.tolist(), strict=True):
        rows.append((score.name, number, *(str(count or "·") for count in counts)))
    return table(rows, "<" + ">" * (len(numbers) + 1))


def _confused(result: "Evaluation") -> list[str]:
    rows = [("most confused", "predicted as", "count", "of its examples")]
    rows += [(c.true, c.predicted, str(c.count), percent(c.share)) for c in result.confused]
    return table(rows, "<<>>")


def _mistakes(result: "Evaluation") -> list[str]:
    rows: list[tuple[str, ...]] = [
        ("most confident mistakes", "true", "predicted", "confidence", "")
    ]
    for mistake in result.mistakes:
        confidence = mistake.confidence
        shown = percent(confidence) if result.bare else f"{confidence:.4g}"
        text = shortened(mistake.text or "", 60)
        rows.append((mistake.place, mistake.true, mistake.predicted, shown, text))
    return table(rows, "<<<><")


def _bins(result: "Reliability") -> list[str]:
    rows = [("confidence", "examples", "mean", "accuracy (95%)")]
    for interval in result.bins:
        low, high = map(percent, interval.accuracy_interval)
        bounds = f"{100 * interval.low:.0f}–{100 * interval.high:.0f}%"
        accuracy = f"{percent(interval.accuracy)} ({low}–{high})"
        rows.append((bounds, f"{interval.count:,}", percent(interval.confidence), accuracy))
    return table(rows, ">>>>")


def _calibration(result: "Evaluation") -> str:
    assert result.bare
    text = f"calibration error (ECE) {percent(result.bare.ece)}"
    if result.calibrated:
        text += f", at temperature {result.temperature:.3f} {percent(result.calibrated.ece)}"
    return f"{text}; by chance alone {percent((result.calibrated or result.bare).chance)}"
