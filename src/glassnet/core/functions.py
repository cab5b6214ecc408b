"""Plain functions as parts: registered by kind and name, by which files refer to them.

A field that takes a function is annotated `Annotated[Function, kind]`. Where a kind has classes, a
function becomes a part by its `wrapper`: a loss by `OwnLoss`, and so on.
"""

import inspect
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Annotated, Any, TypeVar, get_args, get_origin

from glassnet.core.errors import GlassnetError
from glassnet.core.names import snake_case
from glassnet.core.validation import hints_of, options_of

Function = Callable[..., Any]
T = TypeVar("T")

_FUNCTIONS: dict[str, dict[str, Function]] = {}  # kind -> name -> function
_WRAPPERS: dict[str, type] = {}  # kind -> dataclass with a field `function`
_RESERVED: dict[str, frozenset[str]] = {}  # kind -> names of glassnet's own functions


def wrapper(kind: str) -> Callable[[type[T]], type[T]]:
    """Declare a dataclass with a field `function` to be what functions of this kind become."""

    def enter(cls: type[T]) -> type[T]:
        _WRAPPERS[kind] = cls
        _FUNCTIONS.setdefault(kind, {})
        return cls

    return enter


def reserve(kind: str, names: Iterable[str]) -> None:
    """Keep these names, by which files refer to functions of glassnet, from being registered."""
    _RESERVED[kind] = frozenset(names)


def is_function(value: Any) -> bool:
    """True for functions and what is called like one; False for classes and parts."""
    is_part = isinstance(value, type) or hasattr(value, "__dataclass_fields__")
    return callable(value) and not is_part


def refuse_foreign(part: Any, names: Iterable[str], where: str) -> None:
    """Raise for a function or an object of a library whose arrays and derivatives are others."""
    thing = part if hasattr(part, "__name__") else type(part)
    library = _LIBRARIES.get(str(thing.__module__).partition(".")[0])
    if library is None:
        return
    name = thing.__name__
    fix = "Write a function or class of your own: docs/own-parts.md."
    if own := [each for each in names if each in (name, snake_case(name))]:
        fix = f"Write {own[0]!r}" + (f", or use glassnet's {name}." if name[0].isupper() else ".")
    raise GlassnetError(f"{name} is {library}'s, and can't run here.", where=where, fix=fix)


_LIBRARIES = {"keras": "Keras", "numpy": "NumPy", "tensorflow": "TensorFlow", "torch": "PyTorch"}


def is_wrapped(part: Any) -> bool:
    """True for the part that a function became."""
    return type(part) in _WRAPPERS.values()


def wrapped(kind: str, function: Function, **fields: Any) -> Any:
    """Return the part that a function of this kind becomes; the function itself if none."""
    return _WRAPPERS[kind](function, **fields) if kind in _WRAPPERS else function


def wrapper_of(kind: str) -> type | None:
    """Return the dataclass of functions of this kind, if there is one."""
    return _WRAPPERS.get(kind)


def name_of(function: Function) -> str:
    """Return the name by which a function is registered, stored and reported."""
    return getattr(function, "__name__", type(function).__name__)


def functions(kind: str) -> dict[str, Function]:
    """Return the registered functions of a kind by name."""
    return dict(_FUNCTIONS.get(kind, {}))


def registered(kind: str, name: str, where: str) -> Function:
    """Return the registered function of this kind and name; raise if there is none."""
    if name not in functions(kind):
        raise GlassnetError(
            f"no function {name!r:.80} is registered.",
            where=where,
            fix=f'Run the code with its @register("{kind}") first.',
        )
    return functions(kind)[name]


def enter(kind: str, function: Function, names: Sequence[str], taken: Sequence[str]) -> None:
    """Register a function; raise if files could not name it, or if the name is another's."""
    name = getattr(function, "__name__", "<none>")
    if not name.isidentifier():
        raise GlassnetError(
            f"{name} is not a name that files could hold.",
            where=f"register({kind!r})",
            fix=f'Define it with a name: @register("{kind}") above def my_{kind}(...).',
        )
    for each in (name, *names):
        other = _FUNCTIONS.get(kind, {}).get(each)
        if each in _RESERVED.get(kind, ()) or (other is None and each in taken):
            raise GlassnetError(
                f"glassnet has a part of this kind ({kind}) and name.",
                where=f"function {each}",
                fix="Rename the function.",
            )
        if other is not None and other.__module__ != function.__module__:
            raise GlassnetError(
                f"{other.__module__} has registered another one, and files hold only the name.",
                where=f"function {each}",
                fix="Rename the function.",
            )
        _FUNCTIONS.setdefault(kind, {})[each] = function


def require_function(kind: str, function: Function, where: str) -> None:
    """Raise unless this function is registered; one defined again, as in a notebook, counts as the
    same, but not a closure: another one has other values.
    """
    other = _FUNCTIONS.get(kind, {}).get(name_of(function))
    if other is function or (other is not None and _same(other, function)):
        return
    name = name_of(function)
    fix = how_to_register(kind, f"def {name}", name)
    if not name.isidentifier():
        fix = f'Give it a name: @register("{kind}"), and def my_{kind}(...) below it.'
    raise GlassnetError(
        f"the function {name} is not registered, so no file with it could be read.",
        where=where,
        fix=fix,
    )


def how_to_register(kind: str, what: str, name: str) -> str:
    """Return the sentence that says how a class or function is registered."""
    return (
        f'Write @register("{kind}") above {what}, with from glassnet import register; or, later: '
        f'register("{kind}")({name}).'
    )


def _same(one: Function, other: Function) -> bool:
    origins = {(f.__module__, getattr(f, "__qualname__", "")) for f in (one, other)}
    closures = [getattr(f, "__closure__", None) for f in (one, other)]
    return len(origins) == 1 and closures == [None, None]


@cache
def function_fields(cls: type) -> dict[str, str]:
    """Return the kinds of the fields that take a function, by field."""
    kinds = {}
    for name, hint in hints_of(cls).items():
        for option in options_of(hint):
            if kind := kind_of_option(option):
                kinds[name] = kind
    return kinds


def kind_of_option(option: Any) -> str:
    """Return the kind of function that an annotation takes; "" if it takes none."""
    return get_args(option)[1] if get_origin(option) is Annotated else ""


def parameters_of(function: Function) -> tuple[str, ...]:
    """Return the names of a function's parameters; () if they can't be known."""
    try:
        return tuple(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return ()


# The first two parameters of a loss or metric: do the targets come first?
_ORDERS: dict[tuple[str, ...], bool] = {
    ("y_true", "y_pred"): True,
    ("y_pred", "y_true"): False,
    ("targets", "outputs"): True,
    ("outputs", "targets"): False,
}


@cache
def targets_first(function: Function) -> bool:
    """True if the function takes (y_true, y_pred), False for (outputs, targets), by their names.

    Raises for other names: taken in the wrong order, most losses would be wrong without a sign.
    """
    parameters = parameters_of(function)
    order = _ORDERS.get(parameters[:2])
    if order is None:
        name = name_of(function)
        raise GlassnetError(
            f"has the parameters ({', '.join(parameters)}), which don't say which are the targets.",
            where=f"function {name}",
            fix=f"Name them as in Keras: def {name if name.isidentifier() else 'my_loss'}"
            "(y_true, y_pred).",
        )
    return order
