"""Reading a .keras file without Keras, and without trusting it.

A .keras file is a zip archive of two JSON texts and an HDF5 file of weights. The configuration is
read as data (`keras_config`); of the weights, only what the network needs is read, from where it
must be, in the shape and dtype that it must have. Nothing is unpacked to disk, decompressed,
imported or executed, and no more memory is taken than the file is large.
"""

import io
import math
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError
from glassnet.core.strict_json import strict_json
from glassnet.core.trees import Tree, from_items, items
from glassnet.interop.keras.building.differences import require_the_same
from glassnet.interop.keras.building.normalization import from_keras
from glassnet.interop.keras.reading.model import Description, read_config
from glassnet.layers import Layer

CONFIG, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
_LARGEST_CONFIG = 8 * 2**20
_LARGEST_METADATA = 64 * 2**10
_OVERHEAD = 2**20  # of an HDF5 file,
_OVERHEAD_PER_LAYER = 2**14  # what it spends on a layer's groups,
_COPIES = 8  # and how often an optimizer may have its own copy of the weights beside them


def import_keras(path: str | Path) -> tuple[Layer, tuple[Any, ...], Tree, str]:
    """The (network, input_shape, params, dtype) in a .keras file.

    Of several inputs, the shape is a tuple of shapes. Raises GlassnetError, naming file and field,
    for anything but known layers.
    """
    try:
        with _foreign(path), open(path, "rb") as file, zipfile.ZipFile(file) as archive:
            members = _members(archive)
            found = read_config(strict_json(archive.read(members[CONFIG]), CONFIG))
            shape, network = found.input_shape, found.network
            _fits(members[WEIGHTS], found)
            require_the_same(network, shape)
            weights = archive.read(members[WEIGHTS])
        with _foreign(WEIGHTS):
            params = _weights(weights, found)
    except GlassnetError as error:
        raise GlassnetError(error.what, where=_at(path, error.where), fix=error.fix) from error
    return network, shape, params, found.dtype


@contextmanager
def _foreign(where: str | Path) -> Iterator[None]:
    """Turn whatever the zip and HDF5 libraries raise on a damaged file into the one error."""
    try:
        yield
    except (GlassnetError, KeyboardInterrupt):
        raise
    except OSError as error:
        _refuse(str(where), f"can't be read: {error.strerror or error}.")
    except Exception as error:  # they promise no error types
        _refuse(str(where), f"is damaged, or no .keras file ({error}).")


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The three members, each there once, stored as it is, and of a possible size."""
    entries = archive.infolist()
    members = {entry.filename: entry for entry in entries}
    if len(entries) != 3 or set(members) != {CONFIG, METADATA, WEIGHTS}:
        names = ", ".join(sorted(members))
        _refuse("", f"holds {names:.200}; glassnet reads {CONFIG}, {METADATA} and {WEIGHTS}.")
    for name, entry in members.items():
        if entry.compress_type != zipfile.ZIP_STORED or entry.compress_size != entry.file_size:
            _refuse(name, "is compressed; Keras stores it as it is.")
    for name, most in ((CONFIG, _LARGEST_CONFIG), (METADATA, _LARGEST_METADATA)):
        if members[name].file_size > most:
            _refuse(name, f"has {members[name].file_size} bytes, more than {most}.")
    return members


def _fits(entry: zipfile.ZipInfo, found: Description) -> None:
    """Raise if the weights file can't be that of the network, by its size alone."""
    found.network.output_shape(found.input_shape)  # raises if layers and shape don't fit
    numbers = sum(
        math.prod(kind.shape)
        for place, kinds in _by_layer(found).items()
        if place not in found.constants
        for kind in kinds.values()
    )
    least = numbers * np.dtype(found.dtype).itemsize
    most = _COPIES * least + _OVERHEAD + _OVERHEAD_PER_LAYER * len(found.groups)
    if not least <= entry.file_size <= most:
        _refuse(WEIGHTS, f"has {entry.file_size} bytes for {numbers} weights.")


def _weights(data: bytes, found: Description) -> Tree:
    """The network's weights, from an HDF5 file in memory."""
    try:
        import h5py
    except ImportError:
        raise GlassnetError(
            "h5py is not installed.", where=WEIGHTS, fix="Run: pip install 'glassnet[keras]'"
        ) from None

    params: dict[str, Array] = {}
    with h5py.File(io.BytesIO(data), "r") as file:
        for place, kinds in _by_layer(found).items():
            if place in found.constants:
                weights = _constants(found.constants[place], kinds, place)
            else:
                weights = {}
                for i, (name, kind) in enumerate(kinds.items()):
                    dtype = "integer" if name == "count" else found.dtype
                    path = f"{found.groups[place]}/vars/{i}"
                    weights[name] = _dataset(file, path, kind.shape, dtype)
            if "variance" in weights:
                if (weights["variance"] < 0).any():
                    _refuse(f"layer {place!r}: variance", "is negative.")
                weights = from_keras(weights)
            for name, values in weights.items():
                params[f"{place}/{name}"] = values.astype(found.dtype)
    return from_items(params)


def _by_layer(found: Description) -> dict[str, dict[str, Any]]:
    """The kinds of weights by layer and name, in the order in which Keras numbers them too."""
    layers: dict[str, dict[str, Any]] = {}
    for path, kind in items(found.network.weights(found.input_shape)):
        place, _, name = path.rpartition("/")
        layers.setdefault(place, {})[name] = kind
    return layers


def _constants(given: Mapping[str, Any], kinds: Mapping[str, Any], place: str) -> dict[str, Array]:
    """Mean and variance that are options of the layer: one number for all, or one for each."""
    weights = {}
    for name in ("mean", "variance"):
        values, shape = given[name], kinds[name].shape
        each = values if isinstance(values, list) else [values]
        if not all(type(v) in (int, float) and abs(v) < 1e38 for v in each):
            _refuse(f"layer {place!r}: {name}", f"{values!r:.80} is not a row of numbers.")
        row = np.asarray(values, np.float64)
        if row.size > 1 and row.shape != shape:
            _refuse(f"layer {place!r}: {name}", f"has shape {row.shape}, not {shape}.")
        weights[name] = np.broadcast_to(row.reshape(row.shape if shape else ()), shape)
    return {**weights, "count": np.asarray(1)}


def _dataset(file: Any, path: str, shape: tuple[int, ...], dtype: str) -> Array:
    """The finite numbers at a path: hard links all the way, a plain dataset of this kind."""
    import h5py

    where = f"{WEIGHTS}: {path}"
    node = file
    for part in path.split("/"):
        if not isinstance(node, h5py.Group) or part not in node:
            _refuse(where, "is missing.")
        if type(node.get(part, getlink=True)) is not h5py.HardLink:
            _refuse(where, "is a link to elsewhere.")
        node = node[part]
    if not isinstance(node, h5py.Dataset):
        _refuse(where, "is not a dataset.")
    right = node.dtype.kind in "iu" if dtype == "integer" else node.dtype == np.dtype(dtype)
    if node.shape != shape or not right:
        _refuse(where, f"is {node.dtype} {node.shape}, but the network needs {dtype} {shape}.")
    bytes_ = node.size * node.dtype.itemsize
    if node.is_virtual or node.external or node.chunks or node.id.get_storage_size() != bytes_:
        _refuse(where, "is not stored in one piece in this file.")
    values = np.asarray(node[()])
    if not np.isfinite(values).all():
        _refuse(where, "holds NaN or infinity.")
    return values


def _at(path: str | Path, where: str) -> str:
    return f"{path}: {where}" if where and where != str(path) else str(path)


def _refuse(where: str, what: str) -> NoReturn:
    raise GlassnetError(what, where=where, fix="Nothing was loaded; use a file that Keras wrote.")
