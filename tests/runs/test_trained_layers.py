"""Which layers of a model from a source are frozen, and which get low-rank adapters."""

from typing import Any

import pytest

from glassnet.core.errors import GlassnetError
from glassnet.core.trees import items
from glassnet.layers import Dense
from glassnet.layers.low_rank import adapters_of
from glassnet.model.model import Model
from glassnet.runs.source import Source
from glassnet.runs.trained_layers import adapt_layers, freeze_layers
from tests.runs.test_transfer import images


def frozen(model: Model, patterns: Any) -> None:
    freeze_layers(Source("source", model), model, patterns)


def adapted(model: Model, rank: int, unfreezing: bool = False) -> None:
    adapt_layers(Source("source", model), model, rank, unfreezing)


@pytest.mark.parametrize(
    ("patterns", "trained"),
    [
        ("all-but-head", {"dense_1"}),
        ("dense", {"batch_normalization", "dense_1"}),
        ("batch*, dense", {"dense_1"}),
    ],
)
def test_layers_are_frozen_by_patterns(patterns: str, trained: set[str]) -> None:
    model = images()
    frozen(model, patterns)
    assert {weight.path.split("/")[0] for weight in model.trainable_weights} == trained


def test_a_pattern_that_matches_nothing_is_refused() -> None:
    model = images()
    with pytest.raises(GlassnetError, match=r"matches 'conv\*'\. There are dense, batch_norm"):
        frozen(model, "dense,conv*")
    assert model.frozen_layers == frozenset()


def test_adapters_are_on_all_layers_but_the_head_and_frozen_ones() -> None:
    model = images()
    adapted(model, 2)
    paths = {path for path, _ in items(model.params) if "lora" in path}
    assert {path.split("/")[0] for path in paths} == {"dense"}
    model = images()
    frozen(model, "all-but-head")
    with pytest.raises(GlassnetError, match="no layer can have adapters"):
        adapted(model, 2)


def test_a_layer_with_the_name_of_the_head_or_of_a_frozen_one_gets_adapters() -> None:
    inner = Model([Dense(4, name="own"), Dense(4, name="frozen"), Dense(3, name="head")], (4,))
    model = Model([Dense(4, name="frozen"), Dense(4, name="head"), inner], (4,))
    frozen(model, ["sequential/frozen"])
    adapted(model, 1)
    assert set(adapters_of(model.network)) == {"frozen", "head", "sequential/own"}


BODY = {"dense", "batch_normalization"}


def trained(model: Model) -> set[str]:
    return {weight.path.split("/")[0] for weight in model.trainable_weights}


@pytest.mark.parametrize(
    ("patterns", "layers", "still"),
    [
        (None, {"dense_1"}, "2 layers stay"),
        ("dense", {"dense_1"}, "1 layer stays"),
        ("all-but-head", {"dense_1"}, ""),
        ("none", {*BODY, "dense_1"}, ""),
        ((), {*BODY, "dense_1"}, ""),
        ("none, dense", {"batch_normalization", "dense_1"}, ""),
    ],
)
def test_what_is_frozen_in_the_source_stays_frozen_and_it_is_said(
    patterns: Any, layers: set[str], still: str, messages: list[str]
) -> None:
    model = images()
    for name in BODY:
        model.get_layer(name).trainable = False
    frozen(model, patterns)
    assert trained(model) == layers
    said = f'from source: {still} frozen as in the source; freeze="none" (--freeze none) trains'
    assert [message.startswith(said) for message in messages] == [True] * bool(still)


def table(*units: int) -> Model:
    return Model([*(Dense(n, name=f"d{n}") for n in units), Dense(2, name="head")], (30,))


def test_a_rank_that_saves_nothing_is_refused() -> None:
    """30 by 20: 12 · (30 + 20) = 600 = 30 · 20."""
    with pytest.raises(GlassnetError, match=r"lora: rank 12 saves nothing.*at most 11"):
        adapted(table(20), 12)
    model = table(20)
    adapted(model, 11)
    assert set(adapters_of(model.network)) == {"d20"}
    with pytest.raises(GlassnetError, match=r"Leave it out"):
        adapted(table(1), 1)


def test_kernels_that_adapters_would_not_save_are_trained_themselves(messages: list[str]) -> None:
    model = table(20, 3)
    adapted(model, 4)
    assert set(adapters_of(model.network)) == {"d20"}
    assert "from source: rank 4 saves nothing for d3: adapters would have at least" in messages[0]
    assert "d3/kernel" in [weight.path for weight in model.trainable_weights]


def test_adapters_and_a_later_unfreezing_combine_if_a_layer_is_not_frozen() -> None:
    model = table(20, 10)
    frozen(model, "all-but-head")
    with pytest.raises(GlassnetError, match=r"does not combine with unfreeze_at.*Leave out one"):
        adapted(model, 2, unfreezing=True)
    with pytest.raises(GlassnetError, match="no layer can have adapters"):
        adapted(table(), 2, unfreezing=True)
    model = table(20, 10)
    frozen(model, "d20")
    adapted(model, 2, unfreezing=True)
    assert set(adapters_of(model.network)) == {"d10"}
