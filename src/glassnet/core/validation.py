"""Checking the arguments of registered dataclasses against their type annotations.

A class's own checks run first, because they know more. Arguments that they accept, or fail on, are
then checked against their annotations. NumPy scalars become Python numbers: a float64 scalar would
turn the float32 arrays that it meets into float64 arrays.
"""

import dataclasses
import inspect
import math
import types
from collections.abc import Callable, Mapping
from functools import cache, wraps
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from glassnet.core.errors import GlassnetError
from glassnet.core.keras_names import unsettable
from glassnet.core.unknown_arguments import is_without_effect, unknown_argument

T = TypeVar("T")
_DESCRIPTIONS: dict[Any, str] = {
    int: "a whole number",
    float: "a finite number",
    bool: "True or False",
    str: "a name",
    type(None): "None",
    tuple: "a tuple",
    Callable: "a function",
}
_OF_FILES: dict[Any, str] = {
    bool: "true or false",
    str: "a string",
    type(None): "null",
    tuple: "a list",
}


def checked(cls: type[T], kind: str) -> type[T]:
    """Make the dataclass check its arguments' names and types, and return it."""
    original: Callable[..., None] = cls.__init__
    signature = inspect.signature(original)
    renamed: Mapping[str, str] = getattr(cls, "keras_arguments", {})  # where Keras has another name

    @wraps(original)
    def init(self: Any, *args: Any, **options: Any) -> None:
        options = {renamed.get(name, name): value for name, value in options.items()}
        for name in tuple(options):
            if name in signature.parameters:
                continue
            if not is_without_effect(kind, name, options.pop(name)):
                known = [other for other in signature.parameters if other != "self"]
                raise unknown_argument(name, known, kind, cls.__name__)
        try:
            arguments = signature.bind(self, *args, **options).arguments
        except TypeError as error:
            raise GlassnetError(f"{error}.", where=cls.__name__) from error
        arguments = {name: _plain(value) for name, value in arguments.items() if name != "self"}
        try:
            original(self, **arguments)
        except GlassnetError:
            raise
        except Exception:
            _check(cls, arguments)
            raise
        _check(cls, arguments)

    cls.__init__ = init  # type: ignore[method-assign]
    cls.__setattr__ = set_field  # type: ignore[method-assign]
    return cls


def set_field(part: Any, name: str, value: Any) -> None:
    """Set a field that its class lists as `settable`, checked as in the constructor.

    A descriptor with `assign` sets its field by that.
    """
    if assign := getattr(inspect.getattr_static(type(part), name, None), "assign", None):
        assign(part, value)
        return
    if name not in getattr(type(part), "settable", ()):
        raise unsettable(part, name)
    checked = getattr(dataclasses.replace(part, **{name: value}), name)
    object.__setattr__(part, name, checked)
    part.__post_init__()  # what belongs to the copy belongs to this part now


@cache
def hints_of(cls: type) -> dict[str, Any]:
    """Return the annotated types of a dataclass's arguments by name."""
    hints = get_type_hints(cls, include_extras=True)
    return {field.name: hints[field.name] for field in dataclasses.fields(cls) if field.init}


def options_of(hint: Any) -> tuple[Any, ...]:
    """Return the alternatives of a union, `float` last so that whole numbers stay integers."""
    options = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    return tuple(sorted(options, key=lambda option: option is float))


def _plain(value: Any) -> Any:
    """Return NumPy scalars as Python numbers, and models as their networks, also in tuples."""
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    if getattr(type(value), "kind", "") == "model":
        return value.network
    return value.item() if hasattr(value, "item") and getattr(value, "ndim", 1) == 0 else value


def _check(cls: type, arguments: dict[str, Any]) -> None:
    """Raise if an argument matches none of the types in its annotation."""
    hints = hints_of(cls)
    for name, value in arguments.items():
        if name not in hints:  # an InitVar, which the class's own checks have accepted
            continue
        options = [_class_of(option) for option in options_of(hints[name])]
        if any(not isinstance(option, type) or _fits(value, option) for option in options):
            continue
        raise GlassnetError(
            f"must be {in_words(hints[name])}, got {value!r:.80}.",
            where=f"{cls.__name__}: {name}",
        )


def _class_of(option: Any) -> Any:
    """Return the class whose instances an annotation accepts: `Callable` for functions."""
    option = get_args(option)[0] if get_origin(option) is Annotated else option
    return get_origin(option) or option


def _fits(value: Any, option: type) -> bool:
    if option in (int, float) and isinstance(value, bool):
        return False
    if option is float:
        return isinstance(value, int | float) and math.isfinite(value)
    return isinstance(value, list | tuple if option is tuple else option)


def in_words(hint: Any, *, of_files: bool = False) -> str:
    """Return the values that an annotation accepts, in Python's words or in those of files."""
    words = _DESCRIPTIONS | (_OF_FILES if of_files else {})
    options = map(_class_of, options_of(hint))
    return " or ".join(words.get(option, f"of the class {option.__name__}") for option in options)
