"""Checks of the classes that users write: own layers, losses, ..."""

from collections.abc import Callable
from functools import wraps
from inspect import isfunction, signature
from typing import Any

from glassnet.core.errors import GlassnetError

OWN_KINDS = frozenset(
    {"constraint", "initializer", "layer", "loss", "metric", "optimizer", "regularizer", "schedule"}
)  # whose classes are dataclasses


_CALLED = {  # kind -> (method, the arguments that it is called with, Keras's first one)
    "constraint": ("__call__", "weight", ""),
    "initializer": ("__call__", "rng, shape", "shape"),
    "layer": ("forward", "params, x, context", ""),
    "loss": ("each", "outputs, targets", "y_true"),
    "metric": ("measure", "outputs, targets, *, kind", "y_true"),
    "optimizer": ("update", "g, slots, w, rate, step", ""),
    "regularizer": ("__call__", "weight", ""),
    "schedule": ("__call__", "step", ""),
}
_RETURNED = {  # kind -> what such a method returns, if it is a value and its pullback
    "layer": "y, pullback, with pullback(dy) -> (dx, gradients)",
    "loss": "losses, pullback, with pullback(dlosses) -> doutputs",
    "regularizer": "penalty, pullback, with pullback(dpenalty) -> dweight",
}


REGISTER = 'Above the class: @register("{}"), with from glassnet import register.'


def is_own(cls: type) -> bool:
    """True for a class that is not one of glassnet's."""
    return cls.__module__.partition(".")[0] != "glassnet"


def require_arguments(cls: Any, arguments: tuple[Any, ...], options: dict[str, Any]) -> None:
    """Raise unless the class, which is not a dataclass itself, takes these arguments."""
    try:
        signature(cls.__init__).bind(None, *arguments, **options)
    except TypeError as error:
        fields = ", ".join(vars(cls).get("__annotations__", ()))
        raise GlassnetError(
            f"{error}." if not fields else f"its fields ({fields}) are not arguments yet.",
            where=f"class {cls.__name__}",
            fix=REGISTER.format(cls.kind),
        ) from error


def fields_for_init(cls: type, kind: str) -> GlassnetError:
    """Return the error for an own class with an `__init__`, from which files can't be read."""
    return GlassnetError(
        "defines __init__, but its fields are its arguments.",
        where=f"class {cls.__name__}",
        fix=f"Write each argument as a field in its body, such as units: int = 32. "
        f"{REGISTER.format(kind)}",
    )


def check_method(cls: Any, kind: str) -> None:
    """Make the class's `forward` (`each`, ...) check that it returns a value and a pullback.

    Raises if it takes other arguments than glassnet passes.
    """
    name, parameters, first = _CALLED[kind]
    method = vars(cls).get(name)
    if not isfunction(method):
        return
    positional = parameters.partition(", *")[0].split(", ")
    keywords = {"kind": None} if kind == "metric" else {}
    problem = ""
    try:
        signature(method).bind(cls, *positional, **keywords)
    except TypeError as error:
        problem = f"takes other arguments than it is called with ({error})."
    if first and list(signature(method).parameters)[1:2] == [first]:
        problem = f"takes {first} first, as in Keras."
    if problem:
        raise GlassnetError(
            f"its {name} {problem}",
            where=f"class {cls.__name__}",
            fix=f"Write def {name}(self, {parameters}).",
        )

    @wraps(method)
    def checked(self: Any, *arguments: Any, **options: Any) -> Any:
        returned = called(method, self, *arguments, **options)
        if not (isinstance(returned, tuple) and len(returned) == 2 and callable(returned[1])):
            raise GlassnetError(
                f"returned {type(returned).__name__}, not a value and its pullback.",
                where=f"{type(self).__name__}.{name}",
                fix=f"Return {_RETURNED[kind]}; check it by glassnet.gradcheck.",
            )
        return returned

    if kind in _RETURNED:
        setattr(cls, name, checked)


def called(function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Call the function or method; if JAX can't run it, say how it is written for both engines."""
    try:
        return function(*arguments, **options)
    except Exception as error:
        if not type(error).__module__.startswith("jax"):
            raise
        raise not_for_jax(function, error) from error


def not_for_jax(function: Callable[..., Any], error: Exception) -> GlassnetError:
    """Return the error for a function that JAX can't run."""
    reason = f"{type(error).__name__}: {error}".splitlines()[0]
    return GlassnetError(
        f"JAX can't run it ({reason:.200}).",
        where=getattr(function, "__qualname__", type(function).__name__).split("<locals>.")[-1],
        fix="Write it with operators and the functions of xp = x.__array_namespace__(), which is "
        "numpy or jax.numpy: xp.where(x > 0, x, 0), not if, and not NumPy's own functions.",
    )
