"""The part on what a training did to the weights of a network that had been trained before."""

from collections.abc import Mapping
from typing import Any

from glassnet.core.plurals import counted
from glassnet.pages.html import Html, bullets, data_table, join, tag
from glassnet.report.sentences import name_list, percent


def changes(values: Mapping[str, Any] | None) -> Html:
    """The proof that frozen weights are unchanged, and how far each layer moved."""
    if not values:
        return Html()
    layers, frozen = values["layers"], values["frozen_layers"]
    rows = [("layer", "change"), *((name or "network", _share(c)) for name, c in layers.items())]
    stuck = [
        f"{name} has not moved{f': {why}' if why else ''}."
        for name, why in values["unmoved"].items()
    ]
    return join(
        tag("h3", "Changes of the weights"),
        _frozen(values["frozen"], frozen, values["sha256"], values.get("merged", 0)),
        tag(
            "p",
            f"{counted(values['trained'], 'weight')} were trained."
            + ("" if stuck else " Every trained array has moved."),
        ),
        bullets(stuck) if stuck else "",
        tag(
            "details",
            tag("summary", "Change of each layer"),
            data_table("The norm of a layer’s change, relative to its weights before.", rows, "<>"),
        ),
    )


def _frozen(count: int, layers: list[str], sha256: str | None, merged: int) -> Html:
    if sha256 is None:
        return Html()
    until = (
        f" Then adapters were merged into {merged:,} of them: these differ in the "
        "model file, and the hash is that of before."
    )
    names = f" (in {name_list(layers)})" if any(layers) else ""
    return tag(
        "p",
        f"{counted(count, 'weight')} were frozen{names}. Their bytes before and after the training "
        f"are equal: sha256 {sha256}.{until * bool(merged)}",
    )


def _share(change: float | None) -> str:
    return "from 0" if change is None else percent(change)


def is_changes(values: Any) -> bool:
    """True if this has the form of `changes` in a run's metrics."""
    if values is None:
        return True
    kinds = {
        "trained": int, "frozen": int, "frozen_layers": list, "sha256": str | None,
        "layers": dict, "unmoved": dict, "merged": int,
    }  # fmt: skip
    if isinstance(values, dict):
        values = {"merged": 0} | values  # that of a run of before it was recorded
    return (
        isinstance(values, dict)
        and values.keys() == kinds.keys()
        and all(isinstance(values[name], kind) for name, kind in kinds.items())
        and all(isinstance(name, str) for name in values["frozen_layers"])
        and all(isinstance(change, float | int | None) for change in values["layers"].values())
        and all(isinstance(why, str | None) for why in values["unmoved"].values())
    )
