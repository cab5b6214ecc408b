"""A network as people read it."""

import numpy as np
import pytest

from glassnet.layers import Add, Concatenate, Dense, Flatten, Graph, Input, Sequential, UpSampling2D
from glassnet.model.flops import flops
from glassnet.model.model import Model
from glassnet.model.summary import count_weights, summary_lines, trained_share
from glassnet.networks import recipe_for


def test_a_chain() -> None:
    network = Sequential((Flatten(), Dense(128, "relu"), Dense(10, "softmax")))
    assert summary_lines(network, (28, 28)) == [
        "Layer (type)       Output Shape  Param #  Share    FLOPs",
        "────────────────────────────────────────────────────────",
        "flatten (Flatten)  (None, 784)         0               0",
        "dense (Dense)      (None, 128)   100,480  98.7%  200,960",
        "dense_1 (Dense)    (None, 10)      1,290   1.3%    2,620",
        "────────────────────────────────────────────────────────",
        "Total params: 101,770",
        "Trainable params: 101,770",
        "Non-trainable params: 0",
        "FLOPs: 203,580 forward for an example",
    ]


def test_frozen_layers_count_as_not_trainable() -> None:
    model = Model([Dense(3, name="a"), Flatten(), Dense(2, name="b")], input_shape=(4,))
    model.layers[0].trainable = False
    lines: list[str] = []
    model.summary(print_fn=lines.append, show_trainable=True)
    head, _, *rows = lines[0].splitlines()
    assert [line.split()[-1] for line in (head, *rows[:3])] == ["Trainable", "N", "-", "Y"]
    assert rows[5:7] == ["Trainable params: 8", "Non-trainable params: 15"]
    share = trained_share(model.network, (4,))
    assert share == "8 of 23 weights are trained; frozen: a."
    model.trainable = False
    share = trained_share(model.network, (4,))
    assert share == "0 of 23 weights are trained; frozen: the whole network."
    assert trained_share(Dense(2), (4,)) == ""


def test_one_layer() -> None:
    assert "dense (Dense)  (None, 3)          12  100.0%     21" in summary_lines(Dense(3), (3,))


def test_a_graph_says_what_is_called_on_what() -> None:
    a, b = Input((4,)), Input((3,))
    shared = Dense(3)
    h = shared(Concatenate()(a, b))
    network = Graph.between([a, b], [Add()(h, b), shared(Concatenate()(a, h))])
    lines = summary_lines(network, ((4,), (3,)))
    assert [line.split() for line in lines[2:9]] == [
        ["input", "(Input)", "(None,", "4)", "0", "0"],
        ["input_1", "(Input)", "(None,", "3)", "0", "0"],
        ["concatenate", "(Concatenate)", "(None,", "7)", "0", "0", "input,", "input_1"],
        ["dense", "(Dense)", "(None,", "3)", "24", "100.0%", "45", "concatenate"],
        ["add", "(Add)", "(None,", "3)", "0", "3", "dense,", "input_1"],
        ["concatenate_1", "(Concatenate)", "(None,", "7)", "0", "0", "input,", "dense"],
        ["dense:1", "(Dense)", "(None,", "3)", "shared", "45", "concatenate_1"],
    ]
    assert "Total params: 24" in lines
    assert count_weights(network, ((4,), (3,))) == (24, 0)


def test_nothing_is_cut_off() -> None:
    name = "a_name_that_is_longer_than_any_terminal_is_wide_" * 3
    lines = summary_lines(Sequential((Dense(3, name=name),)), (3,))
    assert any(line.startswith(f"{name} (Dense)  (None, 3)") for line in lines)


@pytest.mark.parametrize("name", ["mlp", "cnn", "resnet", "lstm", "vit"])
def test_the_layers_flops_are_those_of_the_whole(name: str) -> None:
    data = {"classes": 3, "shape": (8, 8), "vocabulary": None, "rescaling": None}
    network = recipe_for(name, data)
    params, _ = network.init(np.random.default_rng(0), (8, 8))
    whole = flops(
        lambda p, x: network.forward(p, x)[0], params, np.ones((1, 8, 8), "float32")
    )  # fmt: skip
    assert summary_lines(network, (8, 8))[-1] == f"FLOPs: {whole:,} forward for an example"


def test_what_would_take_gigabytes_is_not_counted() -> None:
    network = Sequential((UpSampling2D(2**14), Flatten(), Dense(1)))
    lines = summary_lines(network, (2, 2, 1))
    assert lines[2].endswith("too many to count")
    assert lines[-1] == "FLOPs: too many to count forward for an example"
