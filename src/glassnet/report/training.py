"""How it was trained, on what, with what, and what the doctor says of it."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from glassnet.report.html import Html, bullets, data_table, facts, joined, section, tag
from glassnet.report.pictures import drawn, pair
from glassnet.runs.outputs import RunOutputs

_WITHIN = ("weights", "filters", "feature-maps", "activations", "gradients", "pca")


def training(outputs: RunOutputs, findings: Sequence[str], full: bool) -> Html:
    """The epochs, and the doctor's findings; if `full`, the learning-rate finder."""
    doctor = (
        bullets(findings)
        if findings
        else tag("p", "The doctor found no fault in data or training.")
    )
    return section(
        "Training",
        drawn(outputs, "curves"),
        _epochs(outputs),
        drawn(outputs, *(("learning-rate",) if full else ())),
        tag("h3", "The doctor’s findings"),
        doctor,
    )


def _epochs(outputs: RunOutputs) -> Html:
    """Every number of every epoch: what the curves show, for who can't see them."""
    if not outputs.run.has_history:
        return Html()
    history = outputs.run.history()
    names = list(dict.fromkeys(name for row in history for name in row))
    rows = [names, *([_number(row.get(name), name) for name in names] for row in history)]
    table = data_table("Each epoch; times in seconds.", rows, ">" * len(names))
    return tag("details", tag("summary", "The numbers of each epoch"), table)


def _number(value: Any, name: str) -> str:
    if value is None:
        return ""
    if name == "epoch":
        return str(value + 1)
    return f"{value:.2f}" if name == "seconds" else f"{value:.4g}"


def within(outputs: RunOutputs, full: bool) -> Html:
    """What can be seen inside: the layers, what they look for, and how they are spread."""
    names = (*_WITHIN, "t-sne") if full else _WITHIN
    lines: list[str] = []
    outputs.model.summary(lines.append)
    return section(
        "The network",
        drawn(outputs, "network"),
        tag("details", tag("summary", "As a table"), tag("pre", "\n".join(lines))),
        pair(*(drawn(outputs, name) for name in names)),
    )


def reproducing(outputs: RunOutputs, config: Mapping[str, Any]) -> Html:
    """All that repeats the run."""
    parts = [("settings", "Settings"), ("data", "Data"), ("manifest", "Machine and versions")]
    return section("Settings and manifest", *_manifest(config, parts), *_how(outputs, config))


def _manifest(config: Mapping[str, Any], parts: Sequence[tuple[str, str]]) -> Iterator[Html]:
    for key, title in parts:
        if isinstance(found := config.get(key), dict):
            yield joined(tag("h3", title), facts(_known(found)))


def _how(outputs: RunOutputs, config: Mapping[str, Any]) -> Iterator[Html]:
    if "manifest" in config and "imported" not in config:
        folder = shlex.quote(str(outputs.run.folder))
        yield tag(
            "p",
            f"glassnet repeat {folder} trains it anew and says whether the results are "
            "identical, or which of these fields differs.",
        )


def _known(found: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is known of it, as texts."""
    return [(name, _value(value)) for name, value in found.items() if value is not None]


def _value(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
