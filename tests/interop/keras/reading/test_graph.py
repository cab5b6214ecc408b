"""Graphs in .keras files that nobody vouches for: cycles, ghosts, explosions, foreign masks."""

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet import GlassnetError
from glassnet.interop.keras.reading.file import import_keras
from tests.interop.keras.reading.test_file import dense, layer, mutations, refusal, weights, write


def tensor(name: str, call: int = 0, output: int = 0) -> dict[str, Any]:
    history = {"shape": [None, 3], "dtype": "float32", "keras_history": [name, call, output]}
    return {"class_name": "__keras_tensor__", "config": history}


def node(entry: dict[str, Any], *calls: Any, **options: Any) -> dict[str, Any]:
    """A layer's entry with its calls, each on one tensor or a list of them."""
    nodes = [{"args": [call], "kwargs": options} for call in calls]
    return {**entry, "name": entry["config"]["name"], "inbound_nodes": nodes}


def graph(*layers: dict[str, Any], out: Any = None, name: str = "g") -> dict[str, Any]:
    """A functional model of the layers, the last of which makes the output."""
    start = node(layer("InputLayer", "input", batch_shape=[None, 3]))
    config = {
        "name": name, "trainable": True, "layers": [start, *layers],
        "input_layers": [["input", 0, 0]],
        "output_layers": out or [[layers[-1]["name"], 0, 0]],
    }  # fmt: skip
    return {"module": "keras.src.models.functional", "class_name": "Functional", "config": config,
            "registered_name": None}  # fmt: skip


def square(name: str, *calls: Any, **options: Any) -> dict[str, Any]:
    return node(layer("Activation", name, activation="tanh"), *calls, **options)


def operation(kind: str, name: str, *arguments: Any) -> dict[str, Any]:
    return {
        "module": "keras.src.ops.numpy", "class_name": kind, "config": {"name": name},
        "registered_name": kind, "name": name,
        "inbound_nodes": [{"args": list(arguments), "kwargs": {}}],
    }  # fmt: skip


def doubling(depth: int) -> dict[str, Any]:
    """A model that calls twice a model that calls twice a model ..."""
    if not depth:
        return graph(square("a", tensor("input")))
    inner = doubling(depth - 1)
    inner["config"]["name"] = "inner"
    return graph(node(inner, tensor("input"), tensor("inner")), out=[["inner", 2, 0]])


def lstm(mask: Any) -> dict[str, Any]:
    return node(layer("LSTM", "lstm", units=2), tensor("input"), mask=mask)


INPUT = tensor("input")
GRAPHS = {
    "in a circle": lambda: graph(square("a", tensor("b")), square("b", tensor("a"))),
    "in a circle, at 'a'": lambda: graph(square("a", tensor("a"))),
    "on ('ghost', 0), which": lambda: graph(square("a", tensor("ghost"))),
    "on ('a', 7), which": lambda: graph(square("a", INPUT), square("b", tensor("a", 7))),
    "on ('a', -1), which": lambda: graph(square("a", INPUT), square("b", tensor("a", -1))),
    "on ('input', 0, 1), which": lambda: graph(square("a", tensor("input", 0, 1))),
    "that is not an output": lambda: graph(square("a", {"class_name": "__lambda__"})),
    "is called on 2 tensors": lambda: graph(square("a", [INPUT, INPUT])),
    "with 'noise', which": lambda: graph(square("a", INPUT, noise=0.5)),
    "training=True": lambda: graph(square("a", INPUT, training=True)),
    "has a call that is not one": lambda: graph(
        {**square("a"), "inbound_nodes": [["input", 0, 0, {}]]}
    ),
    "calls that are not a list": lambda: graph({**square("a"), "inbound_nodes": {"args": []}}),
    "has two names": lambda: graph({**square("a", INPUT), "name": "b"}),
    "two layers are named 'a'": lambda: graph(square("a", INPUT), square("a", INPUT)),
    "is unused": lambda: graph(square("a", INPUT), square("b", INPUT)),
    "its output_layers name": lambda: graph(square("a", INPUT), out=[["b", 0, 0]]),
    "are not outputs of layers": lambda: graph(square("a", INPUT), out=[["a", 0, 0]] * 2),
    "its output_layers are not": lambda: graph(square("a", INPUT), out="a"),
    "its input_layers are not": lambda: graph(
        square("a", INPUT), node(layer("InputLayer", "more", batch_shape=[None, 3]))
    ),
    "calls layers more than": lambda: doubling(20),
    "models are nested more": lambda: doubling(40),
    "needs inputs of the same shape": lambda: graph(
        node(dense(), INPUT), node(layer("Add", "add"), [INPUT, tensor("dense")])
    ),
    "the operation 'Exp'": lambda: graph(operation("Exp", "e", INPUT)),
    "with a mask that glassnet can't": lambda: graph(lstm({"class_name": "__numpy__"})),
    "a mask that glassnet can't read": lambda: graph(
        operation("LogicalOr", "or", tensor("or"), tensor("or")), lstm(tensor("or"))
    ),
    "a mask that glassnet doesn't": lambda: graph(
        operation("NotEqual", "ne", INPUT, 0), operation("Any", "any", tensor("ne")),
        lstm(tensor("any")),
    ),
    "layer 'sum': is an operation, which in Keras loses": lambda: graph(
        node(layer("Reshape", "steps", target_shape=[3, 1]), INPUT),
        node(layer("Masking", "masking", mask_value=0.0), tensor("steps")),
        operation("Add", "sum", tensor("masking"), tensor("masking")),
    ),
    "layer 'product': Multiply: Keras can't": lambda: graph(
        node(layer("Reshape", "steps", target_shape=[3, 1, 1]), INPUT),
        node(layer("Masking", "masking", mask_value=0.0), tensor("steps")),
        node(layer("Multiply", "product"), [tensor("masking"), tensor("steps")]),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", GRAPHS)
def test_graphs_that_are_none_are_refused_by_name(what: str, tmp_path: Path) -> None:
    assert what in refusal(write(tmp_path / "m.keras", GRAPHS[what]()))


def test_a_good_graph_is_read(tmp_path: Path) -> None:
    both = node(layer("Multiply", "product"), [tensor("dense"), tensor("dense", 1)])
    twice = node(dense(units=3), INPUT, tensor("add"))
    added = operation("Add", "add", INPUT, tensor("a"))
    config = graph(square("a", INPUT), added, twice, both)
    kernel, bias = np.arange(9, dtype="f4").reshape(3, 3) / 10, np.ones(3, "f4")
    path = write(tmp_path / "m.keras", config, weights(kernel=kernel, bias=bias))
    network, shape, params, _ = import_keras(path)
    x = np.array([[1, -2, 3]], "f4")
    one, two = (np.maximum(v @ kernel + bias, 0) for v in (x, x + np.tanh(x)))
    np.testing.assert_allclose(network.forward(params, x)[0], one * two, rtol=1e-6)
    assert (shape, list(params)) == ((3,), ["dense"])


def test_a_damaged_graph_is_read_or_refused(tmp_path: Path) -> None:
    path, rng = tmp_path / "m.keras", random.Random(0)
    wired = json.dumps(graph(square("a", INPUT), node(dense(), tensor("a"))))
    read, refusals = 0, []
    for data in mutations(wired.encode(), rng, 1000):
        write(path, data.decode("latin-1"))
        try:
            network, shape, params, _ = import_keras(path)
        except GlassnetError as error:
            refusals.append(str(error))
        else:
            read += 1
            network.forward(params, np.ones((2, *shape), "f4"))
    assert read < 1000
    assert all(str(path) in message for message in refusals)


def test_outputs_in_a_dict_have_the_order_of_their_keys(tmp_path: Path) -> None:
    x = np.ones((1, 3), "f4")
    for keys in ("pq", "qp"):
        out = {keys[0]: ["a", 0, 0], keys[1]: ["b", 0, 0]}
        config = graph(square("a", INPUT), square("b", tensor("a")), out=out)
        network, _, params, _ = import_keras(write(tmp_path / "m.keras", config))
        outputs = network.forward(params, x)[0]
        once, twice = outputs if keys == "pq" else outputs[::-1]
        np.testing.assert_array_equal(np.tanh(once), twice)


def test_layers_that_change_images_at_random_are_called_in_training(tmp_path: Path) -> None:
    start = layer("InputLayer", "input", batch_shape=[None, 4, 4, 1])
    flip = layer("RandomFlip", "flip", mode="horizontal", data_format="channels_last")
    rotate = layer("RandomRotation", "turn", factor=0.1, value_range=[0, 255])  # to Keras 3.5
    config = graph(node(flip, INPUT, training=True), node(rotate, tensor("flip"), training=True))
    config["config"]["layers"][0] = node(start)
    network = import_keras(write(tmp_path / "m.keras", config))[0]
    assert [name for name, _ in network.parts] == ["flip", "turn"]
    dropout = node(layer("Dropout", "d", rate=0.5), INPUT, training=True)
    assert "is called with training=True" in refusal(write(tmp_path / "m.keras", graph(dropout)))
