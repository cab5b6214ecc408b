"""The header of a safetensors file, read and checked: which tensors it holds, and where.

The safetensors library accepts duplicate names and unknown fields, opens a path a second time, and
maps the file into memory, so that truncating it kills the process. Here nothing is allocated for a
tensor before the header is known to describe every byte of the file exactly once.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.files import open_file
from glassnet.core.strict_json import refuse, strict_json

DTYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2",  # half a float32
    "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "|i1",
    "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "|u1", "BOOL": "|u1",
}  # fmt: skip
_MOST_AXES = 32
ROOM = 64 * 1024  # most bytes of header, in addition to
_ROOM_PER_TENSOR = 1024  # these for each tensor
LARGEST_HEADER = 2 * 1024 * 1024  # parsed, it takes up to 24 times as much


@dataclass(frozen=True)
class Tensors:
    """The tensors in a file; the keys of the three mappings are their names."""

    shapes: Mapping[str, tuple[int, ...]]
    dtypes: Mapping[str, str]  # keys of `DTYPES`
    starts: Mapping[str, int]  # the first byte in the file


@dataclass(frozen=True)
class ForeignTensors:
    """An open file that another program wrote, its header checked, its tensors unread."""

    where: str
    tensors: Tensors
    _file: BinaryIO

    def read(self, name: str) -> Array:
        """Return a tensor of floating-point numbers, those of 16 bits as float32."""
        dtype = self.tensors.dtypes[name]
        if dtype not in ("F64", "F32", "F16", "BF16"):
            refuse(f"{self.where}: {name!r:.80}", f"is of {dtype}, not of floating-point numbers.")
        shape = self.tensors.shapes[name]
        values = read_tensor(
            self._file, self.tensors.starts[name], shape, DTYPES[dtype], self.where
        )
        if dtype == "BF16":
            return (values.astype(np.uint32) << 16).view(np.float32)
        return values.astype(np.float32) if dtype == "F16" else values


@contextmanager
def open_foreign_tensors(path: str | Path, fix: str) -> Iterator[ForeignTensors]:
    """Yield a safetensors file of another program; raises GlassnetError if it is damaged."""
    with open_file(path, fix) as (file, size):
        _, entries, start = read_header(file, size, str(path))
        tensors = checked_tensors(entries, start, size, str(path), tuple(DTYPES))
        yield ForeignTensors(str(path), tensors, file)


def read_header(
    file: BinaryIO, size: int, where: str, room: int = ROOM
) -> tuple[Any, dict[str, Any], int]:
    """Return (metadata, entries by tensor, first byte of the tensors) of an open file, unchecked.

    `room` is the most bytes of JSON, in addition to some for each tensor.
    """
    head = file.read(8)
    if head.startswith(b"PK\3\4"):
        refuse(where, "is a zip file, as are .keras files, which `glassnet import` reads.")
    length = int.from_bytes(head, "little")
    start = 8 + length
    if size < 8 or start > size:
        refuse(where, "is not a file that glassnet wrote, or is truncated.")
    if length > LARGEST_HEADER:
        refuse(where, f"has a header of {length} bytes, more than {LARGEST_HEADER}.")
    text = file.read(length)
    require_room(length, text.count(b'"data_offsets"'), room, where)
    entries = strict_json(text, where)
    return entries.pop("__metadata__", None), entries, start


def checked_tensors(
    entries: Mapping[str, Any], start: int, size: int, where: str, dtypes: Sequence[str]
) -> Tensors:
    """Return what the entries say; raises unless they account for all bytes of the file."""
    offsets = _offsets(entries, size - start, where, dtypes)
    return Tensors(
        {name: tuple(entry["shape"]) for name, entry in entries.items()},
        {name: entry["dtype"] for name, entry in entries.items()},
        {name: start + offset for name, offset in offsets.items()},
    )


def read_tensor(
    file: BinaryIO, start: int, shape: tuple[int, ...], dtype: str, where: str
) -> Array:
    """Return the tensor that begins at this byte."""
    values = np.empty(shape, dtype)
    file.seek(start)
    if file.readinto(values.reshape(-1).view(np.uint8)) != values.nbytes:  # type: ignore[attr-defined]
        refuse(where, "was truncated while it was read.")
    return values


def require_room(length: int, tensors: int, room: int, where: str) -> None:
    """Raise if a header of this length is too long for so many tensors."""
    if length > room_for(tensors, room):
        refuse(where, f"has a header of {length} bytes for {tensors} weights.")


def room_for(tensors: int, room: int) -> int:
    """Return the most bytes of a header for so many tensors."""
    return min(LARGEST_HEADER, room + _ROOM_PER_TENSOR * tensors)


def _offsets(
    entries: Mapping[str, Any], size: int, where: str, dtypes: Sequence[str]
) -> dict[str, int]:
    """Return each tensor's offset; raises if they leave gaps in `size` bytes, or overlap."""
    spans = []
    for name, entry in entries.items():
        at = f"{where}: weight {name!r:.80}"
        if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
            refuse(at, "is not described by dtype, shape and data_offsets.")
        shape, offsets = entry["shape"], entry["data_offsets"]
        if not _counts(shape) or len(shape) > _MOST_AXES:
            refuse(at, f"has the shape {shape!r:.80}.")
        if not _counts(offsets) or len(offsets) != 2:
            refuse(at, f"has the offsets {offsets!r:.80}.")
        if not isinstance(entry["dtype"], str) or entry["dtype"] not in dtypes:
            refuse(at, f"has the dtype {entry['dtype']!r:.80}, not one of {', '.join(dtypes)}.")
        if math.prod(shape) * np.dtype(DTYPES[entry["dtype"]]).itemsize != offsets[1] - offsets[0]:
            refuse(at, f"has the offsets {offsets}, which don't match its shape and dtype.")
        spans.append((*offsets, name))
    end = 0
    for first, last, name in sorted(spans):
        if first != end:
            at = f"{where}: weight {name!r:.80}"
            refuse(at, f"begins at byte {first} of the weights, not at {end}.")
        end = last
    if end != size:
        refuse(where, f"has {size} bytes of weights where its header says {end}.")
    return {name: first for first, _, name in spans}


def _counts(value: Any) -> bool:
    return isinstance(value, list) and all(type(n) is int and n >= 0 for n in value)
