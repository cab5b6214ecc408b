"""The sections on training, the network, and how to reproduce the run."""

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from glassnet.model.summary import trained_share
from glassnet.pages.html import Html, bullets, data_table, definitions, join, section, tag
from glassnet.pages.svg import side_by_side
from glassnet.report.changes import changes
from glassnet.report.plots import plots
from glassnet.runs.outputs import RunOutputs

_NETWORK_PLOTS = ("weights", "filters", "feature-maps", "activations", "gradients", "pca")


def training(
    outputs: RunOutputs,
    findings: Sequence[str],
    changed: Mapping[str, Any] | None,
    full: bool,
) -> Html:
    """The epochs, what they `changed` in a network that had been trained before, and the doctor's
    findings; with `full`, also the learning-rate finder.
    """
    no_findings = tag("p", "The doctor found no problems with the data or the training.")
    return section(
        "Training",
        side_by_side(
            plots(outputs, "curves"),
            join(
                tag("h3", "The doctor’s findings"),
                bullets(findings) if findings else no_findings,
                _epochs(outputs),
            ),
        ),
        plots(outputs, "learning-rate") if full else "",
        changes(changed),
    )


def _epochs(outputs: RunOutputs) -> Html:
    """The metrics of every epoch as a table: an accessible form of the curves."""
    if not outputs.run.has_history:
        return Html()
    history = outputs.run.history()
    names = list(dict.fromkeys(name for row in history for name in row))
    rows = [names, *([_number(row.get(name), name) for name in names] for row in history)]
    table = data_table("Metrics by epoch; times are in seconds.", rows, ">" * len(names))
    return tag("details", tag("summary", "Metrics of each epoch"), table)


def _number(value: Any, name: str) -> str:
    if value is None:
        return ""
    if name == "epoch":
        return str(value + 1)
    return f"{value:.2f}" if name == "seconds" else f"{value:.4g}"


def network(outputs: RunOutputs, full: bool) -> Html:
    """The layers, their weights, activations and gradients; with `full`, also t-SNE."""
    names = (*_NETWORK_PLOTS, "t-sne") if full else _NETWORK_PLOTS
    lines: list[str] = []
    model = outputs.model
    share = trained_share(model.network, model.input_shape)
    model.summary(lines.append, bool(share))
    return section(
        "The network",
        tag("p", share) if share else "",
        plots(outputs, "network"),
        tag("details", tag("summary", "Layers as a table"), tag("pre", "\n".join(lines))),
        side_by_side(*(plots(outputs, name) for name in names)),
    )


def settings_and_manifest(outputs: RunOutputs, config: Mapping[str, Any]) -> Html:
    """Everything that is needed to repeat the run."""
    titles = {"settings": "Settings", "data": "Data", "manifest": "Machine and versions"}
    children = []
    for key, title in titles.items():
        if isinstance(values := config.get(key), dict):
            pairs = [(name, _text(value)) for name, value in values.items() if value is not None]
            children += [tag("h3", title), definitions(pairs)]
    if "manifest" in config and "imported" not in config:
        text = (
            f"glassnet repeat {shlex.quote(str(outputs.run.folder))} trains the network again and "
            "reports whether the results are identical and, if not, which of these fields differ."
        )
        children.append(tag("p", text))
    return section("Settings and manifest", *children)


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
