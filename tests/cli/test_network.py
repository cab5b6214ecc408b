"""The options for a network's sizes: each says, and rightly, which networks have it."""

import re
from dataclasses import fields

import pytest
import typer

from glassnet.cli.common import sizes
from glassnet.cli.train import command
from glassnet.networks import options_of
from glassnet.runs.settings import NETWORKS, Sizes


@pytest.mark.parametrize("name", [field.name for field in fields(Sizes)])
def test_the_help_names_the_networks(name: str) -> None:
    (option,) = command.__annotations__[name].__metadata__
    said = re.fullmatch(r".* For (all but )?(.+)\.", option.help)
    assert said, option.help
    named = set(said[2].split(", "))
    having = {network for network in NETWORKS if name in options_of(network)}
    assert having == (set(NETWORKS) - named if said[1] else named)


def test_lists_of_sizes() -> None:
    assert sizes("240, 120", "--hidden") == (240, 120)
    assert sizes("", "--hidden") == ()
    assert sizes(None, "--hidden") is None
    for wrong in ("-3", "0", "x", "1,,2", "1.5"):
        with pytest.raises(typer.BadParameter, match="whole numbers above 0"):
            sizes(wrong, "--filters")
