"""Operators on one tensor that are layers here: x[:, 0] and x ** 2."""

from collections.abc import Sequence
from typing import Any

from glassnet.core.errors import GlassnetError
from glassnet.core.registry import describe
from glassnet.interop.keras.reading.entry import is_tensor, refuse
from glassnet.layers import GetItem


def read_operator(kind: str, nodes: Sequence[Any], where: str) -> dict[str, Any] | None:
    """Return the description of our layer for an operator, or None if it is another operation."""
    arguments = nodes[0].get("args") if len(nodes) == 1 and isinstance(nodes[0], dict) else None
    if kind not in ("GetItem", "Power") or not isinstance(arguments, list) or len(arguments) != 2:
        return None
    x, other = arguments
    if not is_tensor(x) or is_tensor(other):
        return None
    if kind == "Power":
        return {"class": "Power", "exponent": other}
    try:
        key = tuple(map(_entry, other)) if isinstance(other, list) else _entry(other)
        return dict(describe(GetItem.of(key, len(x["config"]["shape"]) - 1)))
    except (TypeError, KeyError) as error:
        refuse(where, f"has an index that can't be read: {other!r:.80} ({error!r:.80}).")
    except GlassnetError as error:
        raise error.inside(where) from error


def _entry(data: Any) -> Any:
    """Return an entry of an index: an integer, a slice, an ellipsis or None."""
    if not isinstance(data, dict):
        return data
    if data["class_name"] == "__ellipsis__":
        return ...
    if data["class_name"] != "__slice__":
        raise TypeError("not a slice")
    return slice(*(data["config"][name] for name in ("start", "stop", "step")))
