"""The model file: safetensors for the weights, and one JSON object that says what they belong to.

A file is data only. Reading one checks everything before memory is taken for it: the header's
size, the JSON, the network (built from the fixed table of layers), and that the file holds exactly
the weights of that network, in their shapes and dtype, all finite. Nothing is imported, looked up
or executed because a file says so.
"""

import hashlib
import json
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import safetensors
import safetensors.numpy

from glassnet.atomic import write_whole
from glassnet.configs import build, describe
from glassnet.errors import GlassnetError
from glassnet.layers import Layer
from glassnet.layers.base import Shape
from glassnet.trees import Array, Tree, from_items, items

FORMAT = 1
MODEL_FILE = "model.safetensors"
_HEADER_CAP = 64 * 1024
_HEADER_CAP_PER_TENSOR = 1024
_DTYPES = {"float32": "F32", "float64": "F64"}
_FIELDS = {
    "format": int,
    "network": dict,
    "input_shape": list,
    "dtype": str,
    "class_names": list,
    "about": dict,
    "sha256": str,
}


@dataclass(frozen=True)
class ModelFile:
    """A network, its weights, and what a person needs to use them."""

    network: Layer
    input_shape: Shape
    dtype: str
    params: Tree
    class_names: tuple[str, ...] = ()
    about: Mapping[str, Any] = field(default_factory=dict)  # preprocessing, loss, ...: JSON values


def write_model(path: str | Path, model: ModelFile) -> None:
    """Write the file, whole or not at all. The same model gives the same bytes."""
    header = {
        "format": FORMAT,
        "network": describe(model.network),
        "input_shape": list(model.input_shape),
        "dtype": model.dtype,
        "class_names": list(model.class_names),
        "about": dict(model.about),
    }
    tensors = {path: np.asarray(leaf, order="C") for path, leaf in items(model.params)}
    build("layer", header["network"], where="network")  # what can't be read back is not written
    for name, values in tensors.items():
        if not np.isfinite(values).all():
            raise GlassnetError(
                f"weight {name!r} holds NaN or infinity.",
                where=str(path),
                fix="Nothing was written; train with a lower learning rate.",
            )
    header["sha256"] = _digest(header, tensors)
    # One metadata key only: safetensors writes several in no fixed order.
    metadata = {"glassnet": _json(header)}
    write_whole(path, safetensors.numpy.save(tensors, metadata))


def read_model(path: str | Path) -> ModelFile:
    """Read a file, or the one in a run's folder; raise GlassnetError if it is not what it says."""
    path = Path(path)
    if path.is_dir():
        path = path / MODEL_FILE
    where = str(path)
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):  # a pipe would wait for ever
            _refuse(where, "is not a file.")
        size = found.st_size
        with open(path, "rb") as file:
            header_size = int.from_bytes(file.read(8), "little")
        # The cap by the largest number of tensors that so many bytes could name.
        tensors = max(1, header_size // 64)
        if size < 8 or header_size > min(size, _HEADER_CAP + _HEADER_CAP_PER_TENSOR * tensors):
            _refuse(where, "is not a glassnet model file, or is truncated.")
        with safetensors.safe_open(path, framework="numpy") as stored:
            return _read(stored, header_size, where)
    except OSError as error:
        raise GlassnetError(
            f"can't be read: {error.strerror or error}.",
            where=where,
            fix="Give a run's folder, or a model.safetensors that glassnet wrote.",
        ) from error
    except safetensors.SafetensorError as error:
        _refuse(where, f"is not a whole safetensors file ({error}).")


def _read(stored: Any, header_size: int, where: str) -> ModelFile:
    names = set(stored.keys())
    if header_size > _HEADER_CAP + _HEADER_CAP_PER_TENSOR * len(names):
        _refuse(where, f"has a header of {header_size} bytes for {len(names)} weights.")
    header = strict_json((stored.metadata() or {}).get("glassnet", ""), where)
    for key, kind in _FIELDS.items():
        if type(header.get(key)) is not kind:
            _refuse(where, f"its header lacks a valid {key!r}.")
    if header["format"] != FORMAT:
        _refuse(where, f"has format {header['format']}; this glassnet reads format {FORMAT}.")
    if set(header) != set(_FIELDS):
        _refuse(where, f"its header has unknown fields: {sorted(set(header) - set(_FIELDS))}.")
    shape = _shape(header["input_shape"], where)
    if header["dtype"] not in _DTYPES:
        _refuse(where, f"dtype {header['dtype']!r} is not one of {', '.join(_DTYPES)}.")
    if not all(isinstance(name, str) and name.isprintable() for name in header["class_names"]):
        _refuse(where, "class_names are not all readable texts.")
    network: Layer = build("layer", header["network"], where=f"{where}: network")
    try:
        network.output_shape(shape)
    except GlassnetError as error:
        raise error.inside(where) from error
    expected = dict(items(network.weights(shape)))
    if names != set(expected):
        odd = sorted(names ^ set(expected))[0]
        _refuse(
            where, f"weight {odd!r} is {'missing' if odd in expected else 'not the network’s'}."
        )
    for name, weight in expected.items():
        entry = stored.get_slice(name)
        if (
            tuple(entry.get_shape()) != weight.shape
            or entry.get_dtype() != _DTYPES[header["dtype"]]
        ):
            _refuse(
                where,
                f"weight {name!r} is {entry.get_dtype()} {tuple(entry.get_shape())}, but the "
                f"network needs {_DTYPES[header['dtype']]} {weight.shape}.",
            )
    params = {name: stored.get_tensor(name) for name in expected}
    if header.pop("sha256") != _digest(header, params):
        _refuse(where, "was altered after it was written: its checksum does not fit.")
    for name, values in params.items():
        if not np.isfinite(values).all():
            _refuse(where, f"weight {name!r} holds NaN or infinity.")
    return ModelFile(
        network,
        shape,
        header["dtype"],
        from_items(params),
        tuple(header["class_names"]),
        header["about"],
    )


def _shape(stored: list[Any], where: str) -> Shape:
    """One example's shape, or of several inputs a tuple of shapes."""
    if len(stored) > 1 and all(type(one) is list for one in stored):
        return tuple(_shape(one, where) for one in stored)
    if not all(type(n) is int and 0 < n < 2**31 for n in stored):
        _refuse(where, f"input_shape {stored} is no shape.")
    return tuple(stored)


def _json(header: Mapping[str, Any]) -> str:
    return json.dumps(header, allow_nan=False)


def _digest(header: Mapping[str, Any], tensors: Mapping[str, Array]) -> str:
    """A checksum of all that the file says: it finds a flipped bit, not a forger."""
    digest = hashlib.sha256(_json(header).encode())
    for path, values in sorted(tensors.items()):
        digest.update(path.encode())
        digest.update(values.tobytes())
    return digest.hexdigest()


def strict_json(text: str | bytes, where: str) -> dict[str, Any]:
    """A JSON object, with what Python's reader lets pass refused: doubled keys, NaN, 1e999."""

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(found)
        if len(made) != len(found):
            _refuse(where, "its JSON has a key twice.")
        return made

    def number(literal: str) -> float:
        value = float(literal)
        if not np.isfinite(value):
            _refuse(where, f"its JSON has the number {literal}.")
        return value

    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_constant=number, parse_float=number)
    except GlassnetError:
        raise
    except (ValueError, RecursionError) as error:
        _refuse(where, f"holds no valid glassnet description ({error}).")
    if not isinstance(value, dict):
        _refuse(where, "its JSON is not an object.")
    return value


def _refuse(where: str, what: str) -> NoReturn:
    raise GlassnetError(
        what, where=where, fix="Nothing was loaded; use a file that glassnet wrote, unaltered."
    )
