"""The results on the test set: headline numbers, classes, mistakes, calibration."""

from collections.abc import Iterator

from glassnet.core.tables import shortened
from glassnet.evaluate.calibration import Reliability
from glassnet.evaluate.classifier import Evaluation
from glassnet.evaluate.language_model import NextByte
from glassnet.evaluate.tasks import TaskResult
from glassnet.pages.html import Html, data_table, join, numbers, picture, pictures, section, tag
from glassnet.pages.svg import side_by_side
from glassnet.plots.images import png_of
from glassnet.report.figures import needs
from glassnet.report.figures.arrays import pictures as pictures_of
from glassnet.report.plots import plots
from glassnet.report.sentences import interval_text, percent
from glassnet.report.tasks import task_numbers
from glassnet.runs.outputs import RunOutputs


def headline(
    result: Evaluation | NextByte | TaskResult, parameters: int, seconds: float | None
) -> Html:
    """The most important numbers, at the top of the page."""
    if isinstance(result, NextByte):
        cells = result.headline_numbers()
    elif not isinstance(result, Evaluation):
        cells = task_numbers(result)
    else:
        test = result.test
        cells = [
            ("test accuracy", percent(test.accuracy), interval_text(test.accuracy_interval)),
            ("macro F1", f"{test.macro_f1:.3f}", f"{len(test.tested)} classes"),
            ("test loss", f"{test.loss:.4f}", f"{test.count:,} examples"),
        ]
        if result.top > 1:
            top = percent(result.top_accuracy), interval_text(result.top_interval)
            cells.insert(1, (f"top-{result.top} accuracy", *top))
        if result.bare:
            note = ""
            if result.calibrated:
                ece = percent(result.calibrated.ece)
                note = f"{ece} at temperature {result.temperature:.2f}"
            cells.append(("calibration error", percent(result.bare.ece), note))
    cells.append(("weights", f"{parameters:,}", ""))
    if seconds is not None:
        cells.append(("training time", f"{seconds:.1f} s", ""))
    return numbers(cells)


def sections(outputs: RunOutputs, result: Evaluation) -> Iterator[Html]:
    """The sections on a classifier's test set."""
    confusion = side_by_side(plots(outputs, "confusion"), _confused(result))
    yield section("Classes", _classes(result), confusion)
    if result.mistakes:
        drawn = side_by_side(plots(outputs, "probabilities"), plots(outputs, "predictions"))
        yield section("Mistakes", _mistakes(outputs, result), drawn)
    if result.bare:
        yield section("Calibration", *_calibration(outputs, result, result.bare))


def _classes(result: Evaluation) -> Html:
    rows: list[tuple[str, ...]] = [("class", "precision", "recall", "F1", "examples")]
    for score in result.test.classes:
        cells = (f"{share:.3f} ({low:.3f}–{high:.3f})" for share, (low, high) in score.shares)
        rows.append((score.name, *cells, f"{score.support:,}"))
    caption = (
        "For each class, with 95% intervals: the share of its predictions that are correct "
        "(precision), the share of its examples that are recognized (recall), and the harmonic "
        "mean of the two (F1)."
    )
    return data_table(caption, rows, "<>>>>")


def _confused(result: Evaluation) -> Html:
    if not result.confused:
        return Html()
    rows = [("true class", "predicted class", "examples", "share of true class")]
    rows += [(c.true, c.predicted, f"{c.count:,}", percent(c.share)) for c in result.confused]
    return data_table("The most frequent confusions.", rows, "<<>>")


def _mistakes(outputs: RunOutputs, result: Evaluation) -> Html:
    """The most confident mistakes: as pictures, if the examples are, with their files or rows."""
    if needs.pictures(outputs):
        return _table_of_mistakes(result)
    rows = [mistake.row for mistake in result.mistakes]
    items = []
    for mistake, image in zip(result.mistakes, pictures_of(outputs, rows), strict=True):
        output = percent(mistake.confidence) if result.bare else f"{mistake.confidence:.4g}"
        wrong, true = f"{mistake.predicted} {output}", f"is {mistake.true}"
        lines = (
            tag("span", tag("bdi", wrong), class_="wrong"),
            tag("span", tag("bdi", true)),
            tag("span", tag("bdi", mistake.place), class_="soft"),
        )
        items.append(join(picture(png_of(image), f"{mistake.place}: {true}"), *lines))
    number = "the probability" if result.bare else "the output"
    caption = (
        f"The most confident mistakes: the predicted class and {number}, the true class, and the "
        f"{'file' if result.mistakes[0].file else 'row, counted from 0'}."
    )
    return join(tag("p", caption, class_="soft"), pictures(items, "The most confident mistakes"))


def _table_of_mistakes(result: Evaluation) -> Html:
    heading = "confidence" if result.bare else "output"
    rows: list[tuple[str, ...]] = [("example", "true class", "predicted class", heading)]
    for mistake in result.mistakes:
        number = mistake.confidence
        confidence = percent(number) if result.bare else f"{number:.4g}"
        rows.append((mistake.place, mistake.true, mistake.predicted, confidence))
    if any(mistake.text for mistake in result.mistakes):
        texts = "text", *(shortened(mistake.text or "", 120) for mistake in result.mistakes)
        rows = [(*row, tag("bdi", text)) for row, text in zip(rows, texts, strict=True)]
    caption = "The most confident mistakes; rows are counted from 0."
    return data_table(caption, rows, "<<<><"[: len(rows[0])])


def _calibration(outputs: RunOutputs, result: Evaluation, bare: Reliability) -> Iterator[Html]:
    yield tag(
        "p",
        "When a calibrated network is 80% confident, it is right in 80% of the cases. The "
        "calibration error (ECE) is the average difference between confidence and accuracy; with "
        "this many examples, a perfectly calibrated network would have an error of "
        f"{percent(bare.chance)} by chance.",
    )
    yield side_by_side(plots(outputs, "calibration"), _bins(result, result.reported or bare))


def _bins(result: Evaluation, reliability: Reliability) -> Html:
    rows = [("confidence", "examples", "mean confidence", "accuracy", "95% interval")]
    for bin in reliability.bins:
        accuracy = percent(bin.accuracy), interval_text(bin.accuracy_interval)
        confidence = f"{100 * bin.low:.0f}–{100 * bin.high:.0f}%"
        rows.append((confidence, f"{bin.count:,}", percent(bin.confidence), *accuracy))
    caption = "Confidence and accuracy of the probabilities that glassnet predict returns"
    if result.stored:
        caption += f", at temperature {result.temperature:.2f}; the plot shows them without it"
    caption += "."
    return data_table(caption, rows, "<>>>>")
