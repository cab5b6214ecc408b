"""HDF5 files of whole models, as Keras 2 writes them, and what they must not hold."""

import io
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet import GlassnetError
from glassnet.core.trees import items
from glassnet.interop.keras.reading.file import import_keras
from tests.interop.keras.reading.test_file import BIAS, KERNEL, mutations, refusal
from tests.interop.keras.reading.test_legacy_config import old

h5py = pytest.importorskip("h5py", reason="h5py reads Keras's weights: glassnet[keras]")

Arrays = dict[str, Any]
DENSE = {"dense/kernel:0": KERNEL, "dense/bias:0": BIAS}


def dense(units: int, name: str = "dense", **options: Any) -> dict[str, Any]:
    return old("Dense", units=units, activation="relu", name=name, **options)


def sequential(*layers: Any, name: str = "sequential") -> dict[str, Any]:
    layers[0]["config"].setdefault("batch_input_shape", [None, 3])
    return old("Sequential", layers=list(layers), name=name)


def hdf5(
    config: Any,
    groups: dict[str, Arrays],
    change: Callable[[Any], None] | None = None,
    **attributes: str,
) -> bytes:
    """A file of these weights by layer; the attributes of each group hold their order."""
    with h5py.File(buffer := io.BytesIO(), "w") as file:
        text = config if isinstance(config, str) else json.dumps(config)
        file.attrs.update(
            {"model_config": text, "keras_version": "2.4.0", "backend": "tensorflow"} | attributes
        )
        root = file.create_group("model_weights")
        for layer, weights in groups.items():
            group = root.create_group(layer)
            group.attrs["weight_names"] = [name.encode() for name in weights]
            for name, values in weights.items():
                group.create_dataset(name, data=values)
        if change:
            change(root)
    return buffer.getvalue()


def write(path: Path, *arguments: Any, **attributes: str) -> Path:
    path.write_bytes(hdf5(*arguments, **attributes))
    return path


@pytest.mark.parametrize("name", ["m.h5", "m.hdf5", "m.keras", "m"])
def test_a_good_file_is_read(name: str, tmp_path: Path) -> None:
    path = write(tmp_path / name, sequential(dense(2)), {"dense": DENSE})
    network, shape, params, dtype = import_keras(path)
    x = np.array([[1, 2, 3]], "f4")
    assert (shape, dtype) == ((3,), "float32")
    np.testing.assert_array_equal(network.forward(params, x)[0], np.maximum(x @ KERNEL + BIAS, 0))


def parameters(path: Path) -> dict[str, Any]:
    return {place: values.flat[0] for place, values in items(import_keras(path)[2])}


def numbered(*names: str) -> Arrays:
    """Arrays of 3 or 3 · 3 numbers, all equal to their place in the list."""
    return {
        name: np.full((3, 3) if "kernel" in name else 3, i + 1, "f4")
        for i, name in enumerate(names)
    }


NORM = {"axis": [1], "epsilon": 0.001, "name": "norm"}
STATISTICS = ("norm/moving_mean:0", "norm/moving_variance:0")


def test_weights_that_are_not_trained_come_last_in_a_nested_model(tmp_path: Path) -> None:
    inner = sequential(
        dense(3, "one", trainable=False), old("BatchNormalization", **NORM), dense(3, "two"),
        name="inner",
    )  # fmt: skip
    order = ("norm/gamma:0", "norm/beta:0", "two/kernel:0", "two/bias:0", "one/kernel:0",
             "one/bias:0", *STATISTICS)  # fmt: skip
    outer = old("Sequential", layers=[inner], name="outer")
    path = write(tmp_path / "m.h5", outer, {"inner": numbered(*order)})
    assert parameters(path) == {
        "inner/one/kernel": 5, "inner/one/bias": 6, "inner/norm/gamma": 1, "inner/norm/beta": 2,
        "inner/norm/moving_mean": 7, "inner/norm/moving_variance": 8, "inner/two/kernel": 3,
        "inner/two/bias": 4,
    }  # fmt: skip
    mixed = (*order[4:6], *order[:4], *STATISTICS)
    path = write(tmp_path / "m.h5", outer, {"inner": numbered(*mixed)})
    assert "has 'one/kernel:0' where inner/norm/gamma belongs" in refusal(path)
    swapped = ("norm/gamma:0", "norm/beta:0", *order[4:6], *order[2:4], *STATISTICS)
    path = write(tmp_path / "m.h5", outer, {"inner": numbered(*swapped)})
    assert "has 'one/kernel:0' where inner/two/kernel belongs" in refusal(path)


def test_a_graph_with_a_shared_model_is_read(tmp_path: Path) -> None:
    inner = old("Sequential", [["x", 0, 0, {}]], [["inner", 1, 0, {}]], name="inner",
                layers=[dense(3, "one", batch_input_shape=[None, 3])])  # fmt: skip
    add = old("Add", [["inner", 1, 0, {}], ["inner", 2, 0, {}]])
    start = {**old("InputLayer", batch_input_shape=[None, 3], name="x"), "inbound_nodes": []}
    model = old("Model", layers=[start, inner, add], input_layers=[["x", 0, 0]],
                output_layers=[["add", 0, 0]], name="m")  # fmt: skip
    eye = {"one/kernel:0": 2 * np.eye(3, dtype="f4"), "one/bias:0": np.zeros(3, "f4")}
    network, _, params, _ = import_keras(write(tmp_path / "m.h5", model, {"inner": eye}))
    assert network.forward(params, np.ones((1, 3), "f4"))[0].tolist() == [[6, 6, 6]]


def test_names_in_pieces_and_as_text_are_read(tmp_path: Path) -> None:
    def split(root: Any) -> None:
        names = root["dense"].attrs
        names["weight_names0"], names["weight_names1"] = ["dense/kernel:0"], ["dense/bias:0"]
        del names["weight_names"]

    path = write(tmp_path / "m.h5", sequential(dense(2)), {"dense": DENSE}, split)
    assert parameters(path) == {"dense/kernel": 0, "dense/bias": 1}


def linked(link: Any) -> bytes:
    def change(root: Any) -> None:
        root["dense"].attrs["weight_names"] = ["kernel:0", "dense/bias:0"]
        root["dense"]["kernel:0"] = link

    return hdf5(sequential(dense(2)), {"dense": DENSE}, change)


def above(root: Any) -> None:
    root["dense"].attrs["weight_names"] = ["../dense/dense/kernel:0", "dense/bias:0"]


TWO = sequential(dense(3, "one"), dense(3, "two"))
FUNCTION = {"class_name": "function", "config": "mine"}
REFUSED: dict[str, Callable[[], bytes]] = {
    "its JSON is not an object": lambda: hdf5("[]", {}),
    "model_config: its JSON has a key twice": lambda: hdf5('{"config": 1, "config": 2}', {}),
    "model_config: is 'Dense'": lambda: hdf5(dense(2), {}),
    "was written on theano": lambda: hdf5(TWO, {}, backend="theano"),
    "model_weights: one: is missing": lambda: hdf5(TWO, {}),
    "holds 1 weights, but the layer has 2": lambda: hdf5(
        sequential(dense(2)), {"dense": {"dense/kernel:0": KERNEL}}
    ),
    "where dense/kernel belongs": lambda: hdf5(
        sequential(dense(2)), {"dense": dict(reversed(DENSE.items()))}
    ),
    "is float32 (3, 2), but the network needs float32 (3, 4)": lambda: hdf5(
        sequential(dense(4)), {"dense": DENSE}
    ),
    "bytes for 400000000": lambda: hdf5(sequential(dense(10**8)), {"dense": DENSE}),
    "NaN": lambda: hdf5(sequential(dense(2)), {"dense": DENSE | {"dense/bias:0": BIAS * np.nan}}),
    "kernel:0: is a link": lambda: linked(h5py.SoftLink("/elsewhere")),
    "kernel:0: is a link to another place": lambda: linked(h5py.ExternalLink("/etc/passwd", "/x")),
    "../dense/dense/kernel:0: is missing": lambda: hdf5(
        sequential(dense(2)), {"dense": DENSE}, above
    ),
    "layer 'dense': is 'TFOpLambda', an operation of TensorFlow's": lambda: hdf5(
        sequential(old("TFOpLambda", name="dense")), {}
    ),
    "is 'CuDNNLSTM', which runs on a GPU only": lambda: hdf5(
        sequential(old("CuDNNLSTM", units=2)), {}
    ),
    "is 'Lambda', which holds Python code": lambda: hdf5(
        sequential(old("Lambda", function=["4wEAAA", None, None])), {}
    ),
    "is a custom object": lambda: hdf5(sequential(old("Mine>Dense")), {}),
    "is the custom function": lambda: hdf5(
        sequential(old("Dense", units=2, activation=FUNCTION)), {}
    ),
    "the option 'time_major'": lambda: hdf5(
        sequential(old("LSTM", units=2, time_major=True, batch_input_shape=[None, 4, 3])), {}
    ),
    "layer 'activation': Activation: unknown activation": lambda: hdf5(
        sequential(old("Activation", activation="mine")), {}
    ),
    "mixed_float16": lambda: hdf5(
        sequential(dense(2, dtype={"class_name": "Policy", "config": {"name": "mixed_float16"}})),
        {},
    ),
    "saved before it was built": lambda: hdf5(old("Sequential", layers=[dense(2)], name="m"), {}),
}


@pytest.mark.parametrize("what", REFUSED)
def test_other_files_are_refused_by_name(what: str, tmp_path: Path) -> None:
    (path := tmp_path / "m.h5").write_bytes(REFUSED[what]())
    assert what in refusal(path)


def test_masks_that_keras_2_computes_differently_are_refused(tmp_path: Path) -> None:
    start = {**old("InputLayer", batch_input_shape=[None, 4], name="x"), "inbound_nodes": []}
    words = old("Embedding", [["x", 0, 0, {}]], input_dim=5, output_dim=3, mask_zero=True)
    other = old("Embedding", [["x", 0, 0, {}]], input_dim=5, output_dim=3, name="other")
    add = old("Add", [["embedding", 0, 0, {}], ["other", 0, 0, {}]])
    ends = {"input_layers": [["x", 0, 0]], "output_layers": [["add", 0, 0]]}
    model = old("Model", layers=[start, words, other, add], name="m", **ends)
    path = write(tmp_path / "m.h5", model, {})
    assert "'add': Add: merges padded sequences: Keras 2" in refusal(path)


def test_a_damaged_file_is_read_the_same_or_refused(tmp_path: Path) -> None:
    path, rng = tmp_path / "m.h5", random.Random(0)
    good = hdf5(sequential(dense(2)), {"dense": DENSE})
    read, refusals = 0, []
    for data in mutations(good, rng, 300):
        path.write_bytes(data)
        try:
            network, shape, params, _ = import_keras(path)
        except GlassnetError as error:
            refusals.append(str(error))
        else:
            read += 1
            network.forward(params, np.ones((2, *shape), "f4"))
    assert 0 < read < 300
    assert all(str(path) in message for message in refusals)


def test_low_rank_adapters_are_refused(tmp_path: Path) -> None:
    kernel, bias = DENSE.values()
    for place in ("dense/", ""):  # names alone, to Keras 3.2
        arrays = {"bias": bias, "lora_kernel_a": kernel[:, :1], "lora_kernel_b": kernel[:1]}
        names = {f"{place}{name}": values for name, values in {**arrays, "kernel": kernel}.items()}
        path = write(tmp_path / "m.h5", sequential(dense(2)), {"dense": names})
        assert "dense: has low-rank adapters (enable_lora) beside its kernel" in refusal(path)
