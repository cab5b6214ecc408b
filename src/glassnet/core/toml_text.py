"""TOML: parsed, and the lines on which its keys are."""

import tomllib
from typing import Any

from glassnet.core.errors import GlassnetError


def parsed_toml(content: bytes, where: str, fix: str) -> dict[str, Any]:
    """Return the table in a TOML document; the error for invalid TOML names the line."""
    try:
        return tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise GlassnetError(f"is not valid TOML: {error}.", where=where, fix=fix) from error


def key_lines(text: str) -> dict[tuple[str, ...], int]:
    """Return the line, from 1, on which the statement with each key of a valid document begins.

    A key is named by its path, ("dropout", "low"). A statement is the shortest run of lines that is
    valid TOML by itself; so strings and arrays may have any number of lines.
    """
    lines: dict[tuple[str, ...], int] = {}
    header: tuple[str, ...] = ()
    statement, start = "", 1
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        statement += f"{line}\n"
        try:
            table = tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue
        paths = _paths(table)
        if statement.lstrip().startswith("["):
            header = max(paths, key=len)
            paths = [header[:length] for length in range(1, len(header) + 1)]
        else:
            paths = [(*header, *path) for path in paths]
        for path in paths:
            lines.setdefault(path, start)
        statement, start = "", number + 1
    return lines


def _paths(table: dict[str, Any]) -> list[tuple[str, ...]]:
    paths: list[tuple[str, ...]] = []
    for key, value in table.items():
        paths.append((key,))
        if isinstance(value, dict):
            paths += [(key, *path) for path in _paths(value)]
    return paths
