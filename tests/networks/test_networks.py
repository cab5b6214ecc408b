"""Networks by name, and their options."""

import inspect
from dataclasses import fields
from pathlib import Path

import pytest

from glassnet.core.errors import GlassnetError
from glassnet.networks import FROM_DATA, RECIPES, options_of, recipe, recipe_for
from glassnet.runs.defaults import (
    DEFAULT_NETWORK,
    KINDS,
    NETWORKS,
    default_batch_size,
    default_epochs,
    require_readable,
)
from glassnet.runs.settings import Settings, Sizes, choose


def test_every_network_has_its_habits_and_a_test() -> None:
    assert set(RECIPES) == set(NETWORKS)
    assert set(DEFAULT_NETWORK) == set(KINDS)
    for kind, name in DEFAULT_NETWORK.items():
        assert kind in NETWORKS[name].reads
    tests = {path.stem.removeprefix("test_") for path in Path(__file__).parent.glob("test_*")}
    for made in RECIPES.values():
        assert made.__module__.rpartition(".")[2] in tests


def test_every_size_is_an_option_of_some_network_and_the_other_way_round() -> None:
    options = {option for name in RECIPES for option in options_of(name)} - {"output_activation"}
    assert options == {field.name for field in fields(Sizes)}
    for made in RECIPES.values():
        parameters = inspect.signature(made).parameters
        assert {"classes", "output_activation"} <= set(parameters)
        needed = [k for k, p in parameters.items() if p.default is inspect.Parameter.empty]
        assert set(needed) <= set(FROM_DATA)


def test_the_command_line_offers_every_setting() -> None:
    from glassnet.cli.train import command

    offered = set(inspect.signature(command).parameters)
    assert {field.name for field in fields(Settings)} - {"fold"} <= offered  # --folds makes those


def test_an_option_of_other_networks_names_them() -> None:
    with pytest.raises(GlassnetError) as caught:
        recipe("lstm", classes=2, shape=(3, 4), filters=(3,))
    assert "lstm: has no option 'filters'; lenet, cnn, resnet have it." in str(caught.value)
    assert "Its own are units, depth, bidirectional, embedding, dropout" in str(caught.value)
    with pytest.raises(GlassnetError, match="'patch'; vit has"):
        recipe("mlp", classes=2, patch=3)
    with pytest.raises(GlassnetError, match="Did you mean 'units'"):
        recipe("lstm", classes=2, shape=(3, 4), unit=3)
    with pytest.raises(GlassnetError, match=r"needs shape=\.\.\."):
        recipe("cnn", classes=2)
    with pytest.raises(GlassnetError, match="Did you mean 'resnet'"):
        recipe("restnet", classes=2)


def test_data_supply_the_arguments_of_a_recipe() -> None:
    data = {"classes": 3, "shape": (4, 4), "vocabulary": None, "rescaling": None}
    assert recipe_for("mlp", data, hidden=(2,)) == recipe("mlp", classes=3, hidden=(2,))
    assert recipe_for("gru", data) == recipe("gru", classes=3, shape=(4, 4))


def test_settings_are_the_networks_habits_unless_chosen() -> None:
    assert choose("fashion-mnist", "numbers") == Settings()
    chosen = choose("digits", "numbers", "cnn", epochs=3, learning_rate=None, filters=(4,))
    assert (chosen.network, chosen.epochs, chosen.filters) == ("cnn", 3, (4,))
    assert chosen.learning_rate == NETWORKS["cnn"].learning_rate
    assert choose("a.csv", "texts").network == "text-transformer"
    assert choose("a.txt", "corpus").network == "char-lm"
    assert chosen.of(Sizes) == {"filters": (4,)}


def test_few_rows_make_small_batches() -> None:
    """About ten steps an epoch, never a last batch of one row, and else the network's own."""
    assert [default_batch_size("cnn", rows) for rows in (126, 1294, 54_000)] == [12, 128, 128]
    assert [default_batch_size("mlp", rows) for rows in (1, 9, 108, 640)] == [1, 1, 10, 64]


def test_with_few_ratings_there_are_more_epochs() -> None:
    """In 5 epochs of 14 steps, the network learns nothing."""
    rows = (200, 864, 6400, 100_000)
    assert [default_epochs("recommender", "ratings", count) for count in rows] == [50, 36, 5, 5]
    assert default_epochs("recommender", "ratings", 864, batch_size=864) == 500
    assert default_epochs("recommender", "interactions", 864) == 100


def test_with_many_rows_tables_have_fewer_epochs() -> None:
    """30,000 steps of 64 rows are 30 epochs of 64,000."""
    rows = (100, 64_000, 64_001, 800_000, 10**8)
    assert [default_epochs("tabular", "table", count) for count in rows] == [30, 30, 30, 2, 1]
    assert default_epochs("tabular", "table", 800_000, batch_size=1024) == 30
    assert default_epochs("mlp", "table", 10**8) == 15
    for rows in range(1, 700):
        size = default_batch_size("mlp", rows)
        assert 1 <= size <= 64
        if size not in (1, 64):
            assert rows % size != 1
            assert rows // size >= 5


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("mpl", "numbers", "--network: unknown network 'mpl'. Did you mean 'mlp'"),
        (
            "cnn",
            "texts",
            "cnn is for arrays of numbers, images and sounds; DATA contains texts.*gru",
        ),
        (
            "text-transformer",
            "numbers",
            "is for texts with labels; DATA contains arrays",
        ),
        ("lstm", "corpus", "Choose one of char-lm"),
    ],
)
def test_networks_and_data_that_do_not_go_together(name: str, kind: str, words: str) -> None:
    with pytest.raises(GlassnetError, match=words):
        require_readable(name, kind, "DATA")
