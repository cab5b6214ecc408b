"""The data section: sample images, class sizes, and the findings of the data audit."""

import shlex

from glassnet.audit import AUDITED, Accuracy, Audit, repeated
from glassnet.pages.html import Html, bullets, data_table, join, section, tag
from glassnet.pages.svg import side_by_side
from glassnet.report.plots import plots
from glassnet.report.sentences import interval_text, percent
from glassnet.runs.outputs import RunOutputs
from glassnet.runs.run import settings_of

_MAX_ROWS = 10


def data(outputs: RunOutputs, audit: Audit | None) -> Html:
    """The data section; an audit is made of images and tables only."""
    examples = side_by_side(plots(outputs, "samples"), plots(outputs, "classes"))
    if outputs.data.kind not in AUDITED:
        return section("Data", examples)
    findings = _no_audit(outputs) if audit is None else _findings(outputs, audit)
    return section("Data", examples, tag("h3", "Data audit"), findings)


def _no_audit(outputs: RunOutputs) -> Html:
    settings = settings_of(outputs.run)
    if settings.fold is not None:
        return tag("p", "The data of a fold is audited only by glassnet report --full.")
    return tag(
        "p",
        "This data set has not been audited on this machine. "
        f"glassnet data {shlex.quote(settings.data)} --audit checks it for copies, likely label "
        "errors and outliers, which takes a minute or two; after that, glassnet report shows the "
        "findings here.",
    )


def _findings(outputs: RunOutputs, audit: Audit) -> Html:
    accuracies = repeated(audit, outputs.test.labels, outputs.scores().argmax(axis=1))
    rows = audit.test_rows()
    line = f"Accuracy on all test rows: {_accuracy(accuracies.everything)}."
    if rows and accuracies.unsuspected:
        line += (
            f" Without rows that have a likely label error or copy a training row ({len(rows):,}): "
            f"{_accuracy(accuracies.unsuspected)}. The second number is optimistic: examples that "
            "networks get wrong are more likely to be suspect."
        )
    counts = [f"{count:,} {noun}" for count, noun in audit.named_counts()]
    return join(bullets(counts), tag("p", line), _suspects(audit), _copies(audit))


def _accuracy(accuracy: Accuracy) -> str:
    return f"{percent(accuracy.share)} (95% interval {interval_text(accuracy.interval)})"


def _suspects(audit: Audit) -> Html:
    if not audit.suspects:
        return Html()
    rows = [("row", "label", "its probability", "suggested label", "its probability")]
    for suspect in audit.suspects[:_MAX_ROWS]:
        own, suggested = percent(suspect.probability), percent(suspect.suggested_probability)
        rows.append((str(suspect.place), suspect.label, own, suspect.suggested, suggested))
    return data_table("Likely label errors, the most likely first.", rows, "<<><>")


def _copies(audit: Audit) -> Html:
    if not audit.copies:
        return Html()
    rows = [("row", "copy of row", "label", "label of the other", "distance")]
    for copy in audit.copies[:_MAX_ROWS]:
        rows.append((str(copy.place), str(copy.of), copy.label, copy.of_label, copy.nearness))
    return data_table("Copies, the nearest first.", rows, "<<<<>")
