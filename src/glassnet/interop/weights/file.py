"""`model.load_weights` for files of weights alone, in PyTorch's layout or with Keras's names."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError
from glassnet.core.trees import Tree, from_items, join_path
from glassnet.interop.weights.channel_order import calls_in, flattened_inputs, reordered
from glassnet.interop.weights.keras_layout import keras_sources
from glassnet.interop.weights.network_check import require_torch_defaults
from glassnet.interop.weights.pairing import (
    Names,
    Pair,
    Pairs,
    pair_by_name,
    pair_by_order,
    parts_of,
    shortened,
)
from glassnet.interop.weights.source import Layout
from glassnet.interop.weights.theirs import Theirs, open_theirs
from glassnet.interop.weights.torch_layout import torch_sources
from glassnet.interop.weights.units import Unit, units_of
from glassnet.layers.base import Shape

ORDER = "order"
Mapped = Mapping[str, str | None] | str | None


def read_weights(
    path: Path,
    model: Any,
    mapping: Mapped = None,
    skip: Sequence[str] | str = (),
    as_built: bool = False,
) -> Tree:
    """Return the weights in a file, converted to ours; those of `model` that it keeps are left out.

    Each array of the network gets its own array of the file, and each of the file belongs to one
    of the network; raises GlassnetError, naming the array, otherwise.
    """
    try:
        with open_theirs(path) as theirs:
            names = Names(theirs, (skip,) if isinstance(skip, str) else tuple(skip))
            return _weights(theirs, names, model, mapping, as_built)
    except GlassnetError as error:
        raise error if error.where.startswith(str(path)) else error.inside(str(path)) from error


def _weights(theirs: Theirs, names: Names, model: Any, mapping: Mapped, as_built: bool) -> Tree:
    network, shape = model.network, model.input_shape
    units, orders = units_of(network, network.weights(shape)), dict[str, Shape]()
    if any("weight" in part for name in theirs.shapes for part in parts_of(name)[-1:]):
        layout: Layout = torch_sources
        calls = calls_in(network, shape)
        orders = flattened_inputs(calls)
    else:
        layout, as_built = keras_sources, True  # whose defaults are ours
    mapping = _checked_mapping(mapping, units, names, layout)
    result = pair_by_name(units, names, layout, mapping)
    _require_complete(result, units, names, layout, mapping)
    if not as_built:
        require_torch_defaults(calls)
    return from_items({
        join_path(pair.unit.place, pair.name): _converted(pair, theirs, orders, model.dtype)
        for pair in result.pairs
    })  # fmt: skip


def _checked_mapping(
    mapping: Any, units: Sequence[Unit], names: Names, layout: Layout
) -> Mapping[str, str | None]:
    """Return the mapping as a dict; for "order", the only one in which all shapes agree."""
    if mapping is None:
        return {}
    if isinstance(mapping, Mapping):
        if all(isinstance(k, str) and isinstance(v, str | None) for k, v in mapping.items()):
            return mapping
    elif mapping == ORDER:
        if (paired := pair_by_order(units, names, layout)) is not None:
            return paired
        why = "the file's modules and the network's layers differ in number, order or shape."
        if not names.theirs.ordered:
            why = (
                "the file is sorted by name: layers of the same shapes can't be distinguished, or "
                "shapes differ."
            )
        raise GlassnetError(why, where="mapping", fix="Name them: mapping={'dense': 'fc1', ...}.")
    raise GlassnetError(
        f"is {mapping!r:.80}.",
        where="mapping",
        fix="Give {path of a layer: name of a module in the file}, or 'order'.",
    )


def _require_complete(
    result: Pairs,
    units: Sequence[Unit],
    names: Names,
    layout: Layout,
    mapping: Mapping[str, str | None],
) -> None:
    """Raise unless each array has its counterpart, of the right shape, and none is left over."""
    used = {name for pair in result.pairs for name in pair.theirs}
    rest = [name for name in names.by_parts.values() if name not in used]
    if result.missing:
        unit, name, absent = result.missing[0]
        partly = any(pair.unit is unit for pair in result.pairs)
        ours = join_path(unit.place, name) if partly else unit.place
        count = len(result.missing)
        more = f", the first of {count} that are missing" if count > 1 else ""
        raise GlassnetError(
            f"there is no {absent!r} for its {name!r}, {unit.shapes[name]}{more}.",
            where=f"layer {unit.place!r}",
            fix=_proposal(units, names, layout, mapping, rest, ours),
        )
    for pair in result.pairs:
        for name, shape in zip(pair.theirs, pair.source.shapes, strict=True):
            if (actual := tuple(names.theirs.shapes[name])) != shape:
                raise GlassnetError(
                    f"{name!r} has the shape {actual}, but its {pair.name!r}, "
                    f"{pair.unit.shapes[pair.name]}, needs {shape}.",
                    where=f"layer {pair.unit.place!r}",
                    fix="Build the layer with the sizes in the file, or map it to another module: "
                    f"mapping={{{pair.unit.place!r}: ...}}.",
                )
    if rest:
        tied = next((n for n in used if _equal(names.theirs, n, rest[0])), None)
        verb = "belong" if len(rest) > 1 else "belongs"
        what = f"{shortened(rest, 3)} {verb} to no layer of the network."
        what += f" {rest[0]!r} equals {tied!r}: they are tied." if tied else ""
        raise GlassnetError(
            what,
            fix="Add the layer, map one to it, mapping={'path/of/layer': 'its.name'}, or leave it "
            f"out: skip={_to_skip(rest, used, names)!r:.200}.",
        )


def _proposal(
    units: Sequence[Unit],
    names: Names,
    layout: Layout,
    mapping: Mapping[str, str | None],
    rest: Sequence[str],
    ours: str,
) -> str:
    """Return what to write instead: the mapping in which shapes agree, if there is one."""
    keep = f"to keep what it is, mapping={{{ours!r}: None}}"
    if ours.rpartition("/")[2].startswith("lora_"):
        return f"Load the weights before enable_lora; or {keep}."
    if not mapping and (paired := pair_by_order(units, names, layout)):
        pairs = ", ".join(f"{ours!r}: {theirs!r}" for ours, theirs in paired.items())
        if len(pairs) < 300:
            return f"By order and shapes, it would be mapping={{{pairs}}}."
        return "mapping='order' would pair all layers by order and shapes."
    if not rest:
        return f"All arrays of the file are used; {keep}."
    modules = shortened(_modules(rest, names))
    return f"Name its counterpart, mapping={{{ours!r}: ...}}: {modules}; {keep}."


def _modules(arrays: Sequence[str], names: Names) -> list[str]:
    """Return the modules of these arrays; an array without one stands for itself."""
    return list(dict.fromkeys(names.module_of(name) or name for name in arrays))


def _to_skip(rest: Sequence[str], used: Iterable[str], names: Names) -> list[str]:
    """Return the modules of arrays that are left over; the arrays, if others in them are used."""
    taken = {names.module_of(name) for name in used}
    return [n for n in _modules(rest, names) if n not in taken] + [
        name for name in rest if names.module_of(name) in taken
    ]


def _equal(theirs: Theirs, name: str, other: str) -> bool:
    if theirs.shapes[name] != theirs.shapes[other]:
        return False
    with suppress(GlassnetError):  # an array of whole numbers
        return bool(np.array_equal(theirs.read(name), theirs.read(other)))
    return False


def _converted(pair: Pair, theirs: Theirs, orders: Mapping[str, Shape], dtype: str) -> Array:
    """Return an array of ours, checked."""
    arrays = [theirs.read(name) for name in pair.theirs]
    place = ", ".join(pair.theirs)
    if any(array.dtype.kind != "f" for array in arrays):
        raise GlassnetError("doesn't hold floating-point numbers.", where=place)
    if not all(np.isfinite(array).all() for array in arrays):
        raise GlassnetError("holds NaN or infinity.", where=place)
    array = pair.source.convert(*arrays)
    order = orders.get(pair.unit.place, ())
    array = reordered(pair.unit.layer, pair.name, array, order)
    return np.array(array, dtype, order="C")
