"""`glassnet evaluate`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from glassnet.cli.options import AsJson, DataDir, RunFolder
from glassnet.cli.printing import classes, percent, show, show_json, tell, tested
from glassnet.core.tables import shortened, table

if TYPE_CHECKING:
    from glassnet.evaluate.calibration import Reliability
    from glassnet.evaluate.classification import Classification
    from glassnet.evaluate.classifier import Evaluation

_WIDEST = 20  # classes, in a matrix on a terminal


def command(
    run: RunFolder,
    calibrate: Annotated[
        bool,
        typer.Option(
            "--calibrate",
            help="Fit the temperature to the validation split anew, and store it in the model.",
        ),
    ] = False,
    top: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Is the true class among so many likeliest?",
            show_default="3",
        ),
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Evaluate a run on the test set of its data: classes, mistakes, calibration.

    Every share has its 95% interval.
    """
    from glassnet.evaluate.language_model import NextByte
    from glassnet.runs.evaluate import evaluate_run

    result = evaluate_run(run, data_dir, tell, top=top, calibrate=calibrate)
    if isinstance(result, NextByte):
        show_json({"run": run, "test": result.to_dict()}) if as_json else show([tested(result)])
    elif as_json:
        show_json({"run": run, **result.to_dict()})
    else:
        show(_lines(result))


def _lines(result: "Evaluation") -> Iterator[str]:
    yield from classes(result.test)
    if len(result.test.classes) <= _WIDEST:
        yield from [*_matrix(result.test), ""]
    if result.confused:
        yield from [*_confused(result), "", *_mistakes(result), ""]
    best = result.calibrated or result.bare
    if best:
        yield from [*_bins(best), "", _calibration(result), ""]
    low, high = result.top_interval
    yield (
        f"true class among the {result.top} likeliest: {percent(result.top_accuracy)} "
        f"(95% interval {percent(low)} to {percent(high)})"
    )
    yield tested(result.test)


def _matrix(test: "Classification") -> list[str]:
    numbers = [str(i) for i in range(len(test.classes))]
    rows = [("true \\ predicted", "", *numbers)]
    for number, one, counts in zip(numbers, test.classes, test.confusion.tolist(), strict=True):
        rows.append((one.name, number, *(str(count or "·") for count in counts)))
    return table(rows, "<" + ">" * (len(numbers) + 1))


def _confused(result: "Evaluation") -> list[str]:
    rows = [("most confused", "taken for", "times", "of its examples")]
    rows += [(c.true, c.predicted, str(c.count), percent(c.share)) for c in result.confused]
    return table(rows, "<<>>")


def _mistakes(result: "Evaluation") -> list[str]:
    rows: list[tuple[str, ...]] = [("surest mistakes", "true", "predicted", "sure", "")]
    for one in result.mistakes:
        sure = percent(one.confidence) if result.bare else f"{one.confidence:.4g}"
        text = shortened(one.text or "", 60)
        rows.append((f"test row {one.row}", one.true, one.predicted, sure, text))
    return table(rows, "<<<><")


def _bins(result: "Reliability") -> list[str]:
    rows = [("sure", "examples", "mean", "right (95%)")]
    for one in result.bins:
        low, high = map(percent, one.accuracy_interval)
        rows.append(
            (
                f"{100 * one.low:.0f}–{100 * one.high:.0f}%", f"{one.count:,}",
                percent(one.confidence), f"{percent(one.accuracy)} ({low}–{high})",
            )
        )  # fmt: skip
    return table(rows, ">>>>")


def _calibration(result: "Evaluation") -> str:
    assert result.bare
    text = f"calibration error (ECE) {percent(result.bare.ece)}"
    if result.calibrated:
        text += f", at temperature {result.temperature:.3f} {percent(result.calibrated.ece)}"
    return f"{text}; by chance alone {percent((result.calibrated or result.bare).chance)}"
