"""Named recipes: networks that the field has names for, from their main sizes."""

import inspect
from collections.abc import Callable
from typing import Any

from glassnet.errors import GlassnetError, unknown
from glassnet.layers import Sequential
from glassnet.networks.mlp import mlp

RECIPES: dict[str, Callable[..., Sequential]] = {"mlp": mlp}


def recipe(name: str, **options: Any) -> Sequential:
    """The network of a recipe's name; an unknown name or option is an error with suggestions."""
    if name not in RECIPES:
        raise unknown("network", name, RECIPES)
    parameters = inspect.signature(RECIPES[name]).parameters
    for option in options:
        if option not in parameters:
            raise unknown("option", option, parameters, where=name)
    for option, parameter in parameters.items():
        if parameter.default is inspect.Parameter.empty and option not in options:
            raise GlassnetError(f"needs {option}=...", where=name)
    return RECIPES[name](**options)


__all__ = ["RECIPES", "mlp", "recipe"]
