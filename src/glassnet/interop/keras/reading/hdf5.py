"""Reading weights from an HDF5 file: only what the network needs, in its shapes and dtypes.

Links, virtual, external, chunked and compressed datasets are refused: no more memory is used than
the file is large, and no other file is opened.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError
from glassnet.core.trees import Tree, from_items
from glassnet.interop.keras.building.normalization import from_keras
from glassnet.interop.keras.reading.hard_sigmoid import scaled
from glassnet.interop.keras.reading.model import Description
from glassnet.interop.keras.reading.selection import Selection
from glassnet.interop.weights.misfits import misfit, other_or_same, warn_of_misfits

FIX = "Nothing was loaded; use a file that Keras wrote."
SHARED = (
    "; Keras leaves out the weights of a layer at its second place, such as inside a nested model "
    "and outside it, and can't load such a file itself."
)
UNSHARE = (
    "In Keras, put each layer in one model only (an outer model can call the nested model, or its "
    "layers one by one), and save again."
)
_LARGEST_TEXT = 8 * 2**20  # bytes of an attribute
Locations = Mapping[str, Sequence[str]]  # a layer's path: the paths of its weights in the file


@contextmanager
def library_errors(where: str | Path) -> Iterator[None]:
    """Turn whatever the zip and HDF5 libraries raise on a damaged file into GlassnetError."""
    try:
        yield
    except (GlassnetError, KeyboardInterrupt):
        raise
    except OSError as error:
        refuse(str(where), f"can't be read: {error.strerror or error}.")
    except Exception as error:  # the libraries don't document which errors they raise
        refuse(str(where), f"is damaged, or not a .keras file ({error}).")


@contextmanager
def open_hdf5(file: BinaryIO, where: str) -> Iterator[Any]:
    """Yield an open HDF5 file; raises if h5py is missing, and for all that the library raises."""
    try:
        import h5py
    except ImportError:
        raise GlassnetError(
            "h5py is not installed.", where=where, fix="Run: pip install 'glassnet[keras]'"
        ) from None
    with library_errors(where), h5py.File(file, "r") as hdf5:
        yield hdf5


def read_params(
    file: Any,
    description: Description,
    locations: Locations,
    where: str,
    selection: Selection | None = None,
) -> Tree:
    """Return the network's weights from these places in an open HDF5 file.

    With a `selection`, the file holds weights alone, which may be of another network.
    """
    params: dict[str, Array] = {}
    misfits: list[str] = []
    for place, kinds in description.weights.items():
        if selection and selection.stays(place):
            continue
        if place in description.constants:
            weights = _constants(description.constants[place], kinds, place)
        else:
            if selection and (other := _misfits(file, place, kinds, locations[place])):
                if not selection.skip_mismatch:
                    fix = other_or_same(place, _group_of(locations[place][0]))
                    fix = f"Build the layer with the sizes in the file, {fix}"
                    refuse(f"layer {place!r}", f"{other[0]}.", fix)
                misfits += other
                continue
            weights = {}
            for (name, kind), path in zip(kinds.items(), locations[place], strict=True):
                dtype = "integer" if name == "count" else description.dtype
                weights[name] = _dataset(file, path, kind.shape, dtype, where)
        if "variance" in weights:
            if (weights["variance"] < 0).any():
                refuse(f"layer {place!r}: variance", "is negative.")
            weights = from_keras(weights)
            weights["count"] = np.maximum(weights["count"], 1)  # Keras's fit doesn't fit it either
        if place in description.scaled:
            weights = scaled(weights, description.scaled[place])
        for name, values in weights.items():
            params[f"{place}/{name}"] = values.astype(description.dtype)
    if misfits:
        warn_of_misfits(misfits)
    if selection:
        params = {path: values for path, values in params.items() if not selection.stays(path)}
    return from_items(params)


def _group_of(path: str) -> str:
    """Return the group of a layer, as `skip` takes it."""
    group, keras_3, _ = path.partition("/vars/")
    return group if keras_3 else path.removeprefix("model_weights/").partition("/")[0]


def _misfits(file: Any, place: str, kinds: Mapping[str, Any], paths: Sequence[str]) -> list[str]:
    """Return in words which arrays of a layer have another shape in the file."""
    shapes = [getattr(child(file, path, ""), "shape", ()) for path in paths]
    return [
        misfit(f"{place}/{name}", shape, kind.shape)
        for (name, kind), shape in zip(kinds.items(), shapes, strict=True)
        if shape != kind.shape
    ]


def read_text(node: Any, name: str, where: str) -> str | None:
    """Return a text attribute, or None if there is none."""
    if name not in node.attrs:
        return None
    if node.attrs.get_id(name).get_storage_size() > _LARGEST_TEXT:
        refuse(where, f"its {name} is too large.")
    value = node.attrs[name]
    text = value.decode() if isinstance(value, bytes) else value
    if not isinstance(text, str) or len(text) > _LARGEST_TEXT:
        refuse(where, f"its {name} is not a text, or too large.")
    return text


def read_names(group: Any, name: str) -> list[str]:
    """Return the names in an attribute, which is split into name0, name1, ... if it is long."""
    parts = [name] if name in group.attrs else []
    while f"{name}{len(parts)}" in group.attrs and name not in group.attrs:
        parts.append(f"{name}{len(parts)}")
    values = [value for part in parts for value in np.asarray(group.attrs[part]).reshape(-1)]
    return [value.decode() if isinstance(value, bytes) else str(value) for value in values]


def child(node: Any, path: str, where: str) -> Any:
    """Return the group or dataset at a path below a group; raises for links."""
    import h5py

    where = f"{where}: {path}" if where else path
    for part in path.split("/"):
        if not isinstance(node, h5py.Group) or part not in node:
            if path.endswith("/vars/0"):
                refuse(where, f"is missing{SHARED}", UNSHARE)
            refuse(where, "is missing.")
        if type(node.get(part, getlink=True)) is not h5py.HardLink:
            refuse(where, "is a link to another place.")
        node = node[part]
    return node


def _dataset(file: Any, path: str, shape: tuple[int, ...], dtype: str, where: str) -> Array:
    """Return the finite values at a path; raises for links and datasets of another kind."""
    import h5py

    node = child(file, path, where)
    where = f"{where}: {path}" if where else path
    if not isinstance(node, h5py.Dataset):
        refuse(where, "is not a dataset.")
    matches = node.dtype.kind in "iu" if dtype == "integer" else node.dtype == np.dtype(dtype)
    if node.shape != shape or not matches:
        refuse(where, f"is {node.dtype} {node.shape}, but the network needs {dtype} {shape}.")
    size = node.size * node.dtype.itemsize
    if node.is_virtual or node.external or node.chunks or node.id.get_storage_size() != size:
        refuse(where, "is not stored in one piece in this file.")
    values = np.asarray(node[()])
    if not np.isfinite(values).all():
        refuse(where, "holds NaN or infinity.")
    return values


def _constants(
    options: Mapping[str, Any], kinds: Mapping[str, Any], place: str
) -> dict[str, Array]:
    """Return mean and variance from a layer's options: one number, or one for each feature."""
    weights = {}
    for name in ("mean", "variance"):
        values, shape = options[name], kinds[name].shape
        numbers = values if isinstance(values, list) else [values]
        if not all(type(v) in (int, float) and abs(v) < 1e38 for v in numbers):
            refuse(f"layer {place!r}: {name}", f"{values!r:.80} is not a list of numbers.")
        row = np.asarray(values, np.float64)
        if row.size > 1 and row.shape != shape:
            refuse(f"layer {place!r}: {name}", f"has shape {row.shape}, not {shape}.")
        weights[name] = np.broadcast_to(row.reshape(row.shape if shape else ()), shape)
    return {**weights, "count": np.asarray(1)}


def located(error: GlassnetError, path: str | Path) -> GlassnetError:
    """Return the error with the file's path in front of the place in it."""
    inside = error.where and error.where != str(path)
    where = f"{path}: {error.where}" if inside else str(path)
    return GlassnetError(error.what, where=where, fix=error.fix)


def refuse(where: str, what: str, fix: str = FIX) -> NoReturn:
    """Raise GlassnetError, naming the place."""
    raise GlassnetError(what, where=where, fix=fix)
