"""JSON: of our values to be written, and from strangers, where what Python lets pass is refused."""

import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from glassnet.core.errors import GlassnetError

_DEEPEST = 256  # levels; a network of 32 layers inside each other has fewer
_LONGEST_INTEGER = 20  # characters: 64 bits with a sign


def strict_json(text: str | bytes, where: str) -> dict[str, Any]:
    """A JSON object without doubled keys, NaN, 1e999, integers beyond 64 bits, halves of
    characters, or nesting that would exhaust the stack of whoever walks through it.
    """

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(found)
        if len(made) != len(found):
            refuse(where, "its JSON has a key twice.")
        return made

    def number(literal: str) -> float:
        value = float(literal)
        if not math.isfinite(value):
            refuse(where, f"its JSON has the number {literal:.80}.")
        return value

    def integer(literal: str) -> int:
        if len(literal) > _LONGEST_INTEGER:
            refuse(where, f"its JSON has the number {literal:.80}.")
        return int(literal)

    try:
        value = json.loads(
            text,
            object_pairs_hook=pairs,
            parse_constant=number,
            parse_float=number,
            parse_int=integer,
        )
    except GlassnetError:
        raise
    except (ValueError, RecursionError) as error:
        refuse(where, f"holds no valid JSON ({error}).")
    if not isinstance(value, dict):
        refuse(where, "its JSON is not an object.")
    _check(value, where)
    return value


def as_json(value: Any) -> Any:
    """The same as JSON values: of a dataclass its fields, or what its `to_dict` returns.

    Arrays and tuples become lists, paths strings, NaN and the infinities None.
    """
    if hasattr(value, "to_dict"):
        value = value.to_dict()
    elif is_dataclass(value):
        value = {field.name: getattr(value, field.name) for field in fields(value)}
    elif isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    if isinstance(value, Path):
        return str(value)
    return None if isinstance(value, float) and not math.isfinite(value) else value


def json_text(value: Any, indent: int | None = None) -> str:
    """The value as JSON text, on one line unless indented."""
    return json.dumps(as_json(value), indent=indent, ensure_ascii=False, allow_nan=False)


def require_header(
    header: Mapping[str, Any], known: int, kinds: Mapping[str, type], where: str
) -> None:
    """Raise unless its "format" is the known one, and it has just these fields of these kinds."""
    if type(form := header.get("format")) is int and form != known:
        refuse(where, f"has format {form}; this glassnet reads format {known}.")
    for key, kind in kinds.items():
        if type(header.get(key)) is not kind:
            refuse(where, f"its header lacks a valid {key!r}.")
    if odd := sorted(set(header) - set(kinds)):
        refuse(where, f"its header has unknown fields: {odd!r:.80}.")


def refuse(where: str, what: str) -> NoReturn:
    """Raise the error of a file that is not what it should be."""
    raise GlassnetError(
        what, where=where, fix="Nothing was loaded; use a file that glassnet wrote, unaltered."
    )


def _check(value: Any, where: str) -> None:
    """Raise if the value is nested too deep, or a text in it can't be written as UTF-8."""
    level, depth = [value], 0
    while level:
        if (depth := depth + 1) > _DEEPEST:
            refuse(where, f"its JSON is nested more than {_DEEPEST} deep.")
        inner: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                inner += [*item, *item.values()]
            elif isinstance(item, list):
                inner += item
            elif isinstance(item, str) and not item.isascii():
                try:
                    item.encode()
                except UnicodeEncodeError:
                    refuse(where, f"its JSON has the text {item!r:.80}, which is no Unicode.")
        level = inner
