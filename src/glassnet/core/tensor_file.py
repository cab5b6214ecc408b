"""Safetensors files with a JSON header and a checksum: writing them, and reading untrusted ones.

The safetensors library writes them, but `safetensors_file` reads them, and says why. Nothing is
allocated for a tensor before the caller has said which tensors to expect.

A header has a limited size. Fields that may be longer, such as the words of a vocabulary, go where
they fit: into the header, or else into a tensor of bytes, their JSON.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import safetensors.numpy

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError
from glassnet.core.files import open_file, write_whole
from glassnet.core.safetensors_file import (
    DTYPES,
    LARGEST_HEADER,
    ROOM,
    checked_tensors,
    read_header,
    read_tensor,
    require_room,
    room_for,
)
from glassnet.core.strict_json import refuse, strict_json

_OURS = ("F64", "F32", "I64", "I32", "U64", "U32", "U8")  # the dtypes that glassnet writes
_CODES = {np.dtype(DTYPES[code]): code for code in _OURS}
_LARGEST_FIELDS = 16 * 1024 * 1024  # of all fields that don't fit in the header
_LONG_FIELDS = "@header"  # the tensor of the fields that don't fit in the header; no layer's name

_FIX = "Give a run's folder, or a file that glassnet wrote."

Kinds = Mapping[str, tuple[tuple[int, ...], str]]  # name -> (shape, dtype)


def write_tensors(
    path: str | Path,
    header: Mapping[str, Any],
    tensors: Mapping[str, Any],
    key: str = "glassnet",
    room: int = ROOM,
    long_fields: Sequence[str] = (),
) -> None:
    """Write tensors, and the JSON object under `key`, atomically; equal input gives equal bytes.

    If the header has no room for them, its `long_fields` are stored in a tensor. Raises
    GlassnetError for anything that `open_tensors` would refuse.
    """
    arrays = {name: np.asarray(values, order="C") for name, values in tensors.items()}
    long = {name: header[name] for name in long_fields}
    header = {name: value for name, value in header.items() if name not in long} | long
    try:
        strict_json(_json(header), str(path))
        for name, values in arrays.items():
            _require_finite(name, values, str(path))
        signed = {**header, "sha256": digest(header, arrays)}
        data = _encoded(signed, arrays, key)
        if long and _header_size(data) > room_for(len(arrays), room):
            arrays |= {_LONG_FIELDS: _as_bytes(long, str(path))}
            short = {name: value for name, value in signed.items() if name not in long}
            data = _encoded(short, arrays, key)
        require_room(_header_size(data), len(arrays), room, str(path))
    except GlassnetError as error:
        raise GlassnetError(error.what, where=error.where, fix="Nothing was written.") from error
    write_whole(path, data)


@dataclass(frozen=True)
class Stored:
    """An open file whose header has been read and checked, but whose tensors have not been read."""

    where: str
    header: dict[str, Any]  # the JSON object
    kinds: Kinds
    _starts: Mapping[str, int]
    _sha256: str
    _file: BinaryIO

    def read(self, expected: Kinds) -> dict[str, Array]:
        """Return the tensors; raises unless as expected, finite, and with the right checksum."""
        if mismatched := sorted(set(self.kinds) ^ set(expected)):
            name = mismatched[0]
            problem = "missing" if name in expected else "not the network’s"
            refuse(self.where, f"weight {name!r:.80} is {problem}.")
        for name, (shape, dtype) in expected.items():
            if self.kinds[name] != (shape, dtype):
                kinds = (self.kinds[name], (shape, dtype))
                actual, needed = (f"{_CODES[np.dtype(code)]} {sizes}" for sizes, code in kinds)
                refuse(self.where, f"weight {name!r} is {actual}, but the network needs {needed}.")
        tensors = {
            name: read_tensor(self._file, self._starts[name], *kind, self.where)
            for name, kind in expected.items()
        }
        if self._sha256 != digest(self.header, tensors):
            refuse(self.where, "was altered after it was written: its checksum does not match.")
        for name, values in tensors.items():
            _require_finite(name, values, self.where)
        return tensors


@contextmanager
def open_tensors(path: str | Path, key: str = "glassnet", room: int = ROOM) -> Iterator[Stored]:
    """Yield a file that `write_tensors` wrote, its tensors unread. `room`: most bytes of JSON.

    Raises GlassnetError, naming the file, if it is anything else.
    """
    where = str(path)
    with open_file(path, _FIX) as (file, size):
        yield _stored(file, size, key, room, where)


def is_described(path: str | Path, key: str = "glassnet") -> bool:
    """Return whether a file is one that `write_tensors` wrote, or not a safetensors file at all."""
    with open_file(path, _FIX) as (file, size):
        length = int.from_bytes(file.read(8), "little")
        whole = 8 + length <= size and length <= LARGEST_HEADER
        return not whole or f'"{key}"'.encode() in file.read(length)


def digest(header: Mapping[str, Any], tensors: Mapping[str, Array]) -> str:
    """Return a checksum of header and tensors: it detects accidental changes, not a forgery."""
    checksum = hashlib.sha256(_json(header).encode())
    for name, values in sorted(tensors.items()):
        checksum.update(name.encode())
        checksum.update(values.reshape(-1).data)
    return checksum.hexdigest()


def _encoded(header: Mapping[str, Any], arrays: dict[str, Array], key: str) -> bytes:
    # One metadata key only: safetensors writes multiple keys in no fixed order.
    return safetensors.numpy.save(arrays, {key: _json(header)})


def _header_size(data: bytes) -> int:
    return int.from_bytes(data[:8], "little")


def _as_bytes(fields: Mapping[str, Any], where: str) -> Array:
    """Return the fields as the bytes of their JSON."""
    data = json.dumps(fields, allow_nan=False, ensure_ascii=False).encode()
    if len(data) > _LARGEST_FIELDS:
        names = " and ".join(fields)
        refuse(where, f"{names} take {len(data):,} bytes, more than {_LARGEST_FIELDS:,}.")
    return np.frombuffer(data, np.uint8)


def _stored(file: BinaryIO, size: int, key: str, room: int, where: str) -> Stored:
    metadata, entries, start = read_header(file, size, where, room)
    inner = metadata.get(key) if isinstance(metadata, dict) and len(metadata) == 1 else None
    if not isinstance(inner, str):
        what = "holds no glassnet description of its weights."
        fix = "Load weights of PyTorch or Keras into a network built here: load_weights(path)."
        raise GlassnetError(what, where=where, fix=fix)
    header = strict_json(inner, where)
    sha256 = header.pop("sha256", None)
    if not isinstance(sha256, str):
        refuse(where, "its header lacks a valid 'sha256'.")
    tensors = checked_tensors(entries, start, size, where, _OURS)
    dtypes, starts = tensors.dtypes, tensors.starts
    kinds = {
        name: (shape, np.dtype(DTYPES[dtypes[name]]).name) for name, shape in tensors.shapes.items()
    }
    if (kind := kinds.pop(_LONG_FIELDS, None)) is not None:
        header |= _long_fields(file, starts[_LONG_FIELDS], kind, header, where)
    return Stored(where, header, kinds, starts, sha256, file)


def _long_fields(
    file: BinaryIO, start: int, kind: tuple[tuple[int, ...], str], header: Any, where: str
) -> dict[str, Any]:
    """Return the fields that are stored in a tensor of bytes."""
    shape, dtype = kind
    if dtype != "uint8" or len(shape) != 1 or shape[0] > _LARGEST_FIELDS:
        refuse(where, f"the fields in {_LONG_FIELDS} are {dtype} of shape {shape}.")
    file.seek(start)
    fields = strict_json(file.read(shape[0]), f"{where}: {_LONG_FIELDS}")
    if twice := sorted(set(fields) & {*header, "sha256"}):
        refuse(where, f"its header has the field {twice[0]!r:.80} twice.")
    return fields


def _require_finite(name: str, values: Array, where: str) -> None:
    if not np.isfinite(values).all():
        refuse(where, f"weight {name!r} holds NaN or infinity.")


def _json(header: Mapping[str, Any]) -> str:
    return json.dumps(header, allow_nan=False)
