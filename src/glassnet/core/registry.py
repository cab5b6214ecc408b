"""Configurations: frozen dataclasses that become plain data and come back, and nothing else.

Every part that a person can name (a layer, an initializer, a loss, an optimizer, ...) is a frozen
dataclass entered in one fixed table. `describe` writes it as a dict of JSON values; `build` makes
it again. `build` trusts nothing: only names in the table, only the dataclass's own fields, only
values of the annotated types. It never imports, evaluates or looks anything up outside the table.
"""

import dataclasses
import sys
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar, get_args, get_origin

from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.validation import checked, hints_of, options_of

_CLASSES: dict[str, dict[str, type]] = {}  # kind -> class name -> class
_NAMED: dict[str, dict[str, Any]] = {}  # kind -> short name -> a ready part
_DEEPEST = 32  # no network nests deeper; a file that does is an attack on the stack

T = TypeVar("T")


def register(kind: str, *names: str) -> Callable[[type[T]], type[T]]:
    """Enter a dataclass in the table of its kind; each short name means it with its defaults."""

    def enter(cls: type[T]) -> type[T]:
        _CLASSES.setdefault(kind, {})[cls.__name__] = cls
        for name in names:
            alias(kind, name, cls())
        return checked(cls)

    return enter


def alias(kind: str, name: str, part: Any) -> None:
    """Let a short name mean this part."""
    _NAMED.setdefault(kind, {})[name] = part


def classes(kind: str) -> dict[str, type]:
    """The classes of a kind, by name."""
    return dict(_CLASSES.get(kind, {}))


def names(kind: str) -> list[str]:
    """The short names of a kind."""
    return sorted(_NAMED.get(kind, {}))


def resolve(kind: str, value: Any, *, where: str = "") -> Any:
    """The part that `value` means: a part itself stays, a name becomes the part it stands for."""
    if isinstance(value, str):
        if value in _NAMED.get(kind, {}):
            return _NAMED[kind][value]
        raise unknown(kind, value, names(kind), where=where)
    if type(value) not in _CLASSES.get(kind, {}).values():
        raise GlassnetError(
            f"{value!r} is not {_article(kind)}.",
            where=where,
            fix=f"Give one of glassnet's {kind} classes or a name: {', '.join(names(kind))}.",
        )
    return value


def describe(part: Any) -> Any:
    """The part as JSON values: `{"class": name, field: value, ...}`, defaults written out."""
    if dataclasses.is_dataclass(part) and not isinstance(part, type):
        fields = {
            field.name: describe(getattr(part, field.name))
            for field in dataclasses.fields(part)
            if field.init
        }
        return {"class": type(part).__name__, **fields}
    if isinstance(part, tuple):
        return [describe(item) for item in part]
    return part.item() if hasattr(part, "item") else part  # NumPy's numbers as Python's


def build(kind: str, data: Any, *, where: str = "configuration", depth: int = 0) -> Any:
    """The part that `describe` wrote, after checking every name, field and value."""
    if depth > _DEEPEST:
        raise GlassnetError(f"nested more than {_DEEPEST} deep.", where=where)
    if not isinstance(data, Mapping) or not isinstance(data.get("class"), str):
        raise GlassnetError(f"expected {_article(kind)} as an object with a class.", where=where)
    name = data["class"]
    if name not in _CLASSES.get(kind, {}):
        raise unknown(kind, name, _CLASSES.get(kind, {}), where=where)
    cls = _CLASSES[kind][name]
    hints, required = _fields(cls)
    given = set(data) - {"class"}
    if extra := given - set(hints):
        raise unknown(f"field of {name}", min(extra), hints, where=where)
    if missing := required - given:
        raise GlassnetError(f"{name} lacks its {min(missing)!r}.", where=where)
    values = {
        key: _value(data[key], hints[key], f"{where}: {name}.{key}", depth)
        for key in hints
        if key in given
    }
    try:
        return cls(**values)
    except GlassnetError as error:
        raise error.inside(where) from error


@cache
def _fields(cls: type) -> tuple[dict[str, Any], frozenset[str]]:
    required = frozenset(
        field.name
        for field in dataclasses.fields(cls)
        if field.init
        and field.default is dataclasses.MISSING
        and field.default_factory is dataclasses.MISSING
    )
    return hints_of(cls), required


def _value(value: Any, hint: Any, where: str, depth: int) -> Any:
    """`value` as the annotated type, or an error: the JSON types are matched exactly."""
    unfit = []
    for option in options_of(hint):
        if option is type(None) and value is None:
            return None
        if option is bool and isinstance(value, bool):
            return value
        if option is int and isinstance(value, int) and not isinstance(value, bool):
            return value
        if option is float and isinstance(value, int | float) and not isinstance(value, bool):
            if not abs(value) <= sys.float_info.max:
                raise GlassnetError(f"{value!r:.80} is not a finite number.", where=where)
            return float(value)
        if option is str and isinstance(value, str):
            return value
        if get_origin(option) is tuple and isinstance(value, list):
            try:
                return _tuple(value, get_args(option), where, depth)
            except GlassnetError as error:  # another option may fit
                unfit.append(error)
        if isinstance(value, Mapping) and (kind := _kind_of(option)):
            return build(kind, value, where=where, depth=depth + 1)
    if len(unfit) == 1:
        raise unfit[0]
    raise GlassnetError(f"{value!r:.80} is not {hint}.", where=where)


def _tuple(value: list[Any], items: tuple[Any, ...], where: str, depth: int) -> tuple[Any, ...]:
    if len(items) == 2 and items[1] is Ellipsis:
        items = (items[0],) * len(value)
    if len(items) != len(value):
        raise GlassnetError(f"expected {len(items)} values, got {len(value)}.", where=where)
    return tuple(_value(v, hint, where, depth) for v, hint in zip(value, items, strict=True))


def _kind_of(option: Any) -> str | None:
    """The table that holds `option` or its subclasses."""
    if isinstance(option, type):
        for kind, entered in _CLASSES.items():
            if any(issubclass(cls, option) for cls in entered.values()):
                return kind
    return None


def _article(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"
