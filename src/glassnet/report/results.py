"""How good the network is: numbers, classes, mistakes, calibration."""

from collections.abc import Iterator

from glassnet.core.tables import shortened
from glassnet.evaluate.calibration import Reliability
from glassnet.evaluate.classifier import Evaluation
from glassnet.evaluate.language_model import NextByte
from glassnet.report.html import Html, data_table, section, tag
from glassnet.report.pictures import drawn, pair
from glassnet.report.words import between, percent
from glassnet.runs.outputs import RunOutputs


def headline(found: Evaluation | NextByte, parameters: int, seconds: float | None) -> Html:
    """The first numbers that one looks for."""
    if isinstance(found, NextByte):
        numbers = [
            (
                "bits per byte",
                f"{found.bits_per_byte:.3f}",
                f"{found.by_frequency:.2f} by frequency",
            ),
            ("perplexity", f"{found.perplexity:.2f}", ""),
            ("bytes foretold", percent(found.accuracy), f"of {found.count:,}"),
        ]
    else:
        test = found.test
        numbers = [
            ("test accuracy", percent(test.accuracy), between(test.accuracy_interval)),
            ("macro F1", f"{test.macro_f1:.3f}", f"{len(test.tested)} classes"),
            ("test loss", f"{test.loss:.4f}", f"{test.count:,} examples"),
        ]
        if found.top > 1:
            top = percent(found.top_accuracy), between(found.top_interval)
            numbers.insert(1, (f"among the {found.top} likeliest", *top))
        if found.bare:
            heat, better = found.temperature, found.calibrated
            note = f"{percent(better.ece)} at temperature {heat:.2f}" if better else ""
            numbers.append(("calibration error", percent(found.bare.ece), note))
    numbers.append(("weights", f"{parameters:,}", ""))
    if seconds is not None:
        numbers.append(("training", f"{seconds:.1f} s", ""))
    made = (tag("div", tag("dt", n), tag("dd", v, tag("small", note))) for n, v, note in numbers)
    return tag("dl", *made, class_="numbers")


def sections(outputs: RunOutputs, found: Evaluation) -> Iterator[Html]:
    """All that the test set says of a classifier."""
    yield section("Classes", _classes(found), pair(drawn(outputs, "confusion"), _confused(found)))
    if found.mistakes:
        shown = pair(drawn(outputs, "probabilities"), _mistakes(found))
        yield section("Mistakes", shown, drawn(outputs, "predictions"))
    if found.bare:
        yield section("Calibration", *_calibration(outputs, found, found.bare))


def _classes(found: Evaluation) -> Html:
    rows: list[tuple[str, ...]] = [("class", "precision", "recall", "F1", "examples")]
    for one in found.test.classes:
        shares = (
            (one.precision, one.precision_interval),
            (one.recall, one.recall_interval),
            (one.f1, one.f1_interval),
        )
        cells = (f"{v:.3f} ({low:.3f}–{high:.3f})" for v, (low, high) in shares)
        rows.append((one.name, *cells, f"{one.support:,}"))
    caption = "Of each class, with 95% intervals: how many finds are right (precision), how many "
    return data_table(
        f"{caption}of its examples are found (recall), and both in one (F1).", rows, "<>>>>"
    )


def _confused(found: Evaluation) -> Html:
    if not found.confused:
        return Html()
    rows = [("true class", "taken for", "times", "of its examples")]
    rows += [(c.true, c.predicted, f"{c.count:,}", percent(c.share)) for c in found.confused]
    return data_table("The most frequent confusions.", rows, "<<>>")


def _mistakes(found: Evaluation) -> Html:
    texts = any(one.text for one in found.mistakes)
    rows: list[tuple[str, ...]] = [("test row", "true class", "said", "sure")]
    for one in found.mistakes:
        sure = percent(one.confidence) if found.bare else f"{one.confidence:.4g}"
        rows.append((str(one.row), one.true, one.predicted, sure))
    if texts:
        shown = "text", *(shortened(one.text or "", 120) for one in found.mistakes)
        rows = [(*row, tag("bdi", text)) for row, text in zip(rows, shown, strict=True)]
    caption = "The mistakes of which the network was surest; rows count from 0."
    return data_table(caption, rows, "<<<><"[: len(rows[0])])


def _calibration(outputs: RunOutputs, found: Evaluation, bare: Reliability) -> Iterator[Html]:
    yield tag(
        "p",
        "Of the examples that a calibrated network is 80% sure of, it judges 80% rightly. The "
        "calibration error (ECE) is how far it is off on average; with so many examples a perfect "
        f"network would show {percent(bare.chance)} by chance.",
    )
    yield pair(drawn(outputs, "calibration"), _bins(found.told or bare))


def _bins(found: Reliability) -> Html:
    rows = [("sure", "examples", "mean", "right", "95% interval")]
    for one in found.bins:
        shares = percent(one.confidence), percent(one.accuracy), between(one.accuracy_interval)
        sure = f"{100 * one.low:.0f}–{100 * one.high:.0f}%"
        rows.append((sure, f"{one.count:,}", *shares))
    caption = (
        "Confidence beside accuracy, as glassnet predict says it: at the model's temperature, if "
        "it has one. The picture is of the network's bare probabilities."
    )
    return data_table(caption, rows, "<>>>>")
