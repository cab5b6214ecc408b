"""A network drawn: every layer and every wire once, every weight counted once."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from glassnet.core.errors import GlassnetError
from glassnet.layers import (
    LSTM,
    Activation,
    Add,
    Bidirectional,
    Concatenate,
    Dense,
    Flatten,
    Graph,
    Input,
    Layer,
    Residual,
    Sequential,
    TimeDistributed,
)  # fmt: skip
from glassnet.model.diagram import diagram, plot_model
from glassnet.model.diagram.nodes import Options
from glassnet.model.model import Model
from glassnet.model.summary import count_weights
from glassnet.networks import recipe_for

SVG = "{http://www.w3.org/2000/svg}"


def drawn(network: Layer, shape: Sequence[Any], **options: bool) -> ElementTree.Element:
    return ElementTree.fromstring(diagram(network, tuple(shape), Options(**options)).svg)


def layers(svg: ElementTree.Element) -> list[str]:
    return [str(g.get("data-path")) for g in svg.iter(f"{SVG}g") if g.get("class") == "layer"]


def wires(svg: ElementTree.Element) -> list[tuple[str, str]]:
    found = [p for p in svg.iter(f"{SVG}path") if p.get("class") == "wire"]
    return [(str(p.get("data-from")), str(p.get("data-to"))) for p in found]


def weights(svg: ElementTree.Element) -> int:
    return sum(int(g.get("data-weights", 0)) for g in svg.iter(f"{SVG}g"))


def texts(svg: ElementTree.Element) -> list[str]:
    return [text.text or "" for text in svg.iter(f"{SVG}text")]


def test_a_chain() -> None:
    svg = drawn(Sequential((Flatten(), Dense(128, "relu"), Dense(10, "softmax"))), (28, 28))
    assert layers(svg) == ["flatten", "dense", "dense_1"]
    assert wires(svg) == [("input", "flatten"), ("flatten", "dense"), ("dense", "dense_1")]
    assert weights(svg) == 101_770
    expected = ["dense (Dense)", "relu", "(None, 128) · 100,480 weights", "(None, 28, 28)"]
    assert set(expected) <= set(texts(svg))


RECIPES: dict[str, tuple[tuple[int, ...], int | None, dict[str, Any]]] = {
    "mlp": ((8, 8), None, {}),
    "lenet": ((16, 16), None, {}),
    "cnn": ((8, 8), None, {}),
    "resnet": ((8, 8), None, {"depth": 1}),
    "rnn": ((8, 8), None, {}),
    "lstm": ((8, 8), None, {"bidirectional": True}),
    "vit": ((8, 8), None, {"depth": 1}),
    "text-transformer": ((16,), 50, {}),
    "char-lm": ((16,), 256, {}),
}


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_shows_all_of_its_layers_wires_and_weights(name: str) -> None:
    shape, vocabulary, options = RECIPES[name]
    data = {"classes": 3, "shape": shape, "vocabulary": vocabulary, "rescaling": None}
    network = recipe_for(name, data, **options)
    svg = drawn(network, shape)
    assert weights(svg) == sum(count_weights(network, shape))
    assert len(layers(svg)) == len(set(layers(svg))) == _boxes(network)
    assert len(wires(svg)) == len(set(wires(svg))) == 1 + _wires(network)
    assert diagram(network, shape).svg == diagram(network, shape).svg


def _boxes(layer: Layer) -> int:
    """How many layers there are that hold no others."""
    if isinstance(layer, Sequential) or layer.parts:
        return sum(_boxes(part) for _, part in layer.parts)
    return 1


def _wires(layer: Layer) -> int:
    """How many wires there are inside a layer."""
    inside = sum(_wires(part) for _, part in layer.parts)
    if isinstance(layer, Sequential):
        return inside + max(0, len(layer.layers) - 1)
    if isinstance(layer, Residual):  # where a branch begins and ends; an empty one is a wire itself
        return inside + sum(2 if part.parts else 1 for _, part in layer.parts)
    return inside + 4 if isinstance(layer, Bidirectional) else inside


def test_a_graph_with_branches_a_shared_layer_and_several_ends() -> None:
    a, b = Input((4,)), Input((3,))
    shared = Dense(3)
    h = shared(Concatenate()(a, b))
    network = Graph.between([a, b], [Add()(h, b), shared(Concatenate()(a, h))])
    svg = drawn(network, ((4,), (3,)))
    assert sorted(layers(svg)) == ["add", "concatenate", "concatenate_1", "dense", "dense:1"]
    assert set(wires(svg)) == {
        ("input", "concatenate"), ("input_1", "concatenate"), ("concatenate", "dense"),
        ("dense", "add"), ("input_1", "add"), ("input", "concatenate_1"),
        ("dense", "concatenate_1"), ("concatenate_1", "dense:1"), ("add", "output"),
        ("dense:1", "output_1"),
    }  # fmt: skip
    assert len(wires(svg)) == 10
    assert weights(svg) == 24
    assert "(None, 3) · shared with dense" in texts(svg)


def test_a_shared_network_is_opened_where_it_is_called_first() -> None:
    x = Input((3,))
    tower = Sequential((Dense(3), Dense(3)), name="tower")
    network = Graph.between(x, tower(tower(x)))
    svg = drawn(network, (3,))
    assert layers(svg) == ["tower/dense", "tower/dense_1", "tower:1"]
    assert weights(svg) == sum(count_weights(network, (3,))) == 24


def test_a_shortcut_beside_nothing() -> None:
    assert wires(drawn(Residual((), name="double"), (3,))) == [
        ("input", "double"), ("double", "double/+"), ("double", "double/+"),
    ]  # fmt: skip


def test_a_shortcut_goes_around_the_layers_beside_it() -> None:
    network = Sequential((Residual((Dense(4), Activation("relu"))), Dense(2)))
    assert wires(drawn(network, (4,))) == [
        ("input", "residual"),
        ("residual", "dense"),
        ("residual", "residual/body/dense"),
        ("residual/body/dense", "residual/body/activation"),
        ("residual/body/activation", "residual/+"),
        ("residual", "residual/+"),
    ]


def test_networks_inside_others_are_framed_or_one_box() -> None:
    inner = Sequential((Dense(4), Dense(5)), name="tower")
    network = Sequential((TimeDistributed(inner), Bidirectional(LSTM(2)), Dense(1)))
    svg = drawn(network, (3, 4))
    assert {"time_distributed/layer/dense", "bidirectional/backward_layer"} <= set(layers(svg))
    closed = drawn(network, (3, 4), expand_nested=False)
    assert layers(closed) == ["time_distributed", "bidirectional", "dense"]
    assert weights(closed) == weights(svg) == sum(count_weights(network, (3, 4)))


def test_what_is_not_to_be_shown() -> None:
    network = Sequential((Dense(7, "relu", name="first"),))
    names = {"show_shapes": False, "show_layer_names": False, "show_layer_activations": False}
    assert texts(drawn(network, (4,), **names)) == ["input", "Dense", "35 weights"]


def test_it_is_told_to_those_who_cannot_see_it() -> None:
    svg = drawn(Sequential((Dense(3),)), (4,))
    assert svg.get("role") == "img"
    assert svg.find(f"{SVG}title") is not None
    description = svg.findtext(f"{SVG}desc") or ""
    assert "From the input (None, 4) to the output (None, 3), 15 weights." in description
    assert "dense (Dense), output (None, 3), 15 weights" in description


def test_frozen_layers_are_named() -> None:
    body = Sequential((Dense(2, trainable=False), Dense(2)))
    svg = diagram(Sequential((body, Flatten(trainable=False), Dense(3, trainable=False))), (4,)).svg
    assert re.findall(r"\d+ weights(?:, frozen)?", re.sub(r"<(desc|title).*?</\1>", "", svg)) == [
        "10 weights, frozen", "6 weights", "9 weights, frozen",
    ]  # fmt: skip


def test_a_model_draws_itself(tmp_path: Path) -> None:
    model = Model([Dense(3)], input_shape=(4,))
    path = tmp_path / "model.svg"
    drawing = plot_model(model, to_file=path)
    assert path.read_text() == drawing.svg == drawing._repr_svg_() == model.plot(None).svg
    with pytest.raises(GlassnetError, match=r"drawn as \.svg"):
        model.plot(tmp_path / "model.png")
    with pytest.raises(GlassnetError, match="no weights yet"):
        Model([Dense(3)]).plot(None)
