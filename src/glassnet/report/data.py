"""The examples: some of them, how many there are of each class, and what their audit found."""

import shlex

from glassnet.audit import Accuracy, Audit, repeated
from glassnet.report.html import Html, bullets, data_table, joined, section, tag
from glassnet.report.pictures import drawn, pair
from glassnet.report.words import between, percent
from glassnet.runs.outputs import RunOutputs
from glassnet.runs.run import settings_of

_SHOWN = 10


def data(outputs: RunOutputs, audit: Audit | None) -> Html:
    """The examples, and what is wrong with them."""
    shown = pair(drawn(outputs, "samples"), drawn(outputs, "classes"))
    if outputs.data.kind != "numbers":
        return section("Data", shown)
    found = _none_yet(outputs) if audit is None else _found(outputs, audit)
    return section("Data", shown, tag("h3", "The audit"), found)


def _none_yet(outputs: RunOutputs) -> Html:
    settings = settings_of(outputs.run)
    if settings.fold is not None:
        return tag("p", "The data of a fold are audited by glassnet report --full only.")
    return tag(
        "p",
        "These data were not audited on this machine. "
        f"glassnet data {shlex.quote(settings.data)} --audit, which takes a minute or "
        "two, looks for copies, likely wrong labels and odd examples; "
        "glassnet report then has them here.",
    )


def _found(outputs: RunOutputs, audit: Audit) -> Html:
    again = repeated(audit, outputs.test.labels, outputs.scores().argmax(axis=1))
    rows = audit.test_rows()
    line = f"On all test rows: {_said(again.everything)}."
    if rows and again.unsuspected:
        line += (
            f" Without the {len(rows):,} rows whose label is likely wrong or that copy a training "
            f"row: {_said(again.unsuspected)}. That is the more flattering number: what networks "
            "get wrong is suspected more often."
        )
    counts = [f"{count:,} {kind.replace('_', ' ')}" for kind, count in audit.counts().items()]
    return joined(bullets(counts), tag("p", line), _suspects(audit), _copies(audit))


def _said(found: Accuracy) -> str:
    return f"{percent(found.share)} right (95% interval {between(found.interval)})"


def _suspects(audit: Audit) -> Html:
    if not audit.suspects:
        return Html()
    rows = [("row", "label", "its probability", "rather", "probability")]
    for one in audit.suspects[:_SHOWN]:
        given, other = percent(one.probability), percent(one.suggested_probability)
        rows.append((str(one.place), one.label, given, one.suggested, other))
    return data_table("Labels that are likely wrong, the likeliest first.", rows, "<<><>")


def _copies(audit: Audit) -> Html:
    if not audit.copies:
        return Html()
    rows = [("row", "is like row", "label", "its label", "distance")]
    for one in audit.copies[:_SHOWN]:
        rows.append((str(one.place), str(one.of), one.label, one.of_label, one.nearness))
    return data_table("Copies, the nearest first.", rows, "<<<<>")
