"""Where an operation is in the source: the statement, and the name that it assigns."""

import ast
import linecache
import sys
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from types import CodeType, FrameType

_PACKAGE = Path(__file__).parent.parent


@dataclass(frozen=True)
class Source:
    """A statement: file (below glassnet/; of other code, its name), first line, function, code on
    one line, the name that it assigns ("" if none), and the part of it that the operation is, such
    as `x @ kernel`; this is `target` for the whole that is assigned.
    """

    file: str
    line: int
    function: str
    code: str
    target: str
    part: str = ""


def caller() -> Source | None:
    """Return the source of the nearest caller outside this room."""
    frame: FrameType | None = sys._getframe(1)
    here = str(Path(__file__).parent)
    while frame is not None and frame.f_code.co_filename.startswith(here):
        frame = frame.f_back
    if frame is None:
        return None
    return _source(frame.f_code, frame.f_lasti, frame.f_lineno)


@lru_cache(maxsize=16_384)
def _source(frame_code: CodeType, instruction: int, line: int) -> Source:
    file, function = frame_code.co_filename, frame_code.co_qualname.replace(".<locals>", "")
    path = Path(file)
    name = str(path.relative_to(_PACKAGE)) if path.is_relative_to(_PACKAGE) else path.name
    first, code, target, whole = _statements(file).get(line, (line, "", "", ""))
    code = code or linecache.getline(file, line).strip()
    part = _part(file, next(islice(frame_code.co_positions(), instruction // 2, None)))
    return Source(name, first, function, code, target, target if part == whole else part)


def _part(file: str, place: tuple[int | None, ...]) -> str:
    """Return the code at (first line, last line, first column, column after the last)."""
    first, last, start, end = place
    if first is None or last is None or start is None or end is None:
        return ""
    lines = [line.encode() for line in linecache.getlines(file)[first - 1 : last]]
    if not lines:
        return ""
    lines[-1] = lines[-1][:end]  # columns count bytes
    lines[0] = lines[0][start:]
    return " ".join(_code(line.decode()) for line in lines)


@lru_cache(maxsize=256)
def _statements(file: str) -> dict[int, tuple[int, str, str, str]]:
    """Return the first line, code, target and assigned expression of the simple statement on each
    line of a file.
    """
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
                statements[number] = (first, code, *_assignment(node, file))
    return statements


def _code(line: str) -> str:
    """Return a line without its indent and comment."""
    return line.partition("  # ")[0].strip()


def _assignment(node: ast.stmt, file: str) -> tuple[str, str]:
    """Return the target of an assignment, and the code of what is assigned."""
    if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        value = node.value
        place = value.lineno, value.end_lineno, value.col_offset, value.end_col_offset
        return ast.unparse(target), _part(file, place)
    if isinstance(node, ast.AugAssign):
        return ast.unparse(node.target), ast.unparse(node)
    return "", ""
