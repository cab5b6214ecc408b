"""Safetensors files of other programs: their dtypes, and headers that lie."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.core.safetensors_file import open_foreign_tensors


def file(tmp_path: Path, header: Any, data: bytes) -> Path:
    text = json.dumps(header).encode()
    path = tmp_path / "theirs.safetensors"
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)
    return path


def entry(dtype: str, start: int, end: int, *shape: int) -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


def test_numbers_of_16_bits_are_read_as_float32(tmp_path: Path) -> None:
    values = np.array([1.5, -2.0, 0.0078125], "float32")
    halves = values.astype("<f2").tobytes()
    brains = (values.view(np.uint32) >> 16).astype("<u2").tobytes()  # these fit in 7 bits exactly
    header = {
        "__metadata__": {"format": "pt", "from": "elsewhere"},
        "half": entry("F16", 0, 6, 3),
        "brain": entry("BF16", 6, 12, 3),
        "steps": entry("I64", 12, 20),
    }
    path = file(tmp_path, header, halves + brains + bytes(8))
    with open_foreign_tensors(path, "") as theirs:
        assert theirs.tensors.shapes == {"half": (3,), "brain": (3,), "steps": ()}
        for name in ("half", "brain"):
            array = theirs.read(name)
            assert array.dtype == np.float32
            np.testing.assert_array_equal(array, values)
        with pytest.raises(GlassnetError, match="'steps': is of I64, not of floating-point"):
            theirs.read("steps")


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ({"a": entry("F8_E4M3", 0, 4, 4)}, "has the dtype 'F8_E4M3', not one of F64"),
        ({"a": entry("F32", 0, 4, 2)}, "don't match its shape"),
        ({"a": entry("F32", 4, 8, 1)}, "begins at byte 4"),
        ({"a": entry("F32", 0, 4, 1)}, "has 8 bytes of weights where its header says 4"),
    ],
)
def test_headers_that_lie(tmp_path: Path, header: Any, message: str) -> None:
    path = file(tmp_path, header, bytes(8))
    with pytest.raises(GlassnetError, match=message), open_foreign_tensors(path, ""):
        pass
