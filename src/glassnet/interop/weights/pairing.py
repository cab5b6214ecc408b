"""Pairing our layers with modules of theirs: by name, by a mapping, or by order and shapes."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from glassnet.core.errors import GlassnetError, did_you_mean, errors_inside
from glassnet.core.trees import join_path
from glassnet.interop.weights.source import Layout, Source
from glassnet.interop.weights.theirs import Theirs
from glassnet.interop.weights.units import Unit

Parts = tuple[str, ...]  # of a name: fc.weight and fc/weight are ("fc", "weight")
_STATE = ("num_batches_tracked", "seed_generator_state")  # counts that no prediction depends on
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
    """The names of theirs, by their parts, and the number of parts that all have in front."""

    theirs: Theirs
    skip: tuple[str, ...] = ()

    @cached_property
    def by_parts(self) -> dict[Parts, str]:
        """The names of the arrays that are to be loaded; raises if two are too similar."""
        names: dict[Parts, str] = {}
        skipped = [parts_of(name) for name in self.skip]
        for name in self.theirs.shapes:
            parts = parts_of(name)
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
    def common(self) -> Parts:
        """The parts that all names begin with, such as `module` or a model's name."""
        modules = [parts[:-1] for parts in self.by_parts]
        first, last = min(modules, default=()), max(modules, default=())
        count = next((i for i, pair in enumerate(zip(first, last, strict=False))
                      if pair[0] != pair[1]), min(len(first), len(last)))  # fmt: skip
        return first[:count]

    def find(self, module: Parts, name: str, dropped: int) -> str | None:
        """Return their full name of an array in a module; `dropped` parts in front are left out."""
        parts = (*module, *parts_of(name))
        return self.by_parts.get((*self.common[:dropped], *parts)) or self.by_parts.get(parts)

    def has_module(self, module: str) -> bool:
        """Return whether there are arrays under this name, or one of it."""
        parts = parts_of(module) if module else ()
        ways = [(*self.common[:n], *parts) for n in range(len(self.common) + 1)]
        return any(name[: len(way)] == way for name in self.by_parts for way in ways)

    def unknown(self, name: str, argument: str) -> GlassnetError:
        """Return the error for a name that no array begins with."""
        modules = list(dict.fromkeys(n.rpartition("." if "." in n else "/")[0]
                                     for n in self.theirs.shapes))  # fmt: skip
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

    Parts that all of their names begin with are left out if more names agree then.
    """
    _check_mapping(units, names, mapping)
    drops = range(len(names.common) + 1)
    return max((_paired(units, names, layout, mapping, n) for n in drops),
               key=lambda result: len(result.pairs))  # fmt: skip


def _paired(
    units: Sequence[Unit],
    names: Names,
    layout: Layout,
    mapping: Mapping[str, str | None],
    dropped: int,
) -> Pairs:
    result = Pairs()
    for unit in units:
        module = _mapped(unit, mapping)
        if module is None:
            continue
        prefix, paired = parts_of(module) if module else (), len(result.pairs)
        missing: list[tuple[Unit, str, str]] = []
        for name, source in _sources(unit, layout, names, prefix, dropped).items():
            whole = mapping.get(join_path(unit.place, name), "")
            if whole is None:
                continue
            wanted = (whole,) if whole and len(source.names) == 1 else source.names
            where = () if whole else prefix
            theirs = [names.find(where, n, dropped) for n in wanted]
            if None in theirs:
                absent = ".".join((*where, *wanted[theirs.index(None)].split("/")))
                missing.append((unit, name, absent))
            else:
                result.pairs.append(Pair(unit, name, tuple(map(str, theirs)), source))
        if len(result.pairs) > paired or not unit.layer.adapts:  # else it is fitted to data here
            result.missing += missing
    return result


def _sources(
    unit: Unit, layout: Layout, names: Names, module: Parts, dropped: int
) -> dict[str, Source]:
    """Return the sources of a layer's arrays in a module; errors name the layer."""

    def has(name: str) -> bool:
        return names.find(module, name, dropped) is not None

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
    paths = {path for unit in units for path in (unit.place, unit.name)}
    arrays = {join_path(unit.place, name) for unit in units for name in unit.shapes}
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
        module, _, _ = name.rpartition("." if "." in name else "/")
        modules.setdefault(module, set()).add(name)
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
        inside = f"{fitting[0]}." if fitting[0] else ""
        rest = [m for m in rest if m != fitting[0] and not (inside and m.startswith(inside))]
    return mapping if not rest else None


def _same_kind(unit: Unit, other: Unit) -> bool:
    return type(unit.layer) is type(other.layer) and unit.shapes == other.shapes


def _fits(unit: Unit, module: str, arrays: set[str], names: Names, layout: Layout) -> bool:
    """Return whether a layer needs all arrays directly in a module, in their shapes."""
    prefix = parts_of(module) if module else ()
    try:
        sources = _sources(unit, layout, names, prefix, 0)
    except GlassnetError:
        return False
    used = set()
    for source in sources.values():
        for name, shape in zip(source.names, source.shapes, strict=True):
            theirs = names.find(prefix, name, 0)
            if theirs is None or names.theirs.shapes[theirs] != shape:
                return False
            used.add(theirs)
    return arrays <= used
