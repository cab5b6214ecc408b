"""`Configured`: Keras's `get_config` and `from_config`, for all registered parts."""

from collections.abc import Mapping
from typing import Any, Self

from glassnet.core.errors import GlassnetError
from glassnet.core.registry import build, describe, kind_of, require_registered


class Configured:
    """Base of the parts whose fields are their configuration."""

    def get_config(self) -> dict[str, Any]:
        """Return the fields as JSON values; raises unless the class is registered."""
        require_registered(self)
        config: dict[str, Any] = describe(self)
        del config["class"]
        return config

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Return the part with these fields, checked; those that are missing have their defaults.

        Values are those of `get_config`, or what the constructor takes.
        """
        where = f"{cls.__name__}.from_config"
        if not isinstance(config, Mapping):
            raise GlassnetError(f"got {config!r:.80}.", where=where, fix="Pass part.get_config().")
        fields = {name: describe(value) for name, value in config.items()}
        part: Self = build(kind_of(cls) or "part", {"class": cls.__name__, **fields}, where=where)
        return part
