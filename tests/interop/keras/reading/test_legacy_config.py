"""Configurations of Keras 2 in the form of Keras 3: layers, calls, nested models."""

from typing import Any

import pytest

from glassnet import GlassnetError
from glassnet.interop.keras.reading.legacy_config import as_keras_3


def old(kind: str, *calls: Any, **options: Any) -> dict[str, Any]:
    """A layer's entry as Keras 2 writes it into an HDF5 file."""
    name = options.setdefault("name", kind.lower())
    calls_of_it = {"name": name, "inbound_nodes": list(calls)} if calls else {}
    return {"class_name": kind, "config": options, **calls_of_it}


def modern(kind: str, **options: Any) -> dict[str, Any]:
    config: dict[str, Any] = as_keras_3(old(kind, **options), keras_2=True)["config"]
    return config


def history(argument: Any) -> list[Any]:
    data: list[Any] = argument["config"]["keras_history"]
    return data


@pytest.mark.parametrize(
    ("kind", "options", "expected"),
    [
        ("LSTM", {"implementation": 1, "time_major": False}, {}),
        ("LSTM", {"time_major": True}, {"time_major": True}),  # to be refused by its reader
        ("GRU", {}, {"reset_after": False}),
        ("GRU", {"reset_after": True}, {"reset_after": True}),
        ("LeakyReLU", {"alpha": 0.1}, {"negative_slope": 0.1}),
        ("LeakyReLU", {"alpha": {"type": "ndarray", "value": 0.1}}, {"negative_slope": 0.1}),
        ("BatchNormalization", {"axis": [3], "fused": True}, {"axis": 3}),
        ("Conv2DTranspose", {"groups": 1}, {}),
        ("Conv2DTranspose", {"groups": 2}, {"groups": 2}),
        ("Conv2DTranspose", {"groups": True}, {"groups": True}),
        ("InputLayer", {"batch_input_shape": [None, 3]}, {"batch_shape": [None, 3]}),
        ("Dense", {"activation": "swish"}, {"activation": "silu"}),
        ("Dense", {"activation": "softmax_v2"}, {"activation": "softmax"}),
    ],
)
def test_options_get_the_names_of_keras_3(
    kind: str, options: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert modern(kind, **options) == {"name": kind.lower(), **expected}


def test_objects_get_their_modules() -> None:
    draw = {"class_name": "VarianceScaling", "config": {"distribution": "normal", "dtype": "x"}}
    penalty = {"class_name": "L2", "config": {"l2": 0.1}}
    policy = {"class_name": "Policy", "config": {"name": "float32"}}
    config = modern("Dense", kernel_initializer=draw, kernel_regularizer=penalty, dtype=policy)
    assert config["kernel_initializer"]["module"] == "keras.initializers"
    assert config["kernel_initializer"]["config"] == {"distribution": "truncated_normal"}
    assert config["kernel_regularizer"]["module"] == "keras.regularizers"
    assert config["dtype"] == {**policy, "module": "keras", "class_name": "DTypePolicy"}


def test_a_bidirectional_gets_its_backward_layer() -> None:
    config = modern("Bidirectional", layer=old("LSTM", units=3, implementation=2))
    assert config["layer"]["config"] == {"name": "lstm", "units": 3}
    assert config["backward_layer"]["config"] == {"name": "lstm", "units": 3, "go_backwards": True}


def test_a_sequential_gets_its_input() -> None:
    first = old("Dense", batch_input_shape=[None, 3])
    nested = old("Sequential", layers=[first, old("ReLU")])
    for entry in (
        {"class_name": "Sequential", "config": [first, old("ReLU")]},  # to Keras 2.2.2
        nested,
        old("Sequential", layers=[old("Dense"), old("ReLU")], build_input_shape=[None, 3]),
        old("Sequential", layers=[nested, old("ReLU")]),
    ):
        config = as_keras_3(entry, keras_2=True)["config"]
        start, *others = config["layers"]
        assert (start["class_name"], start["config"]["batch_shape"]) == ("InputLayer", [None, 3])
        assert [other["class_name"] for other in others][1:] == ["ReLU"]
        assert not {"batch_input_shape", "build_input_shape"} & {*config, *others[0]["config"]}
    left = as_keras_3(old("Sequential", layers=[old("Dense")]), keras_2=True)
    assert [layer["class_name"] for layer in left["config"]["layers"]] == ["Dense"]


def test_calls_get_the_form_of_keras_3() -> None:
    start = old("InputLayer", batch_input_shape=[None, 3], name="x")
    attention = old("Attention", [["x", 0, 0, {"value": ["x", 0, 0], "mask": None}]])
    add = old("Add", [["x", 0, 0, {}], ["attention", 0, 0]])
    operation = old("TFOpLambda", ["add", 0, 0, {"y": 2.0}])
    ends = {"input_layers": [["x", 0, 0]], "output_layers": [["add", 0, 0]]}
    model = old("Model", layers=[{**start, "inbound_nodes": []}, attention, add, operation], **ends)
    entry = as_keras_3(model, keras_2=True)
    assert entry["class_name"] == "Functional"
    start, attention, add, operation = entry["config"]["layers"]
    [call] = attention["inbound_nodes"]
    assert history(call["args"][0]) == history(call["kwargs"]["value"]) == ["x", 0, 0]
    assert call["kwargs"]["mask"] is None
    [[one, two]] = add["inbound_nodes"][0]["args"]
    assert (history(one), history(two)) == (["x", 0, 0], ["attention", 0, 0])
    assert operation["inbound_nodes"][0]["kwargs"] == {"y": 2.0}


def test_calls_of_nested_models_are_counted_from_0() -> None:
    inner = {"layers": [old("InputLayer", name="i")], "output_layers": [["i", 0, 0]]}
    for kind in ("Model", "Sequential"):
        nested = old(kind, [["x", 0, 0, {}]], [["inner", 1, 0, {}]], name="inner", **inner)
        outer = old("Model", layers=[old("InputLayer", name="x"), nested])
        outer["config"]["output_layers"] = [["inner", 2, 0], ["inner", 1, 0]]
        config = as_keras_3(outer, keras_2=True)["config"]
        second = config["layers"][1]["inbound_nodes"][1]
        assert history(second["args"][0]) == ["inner", 0, 0]
        ends = [[1, 0], [0, 0]] if kind == "Sequential" else [[2, 0], [1, 0]]  # as Keras 3 counts
        assert [end[1:] for end in config["output_layers"]] == ends


def test_what_is_no_entry_stays_for_the_reader_to_refuse() -> None:
    for data in (None, 1, [], {"config": 1}, {"class_name": "Dense"}):
        assert as_keras_3(data, keras_2=True) == data
    for nodes in ([[1]], [[["x"]]], [[["x", 0, 0, {}], 1]], [{}]):
        model = old("Model", layers=[{**old("Dense"), "inbound_nodes": nodes}, 1, None])
        config = as_keras_3(model, keras_2=True)["config"]
        assert config["layers"][0]["inbound_nodes"] == nodes
        assert config["layers"][1:] == [1, None]
    with pytest.raises(GlassnetError, match="custom object"):
        as_keras_3(old("Custom>Mine"), keras_2=True)


def test_operations_of_keras_3_have_no_options_of_layers() -> None:
    for config in ({"name": "add"}, {"newshape": [2, 3]}):
        operation = as_keras_3({"class_name": "Add", "config": config}, keras_2=False)
        assert operation["module"] == "keras.src.ops.numpy"
        assert as_keras_3(operation, keras_2=False) == operation
    layer = as_keras_3(old("Add", name="add", trainable=True, dtype="float32"), keras_2=False)
    start = as_keras_3(old("InputLayer", dtype="float32", name="x"), keras_2=False)
    assert {layer["module"], start["module"]} == {"keras.layers"}
    assert as_keras_3(old("Add", name="add"), keras_2=True)["module"] == "keras.layers"
