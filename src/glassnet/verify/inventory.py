"""Every public op, loss and layer there is, found by looking, so that none can be forgotten."""

import importlib
import inspect
import pkgutil
from typing import Any, get_args, get_type_hints

from glassnet import layers, losses, ops
from glassnet.core import registry
from glassnet.ops import ArrayPullback, Pullback

KINDS = ("op", "loss", "layer")


def public_ops() -> dict[str, Any]:
    """Every public function in ops/ that answers with a value and a pullback."""
    found = {}
    for module in pkgutil.iter_modules(ops.__path__):
        members = vars(importlib.import_module(f"{ops.__name__}.{module.name}"))
        for name, function in members.items():
            if inspect.isfunction(function) and not name.startswith("_"):
                answer = get_args(get_type_hints(function).get("return"))
                if answer and answer[-1] in (Pullback, ArrayPullback):
                    found[name] = function
    return found


def everything(kind: str) -> dict[str, Any]:
    """All ops, or all classes of losses or layers, by name."""
    assert layers
    assert losses  # imported, so that their classes are in the table of configs
    return public_ops() if kind == "op" else registry.classes(kind)
