"""A trace as text: one line for each layer; of one layer, its arrays as tables."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from glassnet.core.tables import shortened, table
from glassnet.tracing.digits import lines_of, shown
from glassnet.tracing.result import Part, Trace, TracedLayer
from glassnet.tracing.values import NotComputed, Values

_DIGITS = 3  # of numbers in overviews
_ROWS, _CELL = 4, 11  # rows of a table of numbers, and the width of a column
_EQUATION = 24  # characters of an equation that are worth a column


def overview(trace: Trace, width: int = 100) -> list[str]:
    """Return one line for each layer: its output, the size (Euclidean norm) of the gradients that
    reach its output and its weights, and its equation as far as the width goes.
    """
    rows = overview_rows(trace)
    lines = table(rows, "<<<>>>>")
    room, longest = width - max(map(len, lines)) - 2, max(map(len, lines))
    if room < _EQUATION:
        return lines
    equations = ["equation", "─" * room, *(shortened(one.equation, room) for one in trace.layers)]
    return [f"{line:{longest}}  {end}" for line, end in zip(lines, equations, strict=True)]


def overview_rows(trace: Trace) -> list[tuple[str, ...]]:
    """Return the head and the rows of the table of layers."""
    rows: list[tuple[str, ...]] = [("layer", "class", "output", "from", "to", "|dy|", "|dweights|")]
    for layer in trace.layers:
        rows.append((
            layer.path, layer.kind, dimensions_of(layer.output), *_range(layer.output),
            _size([layer.d_output]), _size([*layer.d_weights.values()]),
        ))  # fmt: skip
    return rows


def layer_lines(
    trace: Trace, layer: TracedLayer, number: int | None = None, width: int = 100
) -> list[str]:
    """Return a layer's equation, arrays and, of its most interesting output, the terms.

    That is output `number` (of the last axis, such as the predicted class), else the largest.
    """
    lines = [f"{layer.path}: {layer.kind}", f"  {shortened(layer.equation, 3 * width)}"]
    lines += [f"  note: {note}" for note in layer.notes]
    for name, values in layer.arrays():
        lines.append("")
        if isinstance(values, NotComputed):
            lines.append(f"{name}: {values}")
            continue
        lines += array_lines(name, values, width)
    output = layer.output[0] if isinstance(layer.output, tuple) else layer.output
    if isinstance(output, Values) and output.value.size:
        position = output.largest()
        if number is not None and len(output.shape) == 1 and number < output.shape[0]:
            position = (number,)
        lines += ["", *lines_of(output[position])]
        lines.append(str(output.derivative(position)))
    return lines


def array_lines(name: str, values: Values, width: int = 100) -> list[str]:
    """Return an array as a table of its first rows and columns; of three axes or more, a slice."""
    value = np.asarray(values.value)
    head = f"{name} {_dimensions(value.shape)}    {values.name}"
    if not value.size or value.ndim == 0 or (value == value.flat[0]).all():
        same = f": {shown(float(value.flat[0]))}" if value.size else ": empty"
        return [head + (same if value.size == 1 or not value.size else f": all{same[1:]}")]
    part = ""
    if value.ndim > 2:  # of a picture or a kernel (height, width, channels), the first channel
        part = f"[{', '.join([':', ':', *'0' * (value.ndim - 2)])}]"
        value = value.reshape(*value.shape[:2], -1)[..., 0]
    rows = value[None] if value.ndim == 1 else value
    columns = max(1, min(rows.shape[1], (width - 4) // _CELL))
    texts = [[shown(float(n), 4) for n in row[:columns]] for row in rows[:_ROWS]]
    cut = [f"first {columns} columns"] if rows.shape[1] > columns else []
    cut = [f"first {_ROWS} rows", *cut] if rows.shape[0] > _ROWS else cut
    lines = table(texts, ">" * columns, rule=False)
    return [", ".join([head + part, *cut]), *(f"    {line}" for line in lines)]


def _dimensions(shape: Sequence[int]) -> str:
    return "×".join(map(str, shape)) or "one number"


def dimensions_of(part: Part) -> str:
    """Return the shape of an array, 28×28×3, or the shapes of all of them."""
    return ", ".join(_dimensions(one.shape) for one in _arrays([part]))


def _range(part: Part) -> tuple[str, str]:
    values = [np.ravel(one.value) for one in _arrays([part])]
    numbers = np.concatenate(values) if values else np.zeros(0)
    if not numbers.size:
        return "", ""
    return shown(float(numbers.min()), _DIGITS), shown(float(numbers.max()), _DIGITS)


def _size(parts: Sequence[Any]) -> str:
    """Return the Euclidean norm of arrays; why there is none, if none was computed."""
    arrays = list(_arrays(parts))
    if not arrays:
        return "not computed" if parts else ""
    total = sum(float((np.asarray(one.value, float) ** 2).sum()) for one in arrays)
    return shown(total**0.5, _DIGITS)


def _arrays(parts: Sequence[Any]) -> Iterator[Values]:
    for part in parts:
        if isinstance(part, tuple):
            yield from _arrays(part)
        elif isinstance(part, Values):
            yield part
