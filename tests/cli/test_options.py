"""Options from the table of settings; a network's say, and rightly, which networks have them."""

import inspect
import re
from dataclasses import fields

import pytest
import typer

from glassnet.cli.options import offers, sizes
from glassnet.cli.train import command
from glassnet.networks import options_of
from glassnet.runs.defaults import NETWORKS
from glassnet.runs.settings import Sizes


@pytest.mark.parametrize("name", [field.name for field in fields(Sizes)])
def test_the_help_names_the_networks(name: str) -> None:
    (option,) = inspect.signature(command).parameters[name].annotation.__metadata__
    said = re.fullmatch(r".* For (all but )?(.+)\.", option.help)
    assert said, option.help
    named = set(said[2].split(", "))
    having = {network for network in NETWORKS if name in options_of(network)}
    assert having == (set(NETWORKS) - named if said[1] else named)


def test_lists_of_sizes() -> None:
    assert sizes("240, 120") == (240, 120)
    assert sizes("") == ()
    assert sizes(None) is None
    for wrong in ("-3", "0", "x", "1,,2", "1.5"):
        with pytest.raises(typer.BadParameter, match="whole numbers above 0"):
            sizes(wrong)


def test_a_command_has_its_own_defaults_and_the_table_s() -> None:
    @offers("hidden", "loss", "epochs", batch_size=32)
    def command(data: str = "digits", **chosen: object) -> None:
        pass

    parameters = inspect.signature(command).parameters
    assert list(parameters) == ["data", "hidden", "loss", "epochs", "batch_size"]
    defaults = [parameter.default for parameter in parameters.values()]
    assert defaults == ["digits", None, None, None, 32]
