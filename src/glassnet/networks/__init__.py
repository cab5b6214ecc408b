"""Recipes: well-known networks by name, built from their main sizes.

A recipe is a function that returns a layer. Its first arguments come from the data, `FROM_DATA`;
the others are its options, which the command line offers under the same names.
"""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.functions import functions, reserve
from glassnet.layers import Layer
from glassnet.networks.char_lm import char_lm
from glassnet.networks.cnn import cnn
from glassnet.networks.efficientnet_lite0 import efficientnet_lite0
from glassnet.networks.joined import joined
from glassnet.networks.lenet import lenet
from glassnet.networks.mlp import mlp
from glassnet.networks.mobilenet_v2 import mobilenet_v2
from glassnet.networks.recommender import recommender
from glassnet.networks.recurrent import gru, lstm, rnn
from glassnet.networks.resnet import resnet
from glassnet.networks.tabular import tabular
from glassnet.networks.text_transformer import text_transformer
from glassnet.networks.vit import vit

RECIPES: dict[str, Callable[..., Layer]] = {
    "mlp": mlp,
    "tabular": tabular,
    "lenet": lenet,
    "cnn": cnn,
    "resnet": resnet,
    "mobilenet-v2": mobilenet_v2,
    "efficientnet-lite0": efficientnet_lite0,
    "vit": vit,
    "rnn": rnn,
    "lstm": lstm,
    "gru": gru,
    "text-transformer": text_transformer,
    "char-lm": char_lm,
    "joined": joined,
    "recommender": recommender,
}
reserve("network", RECIPES)
FROM_DATA = ("classes", "shape", "vocabulary", "rescaling", "features", "inputs")


def recipe(name: str, **options: Any) -> Layer:
    """Return the network of a recipe; errors for unknown names or options suggest similar ones."""
    parameters = _parameters(name)
    for option in options:
        if option not in parameters:
            raise _unknown_option(name, option)
    for option, parameter in parameters.items():
        if parameter.default is inspect.Parameter.empty and option not in options:
            raise GlassnetError(f"needs {option}=...", where=name)
    network = _recipes()[name](**options)
    if not isinstance(network, Layer):
        raise GlassnetError(
            f"returned {type(network).__name__}, not a layer.",
            where=f"recipe {name}",
            fix="Return Sequential([...]).",
        )
    return network


def accepts(name: str, option: str) -> bool:
    """True if the recipe of this name accepts this option."""
    return name in _recipes() and option in _parameters(name)


def recipe_for(name: str, data: Mapping[str, Any], **options: Any) -> Layer:
    """Return the network for data, which supplies the arguments in `FROM_DATA` it accepts."""
    parameters = _parameters(name)
    supplied = {key: data[key] for key in FROM_DATA if key in parameters and key in data}
    return recipe(name, **supplied, **options)


def options_of(name: str) -> dict[str, Any]:
    """The options of a network and their defaults."""
    return {key: p.default for key, p in _parameters(name).items() if key not in FROM_DATA}


def _parameters(name: str) -> Mapping[str, inspect.Parameter]:
    """The parameters of a recipe."""
    if name not in _recipes():
        raise unknown("network", name, _recipes())
    return inspect.signature(_recipes()[name]).parameters


def _recipes() -> dict[str, Callable[..., Layer]]:
    """All recipes by name, own ones (`@register("network")`) after those of glassnet."""
    return {**functions("network"), **RECIPES}


def _unknown_option(name: str, option: str) -> GlassnetError:
    """The error for an option that the network does not have."""
    owners = [other for other in RECIPES if option in options_of(other)]
    if not owners:
        return unknown("option", option, options_of(name), where=name)
    has = "has" if len(owners) == 1 else "have"
    return GlassnetError(
        f"has no option {option!r}; {', '.join(owners)} {has} it.",
        where=name,
        fix=f"Its own are {', '.join(options_of(name))}.",
    )


__all__ = ["FROM_DATA", "RECIPES", "accepts", "options_of", "recipe", "recipe_for"]
