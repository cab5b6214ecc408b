"""Which entry of which operand an entry of a movement operation copies."""

import math
from typing import Any

import numpy as np

from glassnet.tracing.program import Operation, Program

Position = tuple[int, ...]


def aligned(position: Position, shape: tuple[int, ...]) -> Position:
    """Return the position in an operand of this shape that is broadcast to the position."""
    last = position[len(position) - len(shape) :]
    return tuple(0 if n == 1 else i for i, n in zip(last, shape, strict=True))


def copied_from(
    program: Program, operation: Operation, position: Position
) -> tuple[int, Position] | None:
    """Return (operand, position) of the entry that is copied; None if it is no copy, or padding."""
    rule = _RULES.get(operation.kind)
    if rule is None:
        return None
    operands = [program.operations[i].value for i in operation.operands]
    place = rule(operation.settings, operation.value.shape, operands, position)
    return place and (operation.operands[place[0]], tuple(map(int, place[1])))


def _reshape(settings: Any, shape: Any, operands: Any, position: Position) -> Any:
    flat = int(np.ravel_multi_index(position, shape)) if shape else 0
    return 0, np.unravel_index(flat, operands[0].shape) if operands[0].ndim else ()


def _permute(settings: Any, shape: Any, operands: Any, position: Position) -> Any:
    return 0, tuple(position[settings["axes"].index(a)] for a in range(len(position)))


def _getitem(settings: Any, shape: Any, operands: Any, position: Position) -> Any:
    rest, place = iter(position), []
    for part in settings["key"]:
        if part is None:
            next(rest)
        elif isinstance(part, list):
            place.append(part[0] + next(rest) * part[2])
        else:
            place.append(part)
    return 0, tuple(place)


def _take(settings: Any, shape: Any, operands: Any, position: Position) -> Any:
    axis, (x, places) = settings["axis"], operands
    end = axis + places.ndim
    index = int(places[position[axis:end]]) % x.shape[axis]
    return 0, (*position[:axis], index, *position[end:])


def _take_along(settings: Any, shape: Any, operands: Any, position: Position) -> Any:
    axis, (x, places) = settings["axis"], operands
    index = int(places[aligned(position, places.shape)]) % x.shape[axis]
    place = (*position[:axis], index, *position[axis + 1 :])
    return 0, aligned(place, x.shape)


def _concat(settings: Any, shape: Any, operands: Any, position: Position) -> Any:
    axis, offset = settings["axis"], 0
    for number, part in enumerate(operands):
        if position[axis] < offset + part.shape[axis]:
            return number, (*position[:axis], position[axis] - offset, *position[axis + 1 :])
        offset += part.shape[axis]
    return None


def _stack(settings: Any, shape: Any, operands: Any, position: Position) -> Any:
    axis = settings["axis"]
    return position[axis], (*position[:axis], *position[axis + 1 :])


def _pad(settings: Any, shape: Any, operands: Any, position: Position) -> Any:
    place = tuple(i - before for i, (before, _) in zip(position, settings["widths"], strict=True))
    inside = all(0 <= i < n for i, n in zip(place, operands[0].shape, strict=True))
    return (0, place) if inside else None


def _repeat(settings: Any, shape: Any, operands: Any, position: Position) -> Any:
    axis = settings["axis"]
    return 0, (*position[:axis], position[axis] // settings["times"], *position[axis + 1 :])


_RULES: dict[str, Any] = {
    "reshape": _reshape,
    "permute": _permute,
    "broadcast": lambda settings, shape, operands, p: (0, aligned(p, operands[0].shape)),
    "getitem": _getitem,
    "take": _take,
    "take_along": _take_along,
    "concat": _concat,
    "stack": _stack,
    "pad": _pad,
    "repeat": _repeat,
    "astype": lambda settings, shape, operands, p: (0, p),
}


def reduced(
    program: Program, operation: Operation, position: Position
) -> list[tuple[int, Position]]:
    """Return the entries that a reduction's entry is computed of, in their order."""
    (index,) = operation.operands
    shape, axis = program.operations[index].value.shape, operation.settings["axis"]
    if operation.kind == "cumulative_sum":
        return [(index, (*position[:axis], i, *position[axis + 1 :]))
                for i in range(position[axis] + 1)]  # fmt: skip
    axes = axis if isinstance(axis, list) else [axis]
    keep = operation.settings.get("keepdims", False)
    rest = iter(p for i, p in enumerate(position) if not (keep and i in axes))
    fixed = [None if i in axes else next(rest) for i in range(len(shape))]
    lengths = [shape[i] for i in axes]
    entries = []
    for flat in range(math.prod(lengths)):
        inner = iter(np.unravel_index(flat, lengths))
        entries.append((index, tuple(int(next(inner)) if p is None else p for p in fixed)))
    return entries
