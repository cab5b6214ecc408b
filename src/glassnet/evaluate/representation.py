"""What test results show in a notebook: the headline, a table, the confusion matrix."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from glassnet.pages.html import Html, bullets, data_table, join, numbers, tag
from glassnet.pages.notebook import drawn, shown
from glassnet.plots.confusion import confusion_of_counts

if TYPE_CHECKING:
    from glassnet.evaluate.classification import Classification
    from glassnet.evaluate.classifier import Evaluation

_DRAWN = 200  # classes whose confusion matrix is drawn


def of_classifier(result: "Evaluation") -> str:
    """The output of a notebook cell."""
    cells = _headline(result.test)
    if result.top > 1:
        cells.insert(1, (f"top-{result.top} accuracy", f"{result.top_accuracy:.1%}", ""))
    if result.bare:
        cells.append(("calibration error", f"{result.bare.ece:.1%}", ""))
    return shown("Test results", numbers(cells), _parts(result.test))


def of_classes(result: "Classification") -> str:
    """The output of a notebook cell."""
    return shown("Test results", numbers(_headline(result)), _parts(result))


def of_rows(headline: str, rows: Sequence[Sequence[str]], notes: Iterable[str]) -> str:
    """The output of a notebook cell: results that are a table, the heading first."""
    lines = list(notes)
    table = data_table("The results on the test set.", rows, "<" + ">" * (len(rows[0]) - 1))
    return shown("Test results", tag("p", headline), table, bullets(lines) if lines else "")


def of_numbers(cells: Sequence[tuple[str, str, str]]) -> str:
    """The output of a notebook cell: a few numbers (name, value, note)."""
    return shown("Test results", numbers(cells))


def _headline(test: "Classification") -> list[tuple[str, str, str]]:
    low, high = test.accuracy_interval
    return [
        ("accuracy", f"{test.accuracy:.1%}", f"{low:.1%} to {high:.1%}"),
        ("loss", f"{test.loss:.4f}", f"{test.count:,} examples"),
    ]


def _parts(test: "Classification") -> Html:
    rows: list[tuple[str, ...]] = [("class", "precision", "recall", "F1", "examples")]
    for c in test.classes:
        shares = (f"{share:.3f} ({low:.2f}–{high:.2f})" for share, (low, high) in c.shares)
        rows.append((c.name, *shares, f"{c.support:,}"))
    table = data_table("Each class, with 95% intervals.", rows, "<>>>>")
    if len(test.classes) > _DRAWN:
        return table
    drawing = confusion_of_counts(test.confusion, [c.name for c in test.classes])
    return join(table, drawn(drawing, "Confusion matrix"))
