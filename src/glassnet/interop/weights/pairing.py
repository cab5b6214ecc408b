"""Pairing our layers with modules of theirs: by name, by a mapping, or by order and shapes."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from glassnet.core.errors import GlassnetError, did_you_mean, errors_inside
from glassnet.core.trees import join_path
from glassnet.interop.weights.source import Layout, Source
from glassnet.interop.weights.theirs import Theirs
from glassnet.interop.weights.units import Unit

Parts = tuple[str, ...]  # of a name: fc.weight and fc/weight are ("fc", "weight")
_STATE = ("num_batches_tracked", "seed_generator_state", "count")  # no prediction depends on them
_RECURRENT = re.compile(r"(weight_ih|weight_hh|bias_ih|bias_hh)_(l\d+)(_reverse)?")


def parts_of(name: str) -> Parts:
    """Return the parts of a name, without the underscores before private ones.

    The arrays of a layer in PyTorch's LSTM are named as if they were in a module of their own:
    `lstm.weight_ih_l0_reverse` is ("lstm", "l0", "reverse", "weight_ih").
    """
    *module, last = re.split(r"[/.]", name.removesuffix(":0"))
    if match := _RECURRENT.fullmatch(last):
        module += [match[2], *(["reverse"] if match[3] else [])]
        last = match[1]
    return tuple(part.lstrip("_") or part for part in (*module, last) if part)


@dataclass(frozen=True)
class Pair:
    """An array of ours, and the names of theirs that it comes from."""

    unit: Unit
    name: str  # in the layer
    theirs: tuple[str, ...]
    source: Source


@dataclass
class Pairs:
    """All pairs, and what is wrong with them."""

    pairs: list[Pair] = field(default_factory=list)
    missing: list[tuple[Unit, str, str]] = field(default_factory=list)  # unit, ours, theirs


@dataclass(frozen=True)
class Names:
    """The names in their file that are to be loaded, by their parts."""

    theirs: Theirs
    skip: tuple[str, ...] = ()

    @cached_property
    def by_parts(self) -> dict[Parts, str]:
        """The names of the arrays that are to be loaded; raises if two are too similar."""
        names: dict[Parts, str] = {}
        skipped = [parts_of(name) for name in self.skip]
        for name in self.theirs.shapes:
            parts = parts_of(name) or (name,)
            if parts[-1] in _STATE or any(parts[: len(s)] == s for s in skipped):
                continue
            if parts in names:
                raise GlassnetError(
                    f"{names[parts]!r} and {name!r} are the same name here.",
                    where="names",
                    fix=f"Leave one out: skip=[{name!r}].",
                )
            names[parts] = name
        for name, parts in zip(self.skip, skipped, strict=True):
            if not any(parts_of(n)[: len(parts)] == parts for n in self.theirs.shapes):
                raise self.unknown(name, "skip")
        return names

    @cached_property
    def fronts(self) -> list[Parts]:
        """What a third of the names or more begin with, such as `module`; the first is ()."""
        counts = Counter(parts[:n] for parts in self.by_parts for n in range(1, len(parts)))
        return [(), *(front for front, n in counts.items() if 3 * n >= len(self.by_parts))]

    def find(self, front: Parts, module: Parts, name: str) -> str | None:
        """Return their full name of an array in a module, with or without the front."""
        parts = (*module, *parts_of(name))
        return self.by_parts.get((*front, *parts)) or self.by_parts.get(parts)

    def has_module(self, module: str) -> bool:
        """Return whether there are arrays under this name, or one of it."""
        ways = [(*front, *parts_of(module)) for front in self.fronts]
        return any(name[: len(way)] == way for name in self.by_parts for way in ways)

    def module_of(self, name: str) -> str:
        """Return the module that an array is in; "" if it is in none."""
        return name.rpartition(self.separator)[0]

    @cached_property
    def separator(self) -> str:
        """What separates the parts of a name: / in Keras, a dot in PyTorch."""
        return "/" if any("/" in name for name in self.theirs.shapes) else "."

    def unknown(self, name: str, argument: str) -> GlassnetError:
        """Return the error for a name that no array begins with."""
        modules = list(dict.fromkeys(map(self.module_of, self.theirs.shapes)))
        return GlassnetError(
            f"there is no {name!r} in the file.",
            where=argument,
            fix=did_you_mean(name, modules) or f"It has {shortened(modules)}.",
        )


def shortened(names: Iterable[str], most: int = 6) -> str:
    """Return the first names, and how many more there are."""
    quoted = [repr(name) for name in names]
    more = f" and {len(quoted) - most} more" if len(quoted) > most else ""
    return ", ".join(quoted[:most]) + more


def pair_by_name(
    units: Sequence[Unit], names: Names, layout: Layout, mapping: Mapping[str, str | None]
) -> Pairs:
    """Return the pairs of arrays whose names agree, or which the mapping pairs.

    What their names have in front is left out if more names agree then.
    """
    _check_mapping(units, names, mapping)
    results = (_paired(units, names, layout, mapping, front) for front in names.fronts)
    return max(results, key=lambda result: len(result.pairs))


def _paired(
    units: Sequence[Unit],
    names: Names,
    layout: Layout,
    mapping: Mapping[str, str | None],
    front: Parts,
) -> Pairs:
    result = Pairs()
    for unit in units:
        module = _mapped(unit, mapping)
        if module is None:
            continue
        prefix, paired = parts_of(module), len(result.pairs)
        missing: list[tuple[Unit, str, str]] = []
        for name, source in _sources(unit, layout, names, front, prefix).items():
            places = (join_path(place, name) for place in (unit.place, unit.name))
            whole = next((mapping[place] for place in places if place in mapping), "")
            if whole is None:
                continue
            wanted = (whole,) if whole and len(source.names) == 1 else source.names
            where = () if whole else prefix
            theirs = [names.find(front, where, n) for n in wanted]
            if None in theirs:
                absent = names.separator.join((*where, *parts_of(wanted[theirs.index(None)])))
                missing.append((unit, name, absent))
            else:
                result.pairs.append(Pair(unit, name, tuple(map(str, theirs)), source))
        if len(result.pairs) > paired or not unit.layer.adapts:  # else it is fitted to data here
            result.missing += missing
    return result


def _sources(
    unit: Unit, layout: Layout, names: Names, front: Parts, module: Parts
) -> dict[str, Source]:
    """Return the sources of a layer's arrays in a module; errors name the layer."""

    def has(name: str) -> bool:
        return names.find(front, module, name) is not None

    with errors_inside(f"layer {unit.place!r}"):
        return layout(unit.layer, unit.shapes, has)


def _mapped(unit: Unit, mapping: Mapping[str, str | None]) -> str | None:
    """Return the name of a layer's module in their file; None if the layer keeps its weights."""
    best, result = -1, unit.name
    for path in (unit.place, unit.name):
        for key, module in mapping.items():
            if len(key) > best and (path == key or path.startswith(f"{key}/")):
                rest = path[len(key) + 1 :]
                best = len(key)
                if module is None:
                    return None
                result = f"{module}/{rest}" if module and rest else module or rest
    return result


def _check_mapping(units: Sequence[Unit], names: Names, mapping: Mapping[str, str | None]) -> None:
    """Raise for names in the mapping that are neither ours nor theirs."""
    layers = [(path, unit) for unit in units for path in (unit.place, unit.name)]
    paths = {path for path, _ in layers}
    arrays = {join_path(path, name) for path, unit in layers for name in unit.shapes}
    for key, module in mapping.items():
        if key not in arrays and not any(p == key or p.startswith(f"{key}/") for p in paths):
            raise GlassnetError(
                f"the network has no layer {key!r} with weights.",
                where="mapping",
                fix=did_you_mean(key, paths) or f"It has {shortened(sorted(paths))}.",
            )
        if module is not None and not names.has_module(module):
            raise names.unknown(module, "mapping")


def pair_by_order(units: Sequence[Unit], names: Names, layout: Layout) -> dict[str, str] | None:
    """Return the mapping {place: module} in which all shapes agree, if there is only one.

    A file in the order of the program gives the modules in that order; in one that is sorted by
    name, a layer must be the only one of its shapes.
    """
    modules: dict[str, set[str]] = {}  # with the arrays directly in them
    for name in names.by_parts.values():
        modules.setdefault(names.module_of(name), set()).add(name)
    mapping: dict[str, str] = {}
    rest = list(modules)
    fixed = [unit for unit in units if not unit.layer.adapts]
    for unit in fixed:
        fitting = [m for m in rest if _fits(unit, m, modules[m], names, layout)]
        if names.theirs.ordered:
            fitting = [m for m in fitting if m == rest[0]]
        elif sum(_same_kind(unit, other) for other in fixed) > 1:
            return None
        if len(fitting) != 1:
            return None
        mapping[unit.place] = fitting[0]
        inside = fitting[0] + names.separator if fitting[0] else ""
        rest = [m for m in rest if m != fitting[0] and not (inside and m.startswith(inside))]
    return mapping if not rest else None


def _same_kind(unit: Unit, other: Unit) -> bool:
    return type(unit.layer) is type(other.layer) and unit.shapes == other.shapes


def _fits(unit: Unit, module: str, arrays: set[str], names: Names, layout: Layout) -> bool:
    """Return whether a layer needs all arrays directly in a module, in their shapes."""
    prefix = parts_of(module)
    try:
        sources = _sources(unit, layout, names, (), prefix)
    except GlassnetError:
        return False
    used = set()
    for source in sources.values():
        for name, shape in zip(source.names, source.shapes, strict=True):
            theirs = names.find((), prefix, name)
            if theirs is None or names.theirs.shapes[theirs] != shape:
                return False
            used.add(theirs)
    return arrays <= used
