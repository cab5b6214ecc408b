"""The argument `mapping` of `load_weights`."""

from collections.abc import Mapping
from typing import Any

from glassnet.core.errors import GlassnetError

ORDER = "order"


def checked_mapping(mapping: Any) -> Mapping[str, str | None]:
    """Return the mapping; raises unless it is {name: name or None}."""
    if isinstance(mapping, Mapping) and all(
        isinstance(k, str) and isinstance(v, str | None) for k, v in mapping.items()
    ):
        return mapping
    raise GlassnetError(
        f"is {mapping!r:.80}.",
        where="mapping",
        fix="Give {path of a layer: name of a module in the file}, or 'order'.",
    )
