"""Imports of names that glassnet lacks raise an error that says what to write instead."""

import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from glassnet.core.keras_hints.names import MODULES, NAMES, OTHER_NAMES

_OLD_NAMES = {"IdentityInitializer": "identity", "OrthogonalInitializer": "orthogonal"}  # of Keras


def hint(namespace: str, name: str, known: Iterable[str] = ()) -> str:
    """Return the message for a name that a module of glassnet lacks ("" is `glassnet` itself)."""
    module = f"glassnet.{namespace}" if namespace else "glassnet"
    message = f"{module} has no {name!r}."
    fix = MODULES.get("" if namespace else name)
    places = [namespace] if namespace else ["", *NAMES]  # `glassnet` has all names
    for place in places:
        fix = fix or NAMES.get(place, {}).get(name)
    if fix:
        return f"{message} {fix}"
    from glassnet.core.errors import did_you_mean  # only now: `import glassnet` is light

    if question := did_you_mean(name, known, cutoff=0.75):
        return f"{message} {question}"
    fix = OTHER_NAMES.get(namespace) or MODULES.get(namespace) or "dir(glassnet) lists its names."
    return f"{message} {fix}"


def missing(module: str, name: str, known: Iterable[str] = ()) -> AttributeError:
    """Return the error of a module's `__getattr__`."""
    return AttributeError(hint(module.partition(".")[2].rpartition(".")[2], name, known), name=name)


def hint_at_missing(module: str, lookup: Callable[[str], Any] | None = None) -> None:
    """Let a module say what to write for names that it lacks, and that `lookup` does not find."""
    this: Any = sys.modules[module]

    def find(name: str) -> Any:
        if not name.startswith("_") and lookup is not None:
            with suppress(AttributeError):
                return lookup(name)
        raise missing(module, name, [known for known in vars(this) if known[0] != "_"])

    this.__getattr__ = find
    vars(this).setdefault("__path__", [])  # else Python would not ask the finder below


def part_named(name: str, named: Mapping[str, Any]) -> Any:
    """Return what creates the part of a short name, as Keras's `initializers.he_normal` does."""
    from dataclasses import replace  # only now: `import glassnet` is light

    part = named.get(_OLD_NAMES.get(name, name))
    if part is None:
        raise AttributeError(name)
    return type(part) if part == type(part)() else partial(replace, part)


class _Finder:
    """Raises ImportError, with the hint, for imports from `glassnet` that find nothing.

    Python asks it last, for `import glassnet.backend` and `from glassnet.layers import RNN`.
    """

    @staticmethod
    def find_spec(fullname: str, path: Any = None, target: Any = None) -> None:
        package, _, rest = fullname.partition(".")
        namespace, _, name = rest.rpartition(".")
        if package == "glassnet" and name and not name.startswith("_"):
            names = getattr(sys.modules.get(fullname.rpartition(".")[0]), "__all__", ())
            raise ImportError(hint(namespace.rpartition(".")[2], name, names), name=fullname)


def install() -> None:
    """Make imports of missing names say what to write instead."""
    if _Finder not in sys.meta_path:
        sys.meta_path.append(_Finder)
