"""A trace as text that the page unpacks: the program, what it starts from, and the layers.

Only inputs and constants are stored; the page computes everything else from them. The text is
base64 of gzip of: the length of a JSON text (4 bytes, little-endian), the text, the arrays. An
array has 4 bytes for each number if float32 holds its numbers exactly, else 8; the first bytes of
all numbers come first, then the second ones, and so on, which gzip shortens more.
"""

import base64
import gzip
import json
from typing import Any

import numpy as np

from glassnet.tracing.result import Trace, TracedLayer
from glassnet.tracing.values import NotComputed


def packed(trace: Trace) -> str:
    """Return everything that the page needs of a trace."""
    program, arrays, stored = trace.program, [], []
    for operation in program.operations:
        is_input = operation.kind == "input"
        is_array = operation.kind == "constant" and operation.value.ndim > 0
        if is_input or (is_array and "fill" not in operation.settings):
            bytes_, width = _bytes(operation.value)
            arrays.append({"index": operation.index, "width": width, "length": len(bytes_)})
            stored.append(bytes_)
    header = {
        "program": program.to_json(),
        "arrays": arrays,
        "layers": [_layer(layer) for layer in trace.layers],
        "classes": list(trace.class_names),
        "norms": [[index, _norm(program.operations[index].value)]
                  for index in sorted({*program.marks.values()})],
    }  # fmt: skip
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    data = b"".join([len(text).to_bytes(4, "little"), text, *stored])
    return base64.b64encode(gzip.compress(data, 9, mtime=0)).decode()


def _bytes(value: Any) -> tuple[bytes, int]:
    """Return an array's bytes, in planes, and how many a number has."""
    exact = np.asarray(value, "<f8")
    with np.errstate(over="ignore"):
        single = exact.astype("<f4")
    numbers = single if np.array_equal(single, exact, equal_nan=True) else exact
    width = numbers.dtype.itemsize
    planes = np.frombuffer(numbers.tobytes(), np.uint8).reshape(-1, width).T
    return planes.tobytes(), width


def _norm(value: Any) -> float | str:
    """Return the Euclidean norm, by which the page checks its own numbers."""
    norm = float(np.linalg.norm(np.asarray(value, float).ravel()))
    return norm if np.isfinite(norm) else str(norm)


def _layer(layer: TracedLayer) -> dict[str, Any]:
    arrays = []
    for label, values in layer.arrays():
        if isinstance(values, NotComputed):
            arrays.append({"label": label, "missing": values.reason})
        else:
            arrays.append({"label": label, "index": values.index, "name": values.name})
    return {"path": layer.path, "kind": layer.kind, "arrays": arrays}
