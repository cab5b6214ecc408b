"""IDX, the file format of MNIST and Fashion-MNIST: a header, then the bytes of one uint8 array.

The header is big-endian: two zero bytes, 0x08 for uint8, the number of axes, and a 32-bit length
for each axis. So images start with 0x00000803 and labels with 0x00000801.
Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database", 1998.
"""

import gzip
import hashlib
import math
import struct
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.core.files import open_file

_PIECE = 1 << 20
_FIX = "Replace it with an undamaged copy."


def read_idx(path: str | Path, shape: tuple[int, ...], sha256: str | None = None) -> np.ndarray:
    """Return the uint8 array of `shape` in an IDX file, gzipped or not.

    The header must declare exactly this shape, and no more than its bytes are decompressed or held
    in memory. `sha256` is that of the decompressed file. Raises GlassnetError naming the file.
    """
    with open_file(path, _FIX) as (raw, _):
        zipped = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        if not zipped:
            return _read(raw, path, shape, sha256)
        try:
            with gzip.GzipFile(fileobj=raw) as file:
                return _read(file, path, shape, sha256)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise _damaged(path, f"the gzip file is damaged or truncated ({error}).") from error


def _read(
    file: BinaryIO | gzip.GzipFile, path: str | Path, shape: tuple[int, ...], sha256: str | None
) -> np.ndarray:
    expected = struct.pack(f">{1 + len(shape)}I", 0x0800 | len(shape), *shape)
    header = file.read(len(expected))
    if header != expected:
        raise _damaged(path, _header_fault(header, expected, shape))
    array = np.empty(shape, np.uint8)
    view, filled, digest = array.reshape(-1).data, 0, hashlib.sha256(header)
    while filled < len(view):
        piece = file.read(min(_PIECE, len(view) - filled))
        if not piece:
            raise _damaged(path, f"ends after {filled} of {math.prod(shape)} bytes of data.")
        view[filled : filled + len(piece)] = piece
        digest.update(piece)
        filled += len(piece)
    if file.read(1):
        raise _damaged(path, f"continues after the {len(view)} bytes that its header declares.")
    if sha256 is not None and digest.hexdigest() != sha256:
        raise _damaged(
            path, "is complete, but its contents differ from the published ones (SHA-256)."
        )
    return array


def _header_fault(header: bytes, expected: bytes, shape: tuple[int, ...]) -> str:
    if len(header) < len(expected):
        return f"is too short: {len(header)} bytes."
    if header[:4] != expected[:4]:
        return f"starts with 0x{header[:4].hex()}, not with 0x{expected[:4].hex()} as IDX files do."
    return f"declares the shape {struct.unpack(f'>{len(shape)}I', header[4:])}, not {shape}."


def _damaged(path: str | Path, what: str) -> GlassnetError:
    return GlassnetError(what, where=str(path), fix=_FIX)
