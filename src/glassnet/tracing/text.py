"""A trace as text: one line for each layer; of one layer, its arrays as tables."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from glassnet.core.tables import shortened, table
from glassnet.tracing.digits import lines_of, shown
from glassnet.tracing.result import Part, Trace, TracedLayer
from glassnet.tracing.values import NotComputed, Values

_DIGITS = 3  # of numbers in overviews
_ROWS, _COLUMNS, _CELL = 6, 8, 9  # of a table of numbers, and the width of a column


def overview(trace: Trace, width: int = 100) -> list[str]:
    """Return one line for each layer: its output, the gradients that reach it and its weights."""
    rows = [("layer", "class", "output", "from", "to", "|dy|", "|dweights|")]
    for layer in trace.layers:
        rows.append((
            layer.path, layer.kind, _shape(layer.output), *_range(layer.output),
            _size([layer.d_output]), _size([*layer.d_weights.values()]),
        ))  # fmt: skip
    return table(rows, "<<<>>>>")


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
        lines.append(f"{name} {_dimensions(values.shape)}    ({values.name})")
        lines += [f"  {line}" for line in numbers_lines(values.value, width)]
    output = layer.output[0] if isinstance(layer.output, tuple) else layer.output
    if isinstance(output, Values) and output.value.size:
        position = output.largest()
        if number is not None and len(output.shape) == 1 and number < output.shape[0]:
            position = (number,)
        lines += ["", *lines_of(output[position])]
        lines.append(str(output.derivative(position)))
    return lines


def numbers_lines(value: Any, width: int = 100) -> list[str]:
    """Return an array as a table of numbers cut to the width; of more than two axes, the first of
    the others.
    """
    value = np.asarray(value)
    if value.ndim == 0:
        return [shown(float(value))]
    flat, first = value, ""
    while flat.ndim > 2:
        # Of a picture (height, width, channels), the first channel; of steps, the first examples.
        first = "of the last axis, the first: "
        flat = flat[..., 0]
    if flat.ndim == 1:
        flat = flat[None]
    columns = max(1, min(flat.shape[1], (width - 4) // (_CELL + 2)))
    rows = [[shown(float(n), 4) for n in row[:columns]] for row in flat[:_ROWS]]
    cut = flat.shape[1] > columns
    lines = table([[*row, "..."] if cut else row for row in rows], ">" * (columns + cut), rule=False)
    if flat.shape[0] > _ROWS:
        lines.append(f"... {flat.shape[0] - _ROWS} more rows")
    if cut:
        lines.append(f"... {flat.shape[1] - columns} more columns")
    return [first, *lines] if first else lines


def _dimensions(shape: Sequence[int]) -> str:
    return "×".join(map(str, shape)) or "one number"


def _shape(part: Part) -> str:
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
