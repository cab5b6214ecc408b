"""Weights alone, as Keras's `save_weights` writes them, for a network of the same layers.

Keras 3 names the group of a layer by its class and a count, Keras 2 by the layer's name, and both
load them by their order. Layers of one class on parallel branches have no certain order: they are
refused, as is everything that doesn't fit, unless the file has the names of the layers, too.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from glassnet.core.arrays import as_tuple
from glassnet.core.errors import GlassnetError
from glassnet.core.files import open_file
from glassnet.core.names import snake_case
from glassnet.core.trees import Tree, join_path
from glassnet.interop.keras.building.weight_names import inside
from glassnet.interop.keras.reading.group_names import names_of_groups
from glassnet.interop.keras.reading.hard_sigmoid import HARD_SIGMOID
from glassnet.interop.keras.reading.hdf5 import (
    FIX,
    Locations,
    child,
    located,
    open_hdf5,
    read_names,
    read_params,
    read_text,
    refuse,
)
from glassnet.interop.keras.reading.legacy_file import legacy_locations
from glassnet.interop.keras.reading.model import Description
from glassnet.interop.keras.reading.other_files import is_hdf5
from glassnet.interop.keras.reading.selection import WHOLE, Selection
from glassnet.interop.keras.reading.unfolding import unfolded
from glassnet.layers import Layer, TimeDistributed
from glassnet.layers.base import Shape
from glassnet.layers.layer_name import own_name
from glassnet.layers.network import Network
from glassnet.layers.shapes import input_shapes, one_or_tuple

_WHOLE_MODEL = 'In Keras, save the whole model: model.save("model.keras"), and load that.'
_PARALLEL = "are on parallel branches: the file doesn't say which weights are whose."
_HARD_SIGMOID = "has the activation 'hard_sigmoid', which is another function in Keras 2."
_NOT_HDF5 = "Model.load(path) reads a .keras file, with its network."
_LEGACY = "model_weights"
_LEAVE_OUT = "Nothing was loaded; add its layer, or leave it out: skip={!r}."
_STAYS = "Nothing was loaded; leave layers here as they are: mapping={'dense': None}."


def read_keras_weights(
    path: str | Path,
    network: Layer,
    input_shape: Shape,
    dtype: str,
    selection: Selection = WHOLE,
) -> Tree:
    """Return the weights in a .weights.h5 file of Keras 3, or an .h5 file of Keras 2.

    Raises GlassnetError unless they are those of the network, but for what `selection` leaves out
    on both sides.
    """
    description = Description(network, input_shape, dtype)
    try:
        with open_file(path, FIX) as (file, _):
            if not is_hdf5(file):
                refuse("", "is not an HDF5 file of weights.", _NOT_HDF5)
        with open_file(path, FIX) as (file, _), open_hdf5(file, "") as hdf5:
            if "layers" in hdf5:
                locations: Locations = _of_keras_3(hdf5, description, selection)
            else:
                locations = _of_keras_2(hdf5, description, selection)
            return read_params(hdf5, description, locations, "", selection)
    except GlassnetError as error:
        raise located(error, path) from error


def _of_keras_3(hdf5: Any, description: Description, selection: Selection) -> Locations:
    """Return the places of weights in groups that are named by class and count."""
    names = names_of_groups(hdf5) if selection.mapping or selection.skip else {}
    sources, skipped = selection.sources(names), selection.left_out(names)
    layers = _enter_groups(description, hdf5, selection, sources, skipped)
    selection.require_known(description.weights, layers)
    locations = description.locations
    read = {place: at for place, at in locations.items() if not selection.stays(place)}
    _require_all(hdf5, read, skipped)
    return locations


def _enter_groups(
    description: Description,
    hdf5: Any | None,
    selection: Selection = WHOLE,
    sources: Mapping[str, str] = MappingProxyType({}),
    skipped: Collection[str] = (),
) -> list[str]:
    """Enter the groups of all layers as Keras 3 names them; raises if their order is uncertain.

    Without a file of Keras 3, all layers have one order, whatever their class. What is left out on
    either side does not count. Returns the paths of the layers.
    """
    earlier, places = _earlier(description), [f"{place}/" for place in description.weights]
    taken, layers = {*sources.values(), *skipped}, list[str]()

    def enter(layer: Layer, place: str, group: str) -> None:
        if isinstance(layer, TimeDistributed):
            return enter(layer.layer, join_path(place, "layer"), join_path(group, "layer"))
        if not isinstance(layer, Network):
            for inner_place, attribute in inside(layer):
                description.groups[join_path(place, inner_place)] = join_path(group, attribute)
            return None
        counts: Counter[str] = Counter()
        last: dict[str, tuple[str, bool]] = {}  # by class
        group = join_path(group, "layers")
        parts = [(join_path(place, name), part) for name, part in layer.parts]
        parts = [(path, part) for path, part in parts if not selection.stays(path)]
        unfolded_parts = [(path, *unfolded(part, path)) for path, part in parts]
        chains = _class_of_chains([part for _, part, _ in unfolded_parts], hdf5, group)
        for path, part, at in unfolded_parts:
            stem = chains if _is_chain(part) else _stem(part)
            if (its_group := sources.get(path) or sources.get(at)) is None:
                its_group = next(g for g in _numbered(f"{group}/{stem}", counts) if g not in taken)
            if any(weights.startswith(f"{at}/") for weights in places):
                layers.append(path)
                named = not sources.keys().isdisjoint((path, at))
                named = named or _has_name(hdf5, part, its_group)
                other, other_named = last.get(key := stem if hdf5 else "", ("", False))
                parallel = other and not _follows(at, other, earlier)
                if parallel and not (named and other_named):
                    refuse(f"layers {other!r} and {at!r}", _PARALLEL, _WHOLE_MODEL)
                last[key] = at, named
            enter(part, at, its_group)
        return None

    enter(description.network, "", "")
    return layers


def _numbered(stem: str, counts: Counter[str]) -> Iterator[str]:
    """Yield the groups of a class in their order, from where `counts` is, and count them."""
    while True:
        number = f"_{counts[stem]}" * (counts[stem] > 0)
        counts[stem] += 1
        yield f"{stem}{number}"


def _stem(layer: Layer) -> str:
    return "functional" if isinstance(layer, Network) else snake_case(type(layer).__name__)


def _is_chain(layer: Layer) -> bool:
    return isinstance(layer, Network) and layer.chain


def _class_of_chains(parts: Sequence[Layer], hdf5: Any | None, group: str) -> str:
    """Return "sequential", or "functional" if the file has a group of this kind for each of the
    models inside a model; in Keras, a chain can be either. Raises if some are this, some that.
    """
    models = [part for part in parts if isinstance(part, Network)]
    if hdf5 is None or not any(map(_is_chain, models)):
        return "sequential"
    names = [re.sub(r"_\d+$", "", name) for name in child(hdf5, group, "")]
    if names.count("functional") == len(models):
        return "functional"
    if names.count("functional") > len(models) - sum(map(_is_chain, models)):
        refuse(group, "has models of two kinds, Sequential and functional.", _WHOLE_MODEL)
    return "sequential"


def _has_name(hdf5: Any | None, layer: Layer, group: str) -> bool:
    """Return whether the file says that a group is this layer's, as files do from Keras 3.6 on."""
    if hdf5 is None or f"{group}/vars" not in hdf5:
        return False
    name = read_text(child(hdf5, f"{group}/vars", ""), "name", group)
    return name is not None and name == own_name(layer)


def _earlier(description: Description) -> list[tuple[str, frozenset[str]]]:
    """Return (path with a slash, paths of all layers before it) for each call of a layer."""
    calls: list[tuple[str, frozenset[str]]] = []

    def visit(path: str, layer: Layer, x: Any) -> frozenset[str]:
        before = frozenset[str]().union(*as_tuple(x))
        calls.append((f"{path}/", before))
        return before | {f"{path}/"}

    starts = [frozenset[str]() for _ in input_shapes(description.input_shape)]
    description.network.trace(one_or_tuple(starts), visit)
    return calls


def _follows(layer: str, other: str, calls: list[tuple[str, frozenset[str]]]) -> bool:
    """Return whether each call inside one layer comes after one inside the other."""
    return all(
        any(path.startswith(f"{other}/") for path in before)
        for path, before in calls
        if path.startswith(f"{layer}/")
    )


def _require_all(hdf5: Any, locations: Locations, skipped: Collection[str]) -> None:
    """Raise if the file has weights that the network doesn't have."""
    known = {path for paths in locations.values() for path in paths}

    def check(name: str) -> None:
        path = f"layers/{name}"
        if "/vars/" not in name or "generator/vars/" in name or path in known:
            return
        if not any(path.startswith(f"{group}/") for group in skipped):
            module = path.partition("/vars/")[0]
            refuse(path, "is a weight that the network doesn't have.", _LEAVE_OUT.format(module))

    hdf5["layers"].visit(check)


def _of_keras_2(hdf5: Any, description: Description, selection: Selection) -> Locations:
    """Return the places of weights in groups that are named by layer."""
    where = _LEGACY if _LEGACY in hdf5 else ""
    root = child(hdf5, _LEGACY, "") if where else hdf5
    if any(isinstance(part, Network) for _, part in description.network.parts):
        refuse(where, "has no certain order of the weights in a nested model.", _WHOLE_MODEL)
    options = ("activation", "recurrent_activation")
    for path, layer in description.network.walk():
        if HARD_SIGMOID in [getattr(layer, option, None) for option in options]:
            refuse(f"layer {path!r}", _HARD_SIGMOID, _WHOLE_MODEL)
    names = [
        name
        for name in read_names(root, "layer_names")
        if read_names(child(root, name, where), "weight_names")
    ]
    layers = list(dict.fromkeys(place.split("/")[0] for place in description.weights))
    selection.require_known(description.weights, layers)
    groups = selection.sources(by_name := dict(zip(names, names, strict=True)))
    taken = {*selection.left_out(by_name), *groups.values()}
    names = [name for name in names if name not in taken]
    layers = [layer for layer in layers if layer not in groups and not selection.stays(layer)]
    if len(names) != len(layers):
        theirs, ours = (f"{', '.join(map(repr, part)):.200}" for part in (names, layers))
        refuse(
            where,
            f"holds {len(names)} layers, but the network has {len(layers)}: {theirs or 'none'} "
            f"there, {ours or 'none'} here.",
            _LEAVE_OUT.format(names[-1]) if len(names) > len(layers) else _STAYS,
        )
    _enter_groups(description, None, selection, groups)
    groups |= dict(zip(layers, names, strict=True))
    return legacy_locations(root, description, where, groups)
