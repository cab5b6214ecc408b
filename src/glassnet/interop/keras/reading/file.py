"""`import_keras`: reading a .keras file without Keras, and without trusting it.

A .keras file is a zip archive of two JSON files and an HDF5 file of weights. The configuration is
read as data (`reading.model`). Of the weights, only those that the network needs are read, from
their expected places, in their expected shapes and dtypes. Nothing is unpacked to disk,
decompressed, imported or executed, and no more memory is used than the file is large.
"""

import io
import logging
import math
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError
from glassnet.core.files import open_file
from glassnet.core.strict_json import strict_json
from glassnet.core.trees import Tree, from_items
from glassnet.interop.keras.building.differences import require_the_same
from glassnet.interop.keras.building.normalization import from_keras
from glassnet.interop.keras.reading.model import Description, read_config
from glassnet.interop.keras.reading.other_files import require_keras_file
from glassnet.layers import Layer
from glassnet.layers.open_shape import closed

log = logging.getLogger(__name__)

CONFIG, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
_ASSETS = "assets/"  # files of layers such as TextVectorization
_FIX = "Nothing was loaded; use a file that Keras wrote."
_SHARED = (
    "; Keras leaves out the weights of a layer at its second place, such as inside a nested model "
    "and outside it, and can't load such a file itself."
)
_UNSHARE = (
    "In Keras, put each layer in one model only (an outer model can call the nested model, or its "
    "layers one by one), and save again."
)
_LARGEST_CONFIG = 8 * 2**20
_LARGEST_METADATA = 64 * 2**10
_OVERHEAD = 2**20  # most bytes of an HDF5 file besides its data
_OVERHEAD_PER_LAYER = 2**14  # most bytes for a layer's groups
_MOST_NAMES = 6  # of layers in a warning
_COPIES = 8  # most copies of the weights, including an optimizer's slots


def import_keras(path: str | Path) -> tuple[Layer, tuple[Any, ...], Tree, str]:
    """Return (network, input_shape, params, dtype) from a .keras file.

    With multiple inputs, the shape is a tuple of shapes; a size is None if it may differ, as the
    length of texts. Raises GlassnetError, naming file and field, for anything but supported layers.
    Warns of layers that Keras would not train, and of those that predictions don't need.
    """
    require_keras_file(path)
    try:
        with (
            open_file(path, _FIX) as (file, _),
            _library_errors(path),
            zipfile.ZipFile(file) as archive,
        ):
            members = _members(archive)
            _require_keras_3(strict_json(archive.read(members[METADATA]), METADATA))
            description = read_config(strict_json(archive.read(members[CONFIG]), CONFIG))
            _require_no_assets(archive)
            shape, network = description.input_shape, description.network
            _check_size(members[WEIGHTS], description)
            require_the_same(network, closed(network, shape))
            weights = archive.read(members[WEIGHTS])
        with _library_errors(WEIGHTS):
            params = _weights(weights, description)
    except GlassnetError as error:
        raise GlassnetError(error.what, where=_at(path, error.where), fix=error.fix) from error
    _warn(path, description)
    return network, shape, params, description.dtype


def _warn(path: str | Path, description: Description) -> None:
    """Warn of what training in glassnet would do differently from training in Keras."""
    for layers, keras, here in (
        (
            description.frozen,
            "frozen in Keras (trainable=False)",
            "glassnet can't freeze layers: predictions are the same, but training changes these "
            "weights, too.",
        ),
        (
            description.left_out,
            "in Keras, these layers act in training only",
            "They were left out: predictions are the same; to train with augmentation, use "
            "fit(augment=...).",
        ),
        (
            description.penalties,
            "in Keras, these layers add a penalty on activations to the loss",
            "They were left out: predictions are the same, but training has no such penalty, and "
            "its loss is smaller than Keras's.",
        ),
    ):
        if layers:
            log.warning("note: %s: %s: %s. %s", path, keras, _listed(layers), here)


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


@contextmanager
def _library_errors(where: str | Path) -> Iterator[None]:
    """Turn whatever the zip and HDF5 libraries raise on a damaged file into GlassnetError."""
    try:
        yield
    except (GlassnetError, KeyboardInterrupt):
        raise
    except OSError as error:
        _refuse(str(where), f"can't be read: {error.strerror or error}.")
    except Exception as error:  # the libraries don't document which errors they raise
        _refuse(str(where), f"is damaged, or not a .keras file ({error}).")


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return the archive's three members; raises unless each is there once and uncompressed."""
    entries = [file for file in archive.infolist() if not file.filename.startswith(_ASSETS)]
    members = {entry.filename: entry for entry in entries}
    if len(entries) != 3 or set(members) != {CONFIG, METADATA, WEIGHTS}:
        names = ", ".join(sorted(members))
        _refuse("", f"holds {names:.200}; glassnet reads {CONFIG}, {METADATA} and {WEIGHTS}.")
    for name, entry in members.items():
        if entry.compress_type != zipfile.ZIP_STORED or entry.compress_size != entry.file_size:
            _refuse(name, "is compressed, but Keras stores it uncompressed.")
    for name, most in ((CONFIG, _LARGEST_CONFIG), (METADATA, _LARGEST_METADATA)):
        if members[name].file_size > most:
            _refuse(name, f"has {members[name].file_size} bytes, more than {most}.")
    return members


def _require_no_assets(archive: zipfile.ZipFile) -> None:
    """Raise if a layer stores files: called last, since its class explains more."""
    for name in archive.namelist():
        if name.startswith(_ASSETS):
            _refuse(name, "is a file of a layer that glassnet can't read.")


def _require_keras_3(metadata: Any) -> None:
    version = metadata.get("keras_version") if isinstance(metadata, dict) else None
    if isinstance(version, str) and version.startswith("2."):
        raise GlassnetError(
            f"was written by Keras {version:.20}, but glassnet reads files of Keras 3.",
            fix="Load it in Keras 3 and save it again: "
            'keras.models.load_model(path, compile=False).save("model.keras").',
        )


def _check_size(entry: zipfile.ZipInfo, description: Description) -> None:
    """Raise if the weights file is too small or too large for the network."""
    network = description.network
    network.output_shape(closed(network, description.input_shape))  # raises unless layers fit it
    numbers = sum(
        math.prod(kind.shape)
        for place, kinds in description.weights.items()
        if place not in description.constants
        for kind in kinds.values()
    )
    least = numbers * np.dtype(description.dtype).itemsize
    most = _COPIES * least + _OVERHEAD + _OVERHEAD_PER_LAYER * len(description.groups)
    size = f"has {entry.file_size} bytes for {numbers} weights"
    if entry.file_size < least:
        _refuse(WEIGHTS, size + _SHARED, _UNSHARE)
    if entry.file_size > most:
        _refuse(WEIGHTS, f"{size}.")


def _weights(data: bytes, description: Description) -> Tree:
    """Return the network's weights from an HDF5 file in memory."""
    try:
        import h5py
    except ImportError:
        raise GlassnetError(
            "h5py is not installed.", where=WEIGHTS, fix="Run: pip install 'glassnet[keras]'"
        ) from None

    params: dict[str, Array] = {}
    with h5py.File(io.BytesIO(data), "r") as file:
        for place, kinds in description.weights.items():
            if place in description.constants:
                weights = _constants(description.constants[place], kinds, place)
            else:
                weights = {}
                for i, (name, kind) in enumerate(kinds.items()):
                    dtype = "integer" if name == "count" else description.dtype
                    path = f"{description.groups[place]}/vars/{i}"
                    weights[name] = _dataset(file, path, kind.shape, dtype)
            if "variance" in weights:
                if (weights["variance"] < 0).any():
                    _refuse(f"layer {place!r}: variance", "is negative.")
                weights = from_keras(weights)
            for name, values in weights.items():
                params[f"{place}/{name}"] = values.astype(description.dtype)
    return from_items(params)


def _constants(
    options: Mapping[str, Any], kinds: Mapping[str, Any], place: str
) -> dict[str, Array]:
    """Return mean and variance from a layer's options: one number, or one for each feature."""
    weights = {}
    for name in ("mean", "variance"):
        values, shape = options[name], kinds[name].shape
        numbers = values if isinstance(values, list) else [values]
        if not all(type(v) in (int, float) and abs(v) < 1e38 for v in numbers):
            _refuse(f"layer {place!r}: {name}", f"{values!r:.80} is not a list of numbers.")
        row = np.asarray(values, np.float64)
        if row.size > 1 and row.shape != shape:
            _refuse(f"layer {place!r}: {name}", f"has shape {row.shape}, not {shape}.")
        weights[name] = np.broadcast_to(row.reshape(row.shape if shape else ()), shape)
    return {**weights, "count": np.asarray(1)}


def _dataset(file: Any, path: str, shape: tuple[int, ...], dtype: str) -> Array:
    """Return the finite values at a path; raises for links and datasets of another kind."""
    import h5py

    where = f"{WEIGHTS}: {path}"
    node = file
    for part in path.split("/"):
        if not isinstance(node, h5py.Group) or part not in node:
            if path.endswith("/vars/0"):
                _refuse(where, f"is missing{_SHARED}", _UNSHARE)
            _refuse(where, "is missing.")
        if type(node.get(part, getlink=True)) is not h5py.HardLink:
            _refuse(where, "is a link to another place.")
        node = node[part]
    if not isinstance(node, h5py.Dataset):
        _refuse(where, "is not a dataset.")
    matches = node.dtype.kind in "iu" if dtype == "integer" else node.dtype == np.dtype(dtype)
    if node.shape != shape or not matches:
        _refuse(where, f"is {node.dtype} {node.shape}, but the network needs {dtype} {shape}.")
    size = node.size * node.dtype.itemsize
    if node.is_virtual or node.external or node.chunks or node.id.get_storage_size() != size:
        _refuse(where, "is not stored in one piece in this file.")
    values = np.asarray(node[()])
    if not np.isfinite(values).all():
        _refuse(where, "holds NaN or infinity.")
    return values


def _at(path: str | Path, where: str) -> str:
    return f"{path}: {where}" if where and where != str(path) else str(path)


def _refuse(where: str, what: str, fix: str = _FIX) -> NoReturn:
    raise GlassnetError(what, where=where, fix=fix)
