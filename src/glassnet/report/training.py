"""The sections on training, the network, and how to reproduce the run."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from glassnet.report.html import Html, bullets, data_table, definitions, join, section, tag
from glassnet.report.svg import plots, side_by_side
from glassnet.runs.outputs import RunOutputs

_NETWORK_PLOTS = ("weights", "filters", "feature-maps", "activations", "gradients", "pca")


def training(outputs: RunOutputs, findings: Sequence[str], full: bool) -> Html:
    """The epochs and the doctor's findings; with `full`, also the learning-rate finder."""
    doctor = (
        bullets(findings)
        if findings
        else tag("p", "The doctor found no problems with the data or the training.")
    )
    return section(
        "Training",
        plots(outputs, "curves"),
        _epochs(outputs),
        plots(outputs, *(("learning-rate",) if full else ())),
        tag("h3", "The doctor’s findings"),
        doctor,
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
    outputs.model.summary(lines.append)
    return section(
        "The network",
        plots(outputs, "network"),
        tag("details", tag("summary", "Layers as a table"), tag("pre", "\n".join(lines))),
        side_by_side(*(plots(outputs, name) for name in names)),
    )


def settings_and_manifest(outputs: RunOutputs, config: Mapping[str, Any]) -> Html:
    """Everything that is needed to repeat the run."""
    parts = [("settings", "Settings"), ("data", "Data"), ("manifest", "Machine and versions")]
    lists = _lists(config, parts)
    return section("Settings and manifest", *lists, *_how_to_repeat(outputs, config))


def _lists(config: Mapping[str, Any], parts: Sequence[tuple[str, str]]) -> Iterator[Html]:
    for key, title in parts:
        if isinstance(values := config.get(key), dict):
            yield join(tag("h3", title), definitions(_not_none(values)))


def _how_to_repeat(outputs: RunOutputs, config: Mapping[str, Any]) -> Iterator[Html]:
    if "manifest" in config and "imported" not in config:
        folder = shlex.quote(str(outputs.run.folder))
        yield tag(
            "p",
            f"glassnet repeat {folder} trains the network again and reports whether the results "
            "are identical and, if not, which of these fields differ.",
        )


def _not_none(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The values that are not None, as text."""
    return [(name, _text(value)) for name, value in values.items() if value is not None]


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
