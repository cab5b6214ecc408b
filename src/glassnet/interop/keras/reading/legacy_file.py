"""An HDF5 file of a whole model, as Keras 2 writes it by default, and Keras 3 for names in .h5.

The configuration is an attribute of the file. The weights of a layer, also of a nested model, are
in a group of the layer's name, in an order that an attribute of the group holds: first those that
the layer trains, then the others.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, BinaryIO

import numpy as np

from glassnet.core.strict_json import strict_json
from glassnet.core.trees import Tree, join_path
from glassnet.interop.keras.reading.hdf5 import (
    Locations,
    child,
    open_hdf5,
    read_names,
    read_params,
    read_text,
    refuse,
)
from glassnet.interop.keras.reading.legacy_config import as_keras_3
from glassnet.interop.keras.reading.model import Description, read_config
from glassnet.interop.keras.reading.version import KERAS_3, read_version
from glassnet.layers import Layer
from glassnet.layers.network import Network

_CONFIG, _WEIGHTS = "model_config", "model_weights"
_BACKENDS = ("tensorflow", "jax", "torch")
_ALIASES = {"depthwise_kernel": "kernel"}  # older names of weights
_LORA = 'In Keras, model.save("model.keras"), which merges them into the kernel, and load that.'
_WEIGHTS_ALONE = (
    'In Keras, build the network, call model.load_weights(path), and model.save("model.keras").'
)


def read_legacy(file: BinaryIO, size: int) -> tuple[Description, Tree]:
    """Return what an HDF5 file of a whole model describes, and the weights."""
    with open_hdf5(file, "") as hdf5:
        text = read_text(hdf5, _CONFIG, "")
        if text is None:
            refuse("", "holds weights alone, not the network.", _WEIGHTS_ALONE)
        backend = read_text(hdf5, "backend", "") or _BACKENDS[0]
        if backend not in _BACKENDS:
            fix = "Load it in Keras 2 on TensorFlow, and save it again."
            refuse("", f"was written on {backend:.20}, whose weights have another form.", fix)
        version = read_version(read_text(hdf5, "keras_version", "") or "2.0")
        config = as_keras_3(strict_json(text, _CONFIG), version < KERAS_3)
        description = read_config(config, _CONFIG, version)
        if size < description.numbers * np.dtype(description.dtype).itemsize:
            refuse("", f"has {size} bytes for {description.numbers} weights.")
        locations = legacy_locations(child(hdf5, _WEIGHTS, ""), description, _WEIGHTS)
        return description, read_params(hdf5, description, locations, "")


def legacy_locations(
    file: Any, description: Description, where: str, groups: Mapping[str, str] | None = None
) -> Locations:
    """Return the paths of all weights, by the names that the groups list in their order.

    `groups` has the names of the groups by layer, if they differ; other layers are left out.
    """
    locations: dict[str, list[str]] = {}
    layers: defaultdict[str, list[tuple[str, str, bool]]] = defaultdict(list)
    weights = description.weights
    for place in description.groups:  # in the order of the configuration
        locations[place] = []
        if place in description.constants:
            continue
        for name, kind in weights.get(place, {}).items():
            trained = kind.trainable and _is_trained(description, place)
            layers[place.split("/")[0]].append((place, name, trained))
    for layer, expected in layers.items():
        if groups is not None and layer not in groups:
            continue
        group = layer if groups is None else groups[layer]
        paths = read_names(child(file, group, where), "weight_names")
        at = join_path(where, group)
        if any(path.rpartition("/")[2].startswith("lora_") for path in paths):
            refuse(at, "has low-rank adapters (enable_lora) beside its kernel.", _LORA)
        if len(paths) != len(expected):
            refuse(at, f"holds {len(paths)} weights, but the layer has {len(expected)}.")
        parts = [path.removesuffix(":0").split("/") for path in paths]
        ordered = sorted(expected, key=lambda weight: not weight[2])
        for (place, name, _), path, its_parts in zip(ordered, paths, parts, strict=True):
            own = place.rpartition("/")[2] if "/" in place else ""
            elsewhere = any(own in others for others in parts) and own not in its_parts
            if _ALIASES.get(its_parts[-1], its_parts[-1]) != _ALIASES.get(name, name) or elsewhere:
                refuse(at, f"has {path!r:.80} where {place}/{name} belongs.")
            locations[place].append(join_path(at, path))
    return locations


def _is_trained(description: Description, place: str) -> bool:
    """Return whether Keras lists a layer's weights among those that are trained: if it is trained,
    and the layer of the network that it is in. Models between the two don't count.
    """
    flags: list[bool] = []
    layer: Layer | None = description.network
    for name in place.split("/"):
        layer = dict(layer.parts).get(name) if layer else None  # attention's products are no layers
        if layer and (not flags or not isinstance(layer, Network)):
            flags.append(layer.trainable)
    return all(flags) and place not in description.one_way
