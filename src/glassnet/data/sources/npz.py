"""Data sets in NumPy's `.npz` files: x_train, y_train, x_test, y_test, optionally class_names.

Training rows may also have sample weights, weights_train, and groups that stay together in splits,
groups_train. Nothing is unpickled, and nothing is allocated before the declared sizes are checked.
"""

import math
import sys
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy

from glassnet.core.errors import GlassnetError
from glassnet.core.files import open_file
from glassnet.core.memory import physical
from glassnet.data.class_names import require_labels, same_name_hint
from glassnet.data.dataset import OF_NUMBERS, Dataset, make_dataset

_KEYS = ("x_train", "y_train", "x_test", "y_test")
_OPTIONAL = ("class_names", "weights_train", "groups_train")
_FIX = "Write it with numpy.savez(path, x_train=..., y_train=..., x_test=..., y_test=...)."


def read_npz(path: str | Path) -> Dataset:
    """Return the checked data set in the file.

    Labels are whole numbers from 0 (as integers or floats), or strings, which are numbered in
    sorted order; (N, 1) is read as (N,). Raises GlassnetError naming file, array and row.
    """
    arrays = _arrays(str(path))
    names = _class_names(arrays, f"{path}: class_names")
    labels = {}
    for key in ("y_train", "y_test"):
        y, where = arrays[key], f"{path}: {key}"
        y = y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y
        labels[key] = (
            _label_numbers(y, names, where) if y.dtype.kind in "US" else _integers(y, where)
        )
    if names is None:
        names = _default_names(labels["y_train"], f"{path}: y_train")
    return make_dataset(
        Path(path).stem,
        arrays["x_train"],
        labels["y_train"],
        arrays["x_test"],
        labels["y_test"],
        names,
        str(path),
        weights=arrays.get("weights_train"),
        groups=arrays.get("groups_train"),
    )


# -- the file -----------------------------------------------------------------------------------


def _arrays(path: str) -> dict[str, np.ndarray]:
    with (
        open_file(path, "Check the path.") as (file, _),
        _damage(path),
        zipfile.ZipFile(file) as archive,
    ):
        members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
        missing = [key for key in _KEYS if key not in members]
        if missing:
            raise GlassnetError(f"does not contain {', '.join(missing)}.", where=path, fix=_FIX)
        wanted = {key: members[key] for key in (*_KEYS, *_OPTIONAL) if key in members}
        _check_sizes(wanted, path)
        return {key: _array(archive, info, f"{path}: {key}") for key, info in wanted.items()}


@contextmanager
def _damage(where: str) -> Iterator[None]:
    """Turn whatever zipfile, its decompressors and numpy raise for invalid bytes into one error.

    None of them documents all of its errors: MemoryError and SystemError are among them.
    """
    try:
        yield
    except GlassnetError:
        raise
    except zipfile.BadZipFile as error:
        raise GlassnetError("is not a complete .npz file.", where=where, fix=_FIX) from error
    except Exception as error:
        what = f"is damaged: {str(error) or type(error).__name__:.200}."
        raise GlassnetError(what, where=where, fix=_FIX) from error


def _check_sizes(members: Mapping[str, zipfile.ZipInfo], path: str) -> None:
    """Raise if the arrays would not fit: a small file may declare more than fits in memory."""
    total = sum(member.file_size for member in members.values())
    if total > (limit := physical() // 2):
        raise GlassnetError(
            f"unpacks to {total / 2**30:.1f} GiB, but half of this machine's memory is "
            f"{limit / 2**30:.1f} GiB.",
            where=path,
            fix="Use fewer rows, or a smaller dtype such as uint8.",
        )


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo, where: str) -> np.ndarray:
    """Read one array, after checking that its header declares exactly the bytes that follow."""
    with _damage(where):
        with archive.open(member) as file:
            version = npy.read_magic(file)
            read_header: Any = {
                (1, 0): npy.read_array_header_1_0,
                (2, 0): npy.read_array_header_2_0,
            }.get(version)
            if read_header is None:
                raise ValueError(f"unknown version {version} of the format")
            shape, _, dtype = read_header(file)
            if dtype.hasobject or dtype.names:
                raise GlassnetError(
                    f"holds Python objects ({dtype}), which are never unpickled.",
                    where=where,
                    fix="Save an array of numbers or strings, all rows of the same shape.",
                )
            declared = math.prod(shape) * dtype.itemsize
            if min(shape, default=0) < 0 or declared != member.file_size - file.tell():
                raise ValueError(
                    f"the header declares {shape} of {dtype}, which does not match the data"
                )
        with archive.open(member) as file:
            array: np.ndarray = npy.read_array(file, allow_pickle=False)
        array = array.astype(dtype.newbyteorder("="), copy=False)
        if dtype.kind == "U" and not _is_unicode(array):
            raise ValueError("it contains codes that are not characters of Unicode")
    return array


def _is_unicode(strings: np.ndarray) -> bool:
    """True if every character can be encoded: surrogates and codes beyond Unicode can't."""
    codes = np.ascontiguousarray(strings).reshape(-1).view(np.uint32)
    return not ((codes > sys.maxunicode) | ((codes >= 0xD800) & (codes < 0xE000))).any()


# -- labels and names ---------------------------------------------------------------------------


def _class_names(arrays: dict[str, np.ndarray], where: str) -> tuple[str, ...] | None:
    """Return class_names; or, for string labels, the sorted labels; otherwise None."""
    names, labels = arrays.get("class_names"), arrays["y_train"]
    if names is None:
        return tuple(_text(np.unique(labels), where)) if labels.dtype.kind in "US" else None
    if names.dtype.kind not in "US" or names.ndim != 1:
        raise GlassnetError(
            f"is {names.dtype} of shape {names.shape}, not a list of strings.", where=where
        )
    return tuple(_text(names, where))


def _text(strings: np.ndarray, where: str) -> list[str]:
    try:
        return [s.decode() if isinstance(s, bytes) else s for s in strings.tolist()]
    except UnicodeDecodeError as error:
        raise GlassnetError("holds bytes that are not UTF-8 text.", where=where) from error


def _label_numbers(y: np.ndarray, names: tuple[str, ...] | None, where: str) -> np.ndarray:
    """Return string labels as the indices of their names."""
    index = {name: number for number, name in enumerate(names or ())}
    distinct, inverse = np.unique(y, return_inverse=True)
    texts = _text(distinct, where)
    require_labels([texts[code] for code in inverse.reshape(-1)], range(y.size), where)
    for text, code in zip(texts, range(len(texts)), strict=True):
        if text not in index:
            raise GlassnetError(
                f"row {(inverse.reshape(-1) == code).argmax()} has label {text!r}, which is not "
                "among the classes.",
                where=where,
                fix=f"{same_name_hint(text, index)}Fix the label, or add the class to "
                "class_names and the training rows.",
            )
    return np.array([index[text] for text in texts], np.int64)[inverse].reshape(y.shape)


def _integers(y: np.ndarray, where: str) -> np.ndarray:
    """Return numeric labels as int64."""
    if y.dtype.kind not in "buif" or y.ndim != 1:
        return y  # make_dataset reports what is wrong with them
    with np.errstate(invalid="ignore", over="ignore"):
        wrong = ~((y >= 0) & (y < 2**31) & (y == np.floor(y)))
    if wrong.any():
        row = wrong.argmax()
        raise GlassnetError(
            f"row {row} has label {y[row]}, but labels must be whole numbers from 0.",
            where=where,
            fix=OF_NUMBERS,
        )
    return y.astype(np.int64)


def _default_names(y: np.ndarray, where: str) -> tuple[str, ...]:
    """Return the names "0", "1", ... up to the highest label."""
    if y.dtype.kind != "i" or y.ndim != 1:
        return ()  # make_dataset reports what is wrong with them
    highest = int(y.max(initial=-1))
    if highest >= len(y):  # checked before that many names are created
        raise GlassnetError(
            f"row {y.argmax()} has label {highest}, but {len(y)} rows can't hold so many classes.",
            where=where,
            fix="Labels start at 0, without gaps; every class needs a training row.",
        )
    return tuple(str(label) for label in range(highest + 1))
