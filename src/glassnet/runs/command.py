"""The `glassnet train` command that has these settings, to be pasted into a shell.

This module imports nothing heavy, because the command line reads it.
"""

import shlex
from collections.abc import Mapping
from dataclasses import Field, fields
from typing import Any

from glassnet.runs.settings import Columns, Settings, option_name

SETTINGS: Mapping[str, Field[Any]] = {field.name: field for field in fields(Settings)}
TABLE = tuple(field.name for field in fields(Columns))


def default_of(name: str) -> Any:
    """Return the default of a setting; None if it depends on the network or the data."""
    return None if "show_default" in SETTINGS[name].metadata else SETTINGS[name].default


def train_command(data: str, options: Mapping[str, Any]) -> str:
    """Return the command that trains on the data with these options."""
    return " ".join(filter(None, ["glassnet train", shlex.quote(data), option_string(options)]))


def option_string(options: Mapping[str, Any]) -> str:
    """Return the options for these values as typed in a shell, without those at their default."""
    words = []
    for name, value in options.items():
        if value is None or value is False or (name in SETTINGS and value == default_of(name)):
            continue
        if name in TABLE and isinstance(value, list | tuple):
            words += [word for item in value for word in (option_name(name), item)]
            continue
        words.append(option_name(name))
        if value is not True:
            words.append(as_typed(value))
    return shlex.join(words)


def as_typed(value: Any) -> str:
    """Return the value of a setting as it is typed: 240,120,60 for sizes."""
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
