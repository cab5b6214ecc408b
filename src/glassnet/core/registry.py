"""The registry of layers, losses, optimizers, ..., and their conversion to and from JSON values.

Every part that a person can name (a layer, an initializer, a loss, an optimizer, ...) is a frozen
dataclass registered in one fixed table. `describe` returns it as a dict of JSON values; `build`
rebuilds it. `build` trusts nothing: it accepts only names in the table, only the dataclass's own
fields, only values of the annotated types, and never imports, evaluates or looks up anything else.
"""

import dataclasses
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, TypeVar, dataclass_transform, get_args, get_origin

from glassnet.core import functions
from glassnet.core.errors import GlassnetError, errors_inside, unknown
from glassnet.core.keras_hints.names import NAMES, module_of
from glassnet.core.names import GeneratedName
from glassnet.core.own_classes import fields_for_init
from glassnet.core.validation import checked, hints_of, in_words, options_of

_CLASSES: dict[str, dict[str, type]] = {}  # kind -> class name -> class
_NAMED: dict[str, dict[str, Any]] = {}  # kind -> short name -> instance
_KINDS = (  # of which parts can be registered
    "activation", "augmentation", "constraint", "data", "initializer", "layer", "loss", "metric",
    "network", "optimizer", "regularizer", "schedule",
)  # fmt: skip
_OWN_KINDS = (  # of parts of glassnet alone
    "column", "rows", "settings", "spectrogram", "target", "tokenizer",
)  # fmt: skip
ADDED = {"omit_default": True}  # metadata of a field that older files lack
OF_COMPILE = {  # kinds that `compile` takes, and how
    "loss": 'loss="{}"',
    "metric": 'metrics=["{}"]',
    "optimizer": 'optimizer="{}"',
}
_DEEPEST = 32  # no network nests deeper; a file that does attacks the stack

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(dataclasses.field, dataclasses.Field))
def register(kind: str, *names: str) -> Callable[[T], T]:
    """Register an own class or function under its kind, so that files can hold it.

    A class becomes a frozen dataclass if it is not one yet; each short name stands for it with its
    defaults. A function is registered under its name, too. It must be called before a file with
    the part is loaded. Raises if files could not hold the part.
    """
    if kind not in (*_KINDS, *_OWN_KINDS):
        if not isinstance(kind, str):
            part: Any = kind
            name = getattr(part, "__name__", "it")
            fix = f'Write @register("{_kind_among_bases(part)}") above {name}.'
            raise GlassnetError("needs the kind of the part.", where="register", fix=fix)
        raise unknown("kind", kind, _KINDS, where="register")

    def enter(part: Any) -> Any:
        if not isinstance(part, type):
            _enter_function(kind, part, names)
            return part
        _check_class(kind, part)
        _CLASSES.setdefault(kind, {})[part.__name__] = part
        for name in names:
            alias(kind, name, part())
        return checked(part, kind)

    return enter


def _enter_function(kind: str, function: Any, names: tuple[str, ...]) -> None:
    if not functions.is_function(function):
        what = f"{function!r:.80} is neither a class nor a function."
        raise GlassnetError(what, where="register")
    taken = [*_NAMED.get(kind, {}), *_CLASSES.get(kind, {})]
    part = functions.wrapped(kind, function)  # raises if its parameters don't fit
    functions.enter(kind, function, names, taken)
    if part is not function:
        for name in (function.__name__, *names):
            alias(kind, name, part)


def _check_class(kind: str, cls: type) -> None:
    """Raise unless files can hold the class: a frozen dataclass whose name is not another's."""
    where = f"class {cls.__name__}"
    if "__dataclass_params__" not in vars(cls):
        if "__init__" in vars(cls):
            raise fields_for_init(cls, kind)
        dataclasses.dataclass(frozen=True)(cls)
    if not vars(cls)["__dataclass_params__"].frozen:
        raise GlassnetError(
            "is not a frozen dataclass; files hold the fields of one.",
            where=where,
            fix=f'Write @register("{kind}") alone, or @dataclass(frozen=True) below it.',
        )
    other = _CLASSES.get(kind, {}).get(cls.__name__, cls)
    if other.__module__ != cls.__module__:  # else it is defined again, as in a notebook
        raise GlassnetError(
            f"{other.__module__} has {_article(kind)} of this name, and files hold only the name.",
            where=where,
            fix="Rename the class.",
        )


def added(default: Any, kw_only: Any = dataclasses.MISSING) -> Any:
    """Return a field that older files lack; at its default, it is left out of new ones, too."""
    return dataclasses.field(default=default, kw_only=kw_only, metadata=ADDED)


def require_registered(part: Any, where: str = "") -> None:
    """Raise unless files can hold the part: it and all parts in its fields are registered."""
    if isinstance(part, tuple | list):
        for item in part:
            require_registered(item, where)
    elif dataclasses.is_dataclass(part) and not isinstance(part, type):
        if not _is_registered(part):
            raise _not_registered(part, where)
        kinds = functions.function_fields(type(part))
        for field in dataclasses.fields(part):
            value = getattr(part, field.name)
            if field.name in kinds and functions.is_function(value):
                functions.require_function(kinds[field.name], value, where)
            require_registered(value, where)


def _is_registered(part: Any, kinds: Iterable[str] = ()) -> bool:
    """True if a class of this name and module is; it may be defined again, as in a notebook."""
    cls = type(part)
    if any(cls is functions.wrapper_of(kind) for kind in kinds or _KINDS):
        return True
    others = (_CLASSES.get(kind, {}).get(cls.__name__) for kind in kinds or _CLASSES)
    return any(other and other.__module__ == cls.__module__ for other in others)


def _not_registered(part: Any, where: str) -> GlassnetError:
    kind, name = _kind_among_bases(type(part)), type(part).__name__
    return GlassnetError(
        f"{name} is not registered, so no file with it could be read.",
        where=where,
        fix=functions.how_to_register(kind, f"class {name}", name),
    )


def _kind_among_bases(cls: Any) -> str:
    return next(filter(None, map(kind_of, getattr(cls, "__mro__", ())[1:])), "layer")


def alias(kind: str, name: str, part: Any) -> None:
    """Register a short name for this instance."""
    _NAMED.setdefault(kind, {})[name] = part


def classes(kind: str) -> dict[str, type]:
    """Return the classes of a kind by name."""
    return dict(_CLASSES.get(kind, {}))


def named(kind: str) -> dict[str, Any]:
    """Return the instances of a kind by short name."""
    return dict(_NAMED.get(kind, {}))


def names(kind: str) -> list[str]:
    """Return the short names of a kind, sorted; those in capitals are other spellings."""
    return sorted(name for name in _NAMED.get(kind, {}) if name.islower())


def resolve(kind: str, value: Any, *, where: str = "") -> Any:
    """Return the instance that a name or a class stands for, which has its defaults; an instance of
    a registered class is returned unchanged.
    """
    if isinstance(value, str):
        if value in _NAMED.get(kind, {}):
            return _NAMED[kind][value]
        value = _CLASSES.get(kind, {}).get(value, value)
        if isinstance(value, str):
            raise _unknown_name(kind, value, where)
    if kind in ("loss", "metric", "optimizer"):
        functions.refuse_foreign(value, names(kind), where)
    if functions.wrapper_of(kind) and functions.is_function(value):
        return functions.wrapped(kind, value)
    if isinstance(value, type) and value in _CLASSES.get(kind, {}).values():
        return value()
    if any(kind_of(base) == kind for base in type(value).__mro__[1:]) and (
        not _is_registered(value)
    ):
        raise _not_registered(value, where)
    if not _is_registered(value, [kind]):
        raise GlassnetError(
            f"{value!r} is not {_article(kind)}.",
            where=where,
            fix=f"Give one of glassnet's {kind} classes or a name: {', '.join(names(kind))}.",
        )
    return value


def _unknown_name(kind: str, name: str, where: str) -> GlassnetError:
    """Return the error for an unknown name; says if it is one of another kind."""
    hint = NAMES.get(module_of(kind), {}).get(name, "")
    others = (other for other in OF_COMPILE if other != kind and name in _NAMED.get(other, {}))
    if not hint and kind in OF_COMPILE and (other := next(others, None)):
        hint = f"It is {_article(other)}: compile({OF_COMPILE[other].format(name)})."
    if hint:
        return GlassnetError(f"unknown {kind} {name!r:.80}.", where=where, fix=hint)
    return unknown(kind, name, names(kind), where=where)


def describe(part: Any) -> Any:
    """Return the part as JSON values, defaults included: `{"class": name, field: value, ...}`.

    Fields that were `added` are left out at their default.
    """
    if dataclasses.is_dataclass(part) and not isinstance(part, type):
        fields = {
            field.name: describe(getattr(part, field.name))
            for field in dataclasses.fields(part)
            if field.init
            and not (field.metadata == ADDED and getattr(part, field.name) == field.default)
        }
        if functions.is_wrapped(part):  # the function's name stands for its class
            return {"class": fields.pop("function"), **fields}
        return {"class": type(part).__name__, **fields}
    if functions.is_function(part):
        return functions.name_of(part)
    if isinstance(part, tuple):
        return [describe(item) for item in part]
    if isinstance(part, GeneratedName):  # the part itself has none
        return None
    return part.item() if hasattr(part, "item") else part  # NumPy scalars become Python's


def build(kind: str, data: Any, *, where: str = "configuration", depth: int = 0) -> Any:
    """The part that `describe` wrote, after checking every name, field and value."""
    if depth > _DEEPEST:
        raise GlassnetError(f"nested more than {_DEEPEST} deep.", where=where)
    if not isinstance(data, Mapping) or not isinstance(data.get("class"), str):
        raise GlassnetError(f"expected {_article(kind)} as an object with a class.", where=where)
    name = data["class"]
    function = functions.functions(kind).get(name) if functions.wrapper_of(kind) else None
    cls: Any = functions.wrapper_of(kind) if function else _CLASSES.get(kind, {}).get(name)
    if cls is None:
        raise _unknown_class(kind, name, where)
    hints, required = _fields(cls)
    keys = set(data) - {"class"}
    if function:
        hints, required = {k: v for k, v in hints.items() if k != "function"}, frozenset()
    if extra := keys - set(hints):
        raise unknown(f"field of {name}", min(extra), hints, where=where)
    if missing := required - keys:
        raise GlassnetError(f"{name} lacks its {min(missing)!r}.", where=where)
    values = {
        key: _value(data[key], hints[key], f"{where}: {name}.{key}", depth)
        for key in hints
        if key in keys
    }
    with errors_inside(where):
        return cls(function, **values) if function else cls(**values)


def _unknown_class(kind: str, name: str, where: str) -> GlassnetError:
    error = unknown(kind, name, _CLASSES.get(kind, {}), where=where)
    own = f'If it is your own, run the code with its @register("{kind}") first.'
    return GlassnetError(error.what, where=where, fix=f"{error.fix} {own}")


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
    """Return `value` as the annotated type; raises unless its JSON type matches exactly."""
    errors = []
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
        if (of := functions.kind_of_option(option)) and isinstance(value, str):
            return functions.registered(of, value, where)
        if get_origin(option) is tuple and isinstance(value, list):
            try:
                return _tuple(value, get_args(option), where, depth)
            except GlassnetError as error:  # another option may fit
                errors.append(error)
        if isinstance(value, Mapping) and (kind := kind_of(option)):
            return build(kind, value, where=where, depth=depth + 1)
    if len(errors) == 1:
        raise errors[0]
    raise GlassnetError(f"{value!r:.80} is not {in_words(hint, of_files=True)}.", where=where)


def _tuple(value: list[Any], items: tuple[Any, ...], where: str, depth: int) -> tuple[Any, ...]:
    if len(items) == 2 and items[1] is Ellipsis:
        items = (items[0],) * len(value)
    if len(items) != len(value):
        raise GlassnetError(f"expected {len(items)} values, got {len(value)}.", where=where)
    return tuple(_value(v, hint, where, depth) for v, hint in zip(value, items, strict=True))


def kind_of(option: Any) -> str | None:
    """Return the kind under which `option` or a subclass of it is registered."""
    if isinstance(option, type):
        for kind, registered in _CLASSES.items():
            if any(issubclass(cls, option) for cls in registered.values()):
                return kind
    return None


def _article(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"
