"""`glassnet evaluate`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from glassnet.cli.common import (
    AsJson,
    DataDir,
    RunFolder,
    classes,
    percent,
    show,
    show_json,
    tested,
)
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
    """Judge a run on the test set of its data: classes, mistakes, calibration.

    Every share has its 95% interval.
    """
    from glassnet.evaluate.language_model import NextByte
    from glassnet.runs.evaluate import evaluate_run

    found = evaluate_run(run, data_dir, top=top, calibrate=calibrate)
    if isinstance(found, NextByte):
        show_json({"run": run, "test": found}) if as_json else show([tested(found)])
    elif as_json:
        show_json({"run": run, **found.to_dict()})
    else:
        show(_lines(found))


def _lines(found: "Evaluation") -> Iterator[str]:
    yield from classes(found.test)
    if len(found.test.classes) <= _WIDEST:
        yield from [*_matrix(found.test), ""]
    if found.confused:
        yield from [*_confused(found), "", *_mistakes(found), ""]
    best = found.calibrated or found.bare
    if best:
        yield from [*_bins(best), "", _calibration(found), ""]
    low, high = found.top_interval
    yield (
        f"true class among the {found.top} likeliest: {percent(found.top_accuracy)} "
        f"(95% interval {percent(low)} to {percent(high)})"
    )
    yield tested(found.test)


def _matrix(test: "Classification") -> list[str]:
    numbers = [str(i) for i in range(len(test.classes))]
    rows = [("true \\ said", "", *numbers)]
    for number, one, counts in zip(numbers, test.classes, test.confusion.tolist(), strict=True):
        rows.append((one.name, number, *(str(count or "·") for count in counts)))
    return table(rows, "<" + ">" * (len(numbers) + 1))


def _confused(found: "Evaluation") -> list[str]:
    rows = [("most confused", "taken for", "times", "of its examples")]
    rows += [(c.true, c.predicted, str(c.count), percent(c.share)) for c in found.confused]
    return table(rows, "<<>>")


def _mistakes(found: "Evaluation") -> list[str]:
    rows: list[tuple[str, ...]] = [("surest mistakes", "true", "said", "sure", "")]
    for one in found.mistakes:
        sure = percent(one.confidence) if found.bare else f"{one.confidence:.4g}"
        text = shortened(one.text or "", 60)
        rows.append((f"test row {one.row}", one.true, one.predicted, sure, text))
    return table(rows, "<<<><")


def _bins(found: "Reliability") -> list[str]:
    rows = [("sure", "examples", "mean", "right (95%)")]
    for one in found.bins:
        low, high = map(percent, one.accuracy_interval)
        rows.append(
            (
                f"{100 * one.low:.0f}–{100 * one.high:.0f}%", f"{one.count:,}",
                percent(one.confidence), f"{percent(one.accuracy)} ({low}–{high})",
            )
        )  # fmt: skip
    return table(rows, ">>>>")


def _calibration(found: "Evaluation") -> str:
    assert found.bare
    said = f"calibration error (ECE) {percent(found.bare.ece)}"
    if found.calibrated:
        said += f", at temperature {found.temperature:.3f} {percent(found.calibrated.ece)}"
    return f"{said}; by chance alone {percent((found.calibrated or found.bare).chance)}"
