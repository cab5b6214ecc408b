"""A program as text that the page unpacks.

Only inputs and constants are stored; the page computes everything else from them. The text is
base64 of gzip of: the length of a JSON text (4 bytes, little-endian), the text, the arrays. An
array has 4 bytes for each number if float32 holds its numbers exactly, else 8; the first bytes of
all numbers come first, then the second ones, and so on, which gzip shortens more.
"""

import base64
import gzip
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from glassnet.tracing.program import Program


def packed(program: Program, about: Mapping[str, Any]) -> str:
    """Return the program as text, with the JSON values `about` it.

    With it are the Euclidean norms of what has a mark, by which the page checks its own numbers.
    """
    arrays, stored = [], []
    for operation in program.operations:
        is_array = operation.kind == "constant" and operation.value.ndim > 0
        if operation.kind == "input" or (is_array and "fill" not in operation.settings):
            planes, width = _planes(operation.value)
            arrays.append({"index": operation.index, "width": width, "length": len(planes)})
            stored.append(planes)
    marked = sorted({*program.marks.values()})
    norms = [[index, _norm(program.operations[index].value)] for index in marked]
    header = {"program": program.to_json(), "arrays": arrays, "norms": norms, **about}
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    data = b"".join([len(text).to_bytes(4, "little"), text, *stored])
    return base64.b64encode(gzip.compress(data, 9, mtime=0)).decode()


def _planes(value: Any) -> tuple[bytes, int]:
    """Return an array's bytes, those of the same place in all numbers together, and the number of
    bytes of a number.
    """
    exact = np.asarray(value, "<f8")
    with np.errstate(over="ignore"):
        single = exact.astype("<f4")
    numbers = single if np.array_equal(single, exact, equal_nan=True) else exact
    width = numbers.dtype.itemsize
    return np.frombuffer(numbers.tobytes(), np.uint8).reshape(-1, width).T.tobytes(), width


def _norm(value: Any) -> float | str:
    with np.errstate(over="ignore"):
        norm = float(np.linalg.norm(np.asarray(value, float).ravel()))
    return norm if np.isfinite(norm) else str(norm)
