"""A .keras file: a zip archive of two JSON files and an HDF5 file of weights.

Nothing is unpacked to disk, decompressed, imported or executed.
"""

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from typing import BinaryIO

import numpy as np

from glassnet.core.strict_json import strict_json
from glassnet.core.trees import Tree
from glassnet.interop.keras.building.weight_names import ATTRIBUTES
from glassnet.interop.keras.reading.hdf5 import (
    SHARED,
    UNSHARE,
    open_hdf5,
    read_params,
    refuse,
)
from glassnet.interop.keras.reading.legacy_config import as_keras_3
from glassnet.interop.keras.reading.model import Description, read_config
from glassnet.interop.keras.reading.version import KERAS_3, read_version

CONFIG, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
_ASSETS = "assets/"  # files of layers such as TextVectorization
_LARGEST_CONFIG = 8 * 2**20
_LARGEST_METADATA = 64 * 2**10
_OVERHEAD = 2**20  # most bytes of an HDF5 file besides its data
_OVERHEAD_PER_LAYER = 2**14  # most bytes for a layer's groups
_COPIES = 8  # most copies of the weights, including an optimizer's slots
_OLD_LAYERS = "_layer_checkpoint_dependencies"  # in place of "layers", in files of Keras 2.12-2.14
_NUMBERED = re.compile(r"layers/(\w+?)(?:_(\d+))?(?=/|$)")


def read_archive(file: BinaryIO) -> tuple[Description, Tree]:
    """Return what a .keras file describes, and the weights."""
    with zipfile.ZipFile(file) as archive:
        members = _members(archive)
        metadata = strict_json(archive.read(members[METADATA]), METADATA)
        version = read_version(metadata.get("keras_version"))
        config = strict_json(archive.read(members[CONFIG]), CONFIG)
        config = as_keras_3(config, True) if version < KERAS_3 else config
        description = read_config(config, CONFIG, version)
        for name in archive.namelist():  # last: the class of the layer explains more
            if name.startswith(_ASSETS):
                refuse(name, "is a file of a layer that glassnet can't read.")
        _check_size(members[WEIGHTS], description)
        weights = archive.read(members[WEIGHTS])
    with open_hdf5(io.BytesIO(weights), WEIGHTS) as hdf5:
        if version < KERAS_3:
            change = _keras_2_names(list(hdf5))
            description.groups = {
                place: change(group) for place, group in description.groups.items()
            }
        return description, read_params(hdf5, description, description.locations, WEIGHTS)


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return the archive's three members; raises unless each is there once and uncompressed."""
    entries = [file for file in archive.infolist() if not file.filename.startswith(_ASSETS)]
    members = {entry.filename: entry for entry in entries}
    if len(entries) != 3 or set(members) != {CONFIG, METADATA, WEIGHTS}:
        names = ", ".join(sorted(members))
        refuse("", f"holds {names:.200}; glassnet reads {CONFIG}, {METADATA} and {WEIGHTS}.")
    for name, entry in members.items():
        if entry.compress_type != zipfile.ZIP_STORED or entry.compress_size != entry.file_size:
            refuse(name, "is compressed, but Keras stores it uncompressed.")
    for name, most in ((CONFIG, _LARGEST_CONFIG), (METADATA, _LARGEST_METADATA)):
        if members[name].file_size > most:
            refuse(name, f"has {members[name].file_size} bytes, more than {most}.")
    return members


def _check_size(entry: zipfile.ZipInfo, description: Description) -> None:
    """Raise if the weights file is too small or too large for the network."""
    least = description.numbers * np.dtype(description.dtype).itemsize
    most = _COPIES * least + _OVERHEAD + _OVERHEAD_PER_LAYER * len(description.groups)
    size = f"has {entry.file_size} bytes for {description.numbers} weights"
    if entry.file_size < least:
        refuse(WEIGHTS, size + SHARED, UNSHARE)
    if entry.file_size > most:
        refuse(WEIGHTS, f"{size}.")


def _keras_2_names(roots: Sequence[str]) -> Callable[[str], str]:
    """Return what turns the path of a layer's group into that of Keras 2.

    Keras 2.12 to 2.14 counts each layer that has weights twice, names of attention's sublayers are
    private, and on Windows the names of groups have backslashes.
    """
    old = any(root.startswith(_OLD_LAYERS) for root in roots)
    windows = any("\\" in root for root in roots)

    def change(group: str) -> str:
        group = _NUMBERED.sub(_counted_twice, group) if old else group
        layer, _, attribute = group.rpartition("/")
        group = f"{layer}/_{attribute}" if attribute in ATTRIBUTES.values() else group
        return group.replace("/", "\\") if windows else group

    return change


def _counted_twice(match: re.Match[str]) -> str:
    stem, number = match.groups()
    return f"{_OLD_LAYERS}/{stem}" + (f"_{2 * int(number)}" if number else "")
