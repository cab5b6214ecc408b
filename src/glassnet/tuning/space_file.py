"""Files of spaces, in TOML: those that users write, and those that ship with the package."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.files import read_file
from glassnet.core.toml_text import key_lines, parsed_toml
from glassnet.runs.defaults import DEFAULTS, NETWORKS
from glassnet.tuning.notation import setting_name
from glassnet.tuning.searchable import require_settings
from glassnet.tuning.space import Space

MOST = 2**14  # bytes
HINT = "Declare parameters, such as: learning_rate = {low = 1e-4, high = 1e-2, log = true}."


@dataclass(frozen=True)
class Places:
    """The places of the keys in a file: "space.toml, line 3: dropout.low"."""

    path: str
    lines: Mapping[tuple[str, ...], int]

    @classmethod
    def of(cls, path: str, text: str) -> "Places":
        """Return the places in a file with this text, by the names of settings."""
        lines: dict[tuple[str, ...], int] = {}
        for (name, *keys), line in key_lines(text).items():
            lines[setting_name(name), *keys] = max(line, lines.get((setting_name(name), *keys), 0))
        return cls(path, lines)

    def __call__(self, *keys: str) -> str:
        for length in range(len(keys), 0, -1):
            if keys[:length] in self.lines:
                return f"{self.path}, line {self.lines[keys[:length]]}: {'.'.join(keys)}"
        return f"{self.path}: {'.'.join(keys)}" if keys else self.path


def read_space(path: str, fixed: Mapping[str, Any], network: str | None = None) -> Space:
    """Return the space of settings in a file; raises for each mistake, with its line.

    `fixed` and `network` are those of `require_settings`.
    """
    if not path.lower().endswith(".toml"):
        raise GlassnetError("is not a .toml file.", where=path, fix=HINT)
    content = read_file(Path(path), MOST, HINT)
    values = parsed_toml(content, path, HINT)
    places = Places.of(path, content.decode())
    space = Space.from_dict(values, places)
    require_settings(space, places, fixed, network)
    return space


def shipped(network: str, fixed: Mapping[str, Any]) -> Space:
    """Return the space that ships for a network, without what the options in `fixed` decide.

    With `from_` among them, the network is "source". Raises if nothing is left to be searched.
    """
    if network not in DEFAULTS:
        raise unknown("network", network, NETWORKS, where="--network")
    path = f"spaces/{network}.toml"
    content = files("glassnet.tuning").joinpath(path).read_bytes()
    options = {"network": network} | {k: v for k, v in fixed.items() if v is not None}
    space = Space.from_dict(parsed_toml(content, path, HINT), path).fixing(options)
    if not space.parameters:
        raise GlassnetError(
            f"the options fix all that {path} would search.", where="space", fix="Leave out some."
        )
    require_settings(space, path, options)
    return space
