"""`glassnet train --config`: settings from an earlier run, or from a JSON or TOML file."""

import logging
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.files import read_file
from glassnet.core.strict_json import strict_json
from glassnet.core.toml_text import parsed_toml
from glassnet.runs.defaults import SOURCE, TrainingDefaults
from glassnet.runs.run import CONFIG_FILE, Run, is_run, parse_settings
from glassnet.runs.settings import Settings, Sizes, option_name

log = logging.getLogger(__name__)

_MOST = 2**20  # bytes
_HINT = "Give a run's folder, or a .json or .toml file of options: epochs = 20."


def configured(path: str, typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings in a file or a run by name, overridden by those that were typed.

    With another network, what the file's network alone has is left out: its sizes, optimizer, rate,
    batch size and epochs.
    """
    settings = _settings_in(path)
    settings.pop("fold", None)  # a run of one fold: its settings are those of all
    network, other = settings.get("network"), typed.get("network")
    if typed.get("from_") and network != SOURCE:  # the model to start from decides on these
        for name in ("scaling", "tokenizer", "max_length", "vocabulary"):
            settings.pop(name, None)
        other = SOURCE
    if network is not None and other is not None and other != network:
        own = {field.name for kind in (Sizes, TrainingDefaults) for field in fields(kind)}
        own |= {"network"}
        dropped = sorted(own & {*settings})
        settings = {name: value for name, value in settings.items() if name not in own}
        if dropped:
            log.info(f"{path}: {', '.join(dropped)} are {network}'s, and not used for {other}")
    return settings | dict(typed)


def _settings_in(path: str) -> dict[str, Any]:
    if is_run(path):
        where = str(Path(path) / CONFIG_FILE)
        entries: Any = Run(path).read(CONFIG_FILE).get("settings")
    else:
        where = path
        entries = _parsed(path)
        entries = entries.get("settings", entries)
    if not isinstance(entries, dict):
        raise GlassnetError("has no settings.", where=where, fix=_HINT)
    known = [field.name for field in fields(Settings)]
    by_option = {option_name(name): name for name in known}  # `from` is no name in Python
    entries = {
        by_option.get(f"--{name.replace('_', '-')}", name): value for name, value in entries.items()
    }
    for name in entries:
        if name not in known:
            raise unknown("setting", name, known, where=where)
    settings = parse_settings({"settings": entries}, where)  # checks the type of each value
    return {name: getattr(settings, name) for name in entries}


def _parsed(path: str) -> dict[str, Any]:
    if Path(path).is_dir():
        raise GlassnetError("is not the folder of a run.", where=path, fix=_HINT)
    if not path.lower().endswith((".json", ".toml")):
        raise GlassnetError("is neither a run nor a .json or .toml file.", where=path, fix=_HINT)
    content = read_file(Path(path), _MOST, _HINT)
    if path.lower().endswith(".json"):
        return strict_json(content, path)
    return parsed_toml(content, path, _HINT)
