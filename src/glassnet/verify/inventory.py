"""All public ops, losses and layers, found by introspection, so that none can be forgotten."""

import importlib
import inspect
import pkgutil
from typing import Any, get_args, get_type_hints

from glassnet import layers, losses, ops
from glassnet.core import registry
from glassnet.ops import ArrayPullback, Pullback

KINDS = ("op", "loss", "layer")


def public_ops() -> dict[str, Any]:
    """Return every public function in ops/ that returns a value and a pullback."""
    functions = {}
    for module in pkgutil.iter_modules(ops.__path__):
        members = vars(importlib.import_module(f"{ops.__name__}.{module.name}"))
        for name, function in members.items():
            if inspect.isfunction(function) and not name.startswith("_"):
                returned = get_args(get_type_hints(function).get("return"))
                if returned and returned[-1] in (Pullback, ArrayPullback):
                    functions[name] = function
    return functions


def everything(kind: str) -> dict[str, Any]:
    """Return all ops, or all classes of losses or layers, by name."""
    assert layers
    assert losses  # imported, so that their classes are registered
    return public_ops() if kind == "op" else registry.classes(kind)
