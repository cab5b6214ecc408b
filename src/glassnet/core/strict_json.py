"""JSON: `as_json` converts our values to it, `strict_json` parses untrusted text strictly."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from glassnet.core.errors import GlassnetError

_NUMBERS = re.compile(r'\[\n[^][{}"]*\]')  # in JSON, a line break is never within a string
_DEEPEST = 256  # levels; a network of 32 layers inside each other has fewer
_LONGEST_INTEGER = 20  # characters: 64 bits with a sign


def strict_json(text: str | bytes, where: str) -> dict[str, Any]:
    """Return the JSON object in `text`; raises for what Python's parser would let pass.

    That is duplicate keys, NaN, 1e999, integers beyond 64 bits, unpaired surrogates, and nesting
    deep enough to exhaust the stack of the code that reads it.
    """

    def unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        if len(result) != len(pairs):
            refuse(where, "its JSON has a key twice.")
        return result

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
            object_pairs_hook=unique_keys,
            parse_constant=number,
            parse_float=number,
            parse_int=integer,
        )
    except GlassnetError:
        raise
    except (ValueError, RecursionError) as error:
        refuse(where, f"is not valid JSON ({error}).")
    if not isinstance(value, dict):
        refuse(where, "its JSON is not an object.")
    _check(value, where)
    return value


def as_json(value: Any) -> Any:
    """Return the value as JSON values: a dataclass as its `to_dict()` or its fields.

    Arrays and tuples become lists, paths become strings, NaN and infinities become None.
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
    """Return the value as JSON text, on one line unless indented; lists of numbers stay on one."""
    text = json.dumps(as_json(value), indent=indent, ensure_ascii=False, allow_nan=False)
    return text if indent is None else _NUMBERS.sub(lambda m: _joined(m[0]), text)


def _joined(numbers: str) -> str:
    return f"[{' '.join(numbers[1:-1].split())}]"


def require_unicode(value: Any, where: str) -> None:
    """Raise if a text in the value can't be written to a file, such as a path that is not UTF-8."""
    try:
        json_text(value).encode()
    except UnicodeEncodeError as error:
        start, end = error.object.rfind('"', 0, error.start), error.object.find('"', error.start)
        raise GlassnetError(
            f"has the path {error.object[start + 1 : end]!r}, which is not valid Unicode.",
            where=where,
            fix="Rename the file or folder.",
        ) from error


def require_header(
    header: Mapping[str, Any], known: int, kinds: Mapping[str, type], where: str
) -> None:
    """Raise unless the header's "format" is `known` and its fields are exactly `kinds`."""
    if type(form := header.get("format")) is int and form != known:
        refuse(where, f"has format {form}; this glassnet reads format {known}.")
    for key, kind in kinds.items():
        if type(header.get(key)) is not kind:
            refuse(where, f"its header lacks a valid {key!r}.")
    if extra := sorted(set(header) - set(kinds)):
        refuse(where, f"its header has unknown fields: {extra!r:.80}.")


def refuse(where: str, what: str) -> NoReturn:
    """Raise the error for a file that is damaged or not what it claims to be."""
    raise GlassnetError(
        what, where=where, fix="Nothing was loaded; use an unaltered file that glassnet wrote."
    )


def _check(value: Any, where: str) -> None:
    """Raise if the value is nested too deep, or if a string in it can't be encoded as UTF-8."""
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
                    refuse(
                        where, f"its JSON has the text {item!r:.80}, which is not valid Unicode."
                    )
        level = inner
