"""Arguments that a function or class doesn't take: errors that say what to write instead."""

from collections.abc import Callable, Iterable
from functools import wraps
from inspect import signature
from typing import ParamSpec, TypeVar

from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.keras_hints.arguments import ARGUMENTS, WITHOUT_EFFECT

P = ParamSpec("P")
R = TypeVar("R")


def unknown_argument(option: str, known: Iterable[str], place: str, where: str) -> Exception:
    """Return the error for an unknown argument; `place` is a key of `ARGUMENTS`."""
    if fix := ARGUMENTS.get(place, {}).get(option):
        return GlassnetError(f"takes no {option}.", where=where, fix=fix)
    return unknown("argument", option, known, where=where)


def checked_arguments(place: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorator of a function that raises GlassnetError for arguments that it doesn't take.

    `place` names it in errors, and may be a key of `ARGUMENTS`. Type checkers see the function's
    own signature.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def call(*args: P.args, **options: P.kwargs) -> R:
            try:
                return function(*args, **options)
            except TypeError as error:
                if error.__traceback__ is None or error.__traceback__.tb_next is not None:
                    raise  # from inside the function
                problem = error
            taken = signature(function)
            known = [name for name in taken.parameters if name not in ("self", "cls")]
            for option in options:
                if option not in known:
                    raise unknown_argument(option, known, place, place)
            try:
                taken.bind(*args, **options)
            except TypeError as error:
                raise GlassnetError(
                    f"{error}.", where=place, fix=f"It takes: {', '.join(known)}."
                ) from None
            raise problem

        return call

    return decorate


def is_without_effect(kind: str, name: str, value: object) -> bool:
    """True if this argument of Keras's changes nothing with this value."""
    neutral = WITHOUT_EFFECT.get(kind, {})
    return name in neutral and type(value) is type(neutral[name]) and value == neutral[name]
