"""TOML: parsed, and the lines on which its keys are."""

import tomllib
from collections.abc import Iterator
from typing import Any

from glassnet.core.errors import GlassnetError


def parsed_toml(content: bytes, where: str, fix: str) -> dict[str, Any]:
    """Return the table in a TOML document; the error for invalid TOML names the line."""
    try:
        return tomllib.loads(content.decode())
    except UnicodeDecodeError as error:
        raise GlassnetError(f"is not valid TOML: {error}.", where=where, fix=fix) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        where = f"{where}, line {_first_wrong_line(content.decode())}"
        raise GlassnetError(f"is not valid TOML: {error}.", where=where, fix=fix) from error


def key_lines(text: str) -> dict[tuple[str, ...], int]:
    """Return the line, from 1, on which the statement with each key of a valid document begins.

    A key is named by its path, ("dropout", "low").
    """
    lines: dict[tuple[str, ...], int] = {}
    header: tuple[str, ...] = ()
    for start, statement, table in _statements(text):
        paths = _paths(table)
        if statement.lstrip().startswith("["):
            header = max(paths, key=len)
            paths = [header[:length] for length in range(1, len(header) + 1)]
        else:
            paths = [(*header, *path) for path in paths]
        for path in paths:
            lines.setdefault(path, start)
    return lines


def _statements(text: str) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Yield (first line, statement, its table) for each statement; a last one that is invalid has
    an empty table.

    A statement is the shortest run of lines that is valid TOML by itself, so strings and arrays may
    have any number of lines.
    """
    statement, start = "", 1
    for number, line in enumerate(text.split("\n"), 1):
        statement += f"{line}\n"
        try:
            yield start, statement, tomllib.loads(statement)
        except (tomllib.TOMLDecodeError, RecursionError):
            continue
        statement, start = "", number + 1
    if statement:
        yield start, statement, {}


def _first_wrong_line(text: str) -> int:
    """Return the line on which the first statement begins that is invalid after those before it."""
    before = ""
    for start, statement, _ in _statements(text):
        before += statement
        try:
            tomllib.loads(before)
        except (tomllib.TOMLDecodeError, RecursionError):
            return start
    return 1


def _paths(table: dict[str, Any]) -> list[tuple[str, ...]]:
    paths: list[tuple[str, ...]] = []
    for key, value in table.items():
        paths.append((key,))
        if isinstance(value, dict):
            paths += [(key, *path) for path in _paths(value)]
    return paths
