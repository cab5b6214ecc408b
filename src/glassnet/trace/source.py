"""Where an operation is in the source: the statement, and the name that it assigns."""

import ast
import linecache
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import FrameType

_PACKAGE = Path(__file__).parent.parent


@dataclass(frozen=True)
class Source:
    """A statement: file (below glassnet/; of other code, its name), first line, function, code on
    one line, and the name that it assigns ("" if none).
    """

    file: str
    line: int
    function: str
    code: str
    target: str


def caller() -> Source | None:
    """Return the source of the nearest caller outside this room."""
    frame: FrameType | None = sys._getframe(1)
    here = str(Path(__file__).parent)
    while frame is not None and frame.f_code.co_filename.startswith(here):
        frame = frame.f_back
    if frame is None:
        return None
    code = frame.f_code
    return _source(code.co_filename, frame.f_lineno, code.co_qualname.replace(".<locals>", ""))


@lru_cache(maxsize=None)
def _source(file: str, line: int, function: str) -> Source:
    path = Path(file)
    name = str(path.relative_to(_PACKAGE)) if path.is_relative_to(_PACKAGE) else path.name
    first, code, target = _statements(file).get(line, (line, "", ""))
    code = code or linecache.getline(file, line).strip()
    return Source(name, first, function, code, target)


@lru_cache(maxsize=None)
def _statements(file: str) -> dict[int, tuple[int, str, str]]:
    """Return the first line, code and target of the simple statement on each line of a file."""
    lines = linecache.getlines(file)
    try:
        tree = ast.parse("".join(lines))
    except SyntaxError:
        return {}
    statements = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and not hasattr(node, "body"):
            first, last = node.lineno, node.end_lineno or node.lineno
            code = " ".join(_code(text) for text in lines[first - 1 : last])
            for number in range(first, last + 1):
                statements[number] = (first, code, _target(node))
    return statements


def _code(line: str) -> str:
    """Return a line without its indent and comment."""
    return line.partition("  # ")[0].strip()


def _target(node: ast.stmt) -> str:
    if isinstance(node, ast.Assign):
        return ast.unparse(node.targets[0])
    if isinstance(node, ast.AnnAssign | ast.AugAssign):
        return ast.unparse(node.target)
    return ""
