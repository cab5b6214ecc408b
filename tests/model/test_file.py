"""The model file: there and back, byte for byte, and every broken one refused by name."""

import json
import os
import time
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given
from hypothesis import strategies as st

from glassnet.core.errors import GlassnetError
from glassnet.core.strict_json import as_json
from glassnet.core.tensor_file import digest
from glassnet.core.trees import from_items, items
from glassnet.data.images.out_of_distribution import OutOfDistributionDetector
from glassnet.data.images.preprocessing import Preprocessing
from glassnet.layers import Dense, Dropout, Flatten, Normalization, Rescaling, Sequential
from glassnet.layers.regularizers import L2
from glassnet.model.file import ModelFile, read_model, read_weights
from glassnet.model.model import Model

NETWORK = Sequential(
    (
        Flatten(),
        Rescaling(1 / 255),
        Normalization(axis=None),
        Dense(5, "relu", kernel_regularizer=L2()),
        Dropout(0.2),
        Dense(3, "softmax", name="out"),
    )
)


def model(dtype: str = "float32", **fields: Any) -> ModelFile:
    params, _ = NETWORK.init(np.random.default_rng(0), (2, 3), dtype)
    about = {"seed": 1, "rate": 1e-5, "nothing": None}
    made = ModelFile(NETWORK, (2, 3), dtype, params, ("à", "b", "🎈"), about)
    return replace(made, **fields)


def written(tmp_path: Path, made: ModelFile) -> bytes:
    path = tmp_path / "model.safetensors"
    made.save(path)
    return path.read_bytes()


def assert_equal(a: ModelFile, b: ModelFile) -> None:
    for x, y in zip(items(a.params), items(b.params), strict=True):
        assert x[0] == y[0]
        assert x[1].dtype == y[1].dtype
        np.testing.assert_array_equal(x[1], y[1])
    assert replace(a, params={}) == replace(b, params={})


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_there_and_back_from_the_file_or_its_folder(tmp_path: Path, dtype: str) -> None:
    made = model(dtype)
    written(tmp_path, made)
    (tmp_path / "link").symlink_to(tmp_path / "model.safetensors")
    for path in (tmp_path / "model.safetensors", tmp_path, str(tmp_path), tmp_path / "link"):
        assert_equal(read_model(path), made)


def test_the_same_model_gives_the_same_bytes(tmp_path: Path) -> None:
    first = written(tmp_path, model())
    turned = {
        path: np.asfortranarray(leaf) if leaf.ndim else leaf for path, leaf in items(model().params)
    }
    again = model(params=from_items(turned))
    assert written(tmp_path, again) == first
    assert written(tmp_path, model(class_names=("x",))) != first


# -- files that are not whole -------------------------------------------------------------------


def refused(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    with pytest.raises(GlassnetError) as error:
        read_model(path)
    assert error.value.where.startswith(str(path))
    return str(error.value)


def test_truncated_anywhere(tmp_path: Path) -> None:
    data = written(tmp_path, model())
    for end in [*range(0, len(data), 97), len(data) - 1]:
        refused(tmp_path / "cut", data[:end])


def test_bytes_added(tmp_path: Path) -> None:
    refused(tmp_path / "long", written(tmp_path, model()) + b"\0")


def test_any_bit_flipped_anywhere_is_refused_or_changes_nothing(tmp_path: Path) -> None:
    """Not only in the header: the checksum covers the weights, too."""
    made, path = model(), tmp_path / "flipped"
    data = written(tmp_path, made)
    for place in range(len(data)):
        flipped = bytearray(data)
        flipped[place] ^= 1 << place % 8
        path.write_bytes(flipped)
        with suppress(GlassnetError):
            assert_equal(read_model(path), made)


@given(st.binary(max_size=300))
def test_foreign_bytes(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    refused(tmp_path_factory.getbasetemp() / "foreign", data)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not a file that glassnet wrote"),
        (b"PK\x03\x04" + bytes(100), "`glassnet import` reads"),
        (b"\x80\x04\x95" + b"pickle" * 20, "not a file that glassnet wrote"),
        ((2**62).to_bytes(8, "little") + bytes(100), "not a file that glassnet wrote"),
        ((2).to_bytes(8, "little") + b"{}", "no glassnet description"),
        ((200).to_bytes(8, "little") + b'{"__metadata__":' * 20, "not valid JSON"),
        ((2 * 10**8).to_bytes(8, "little") + b" " * 100, "not a file that glassnet wrote"),
        (safetensors.numpy.save({"w": np.ones(3)}), "no glassnet description"),
        (safetensors.numpy.save({}, {"glassnet": "[]"}), "its JSON is not an object"),
        (safetensors.numpy.save({}, {"glassnet": "[" * 10**5}), "header of"),
        (safetensors.numpy.save({}, {"glassnet": "[" * 60_000}), "not valid JSON"),
        (safetensors.numpy.save({}, {"glassnet": '{"a": NaN}'}), "the number NaN"),
        (safetensors.numpy.save({}, {"glassnet": '{"a": 1e999}'}), "the number 1e999"),
        (safetensors.numpy.save({}, {"glassnet": '{"a": 1, "a": 2}'}), "a key twice"),
        (safetensors.numpy.save({}, {"glassnet": '{"a": {"b": 1, "b": 1}}'}), "a key twice"),
    ],
)
def test_foreign_files_say_what_they_are(tmp_path: Path, data: bytes, message: str) -> None:
    assert message in refused(tmp_path / "foreign", data)


def test_a_header_of_many_megabytes_is_refused_before_it_is_read(tmp_path: Path) -> None:
    size = 30 * 1024 * 1024
    header = b'{"__metadata__": {"glassnet": "' + b" " * size
    started = time.perf_counter()
    message = refused(tmp_path / "bomb", len(header).to_bytes(8, "little") + header)
    assert "header of 31457311 bytes, more than" in message
    assert time.perf_counter() - started < 1


# -- files that are whole, but not what they should be ------------------------------------------


def crafted(tmp_path: Path, edit: Callable[[dict[str, Any], dict[str, np.ndarray]], Any]) -> bytes:
    """The file of an attacker who has edited header and weights, and made a new checksum."""
    data = written(tmp_path, model())
    with safetensors.safe_open(tmp_path / "model.safetensors", framework="numpy") as stored:
        header = json.loads(stored.metadata()["glassnet"])
    tensors = safetensors.numpy.load(data)
    del header["sha256"]
    edit(header, tensors)
    if "sha256" not in header:
        header["sha256"] = digest(header, tensors)
    return safetensors.numpy.save(tensors, {"glassnet": json.dumps(header)})


def put(key: str, value: Any) -> Callable[[dict[str, Any], dict[str, np.ndarray]], Any]:
    return lambda header, tensors: header.update({key: value})


def layer(place: int, **fields: Any) -> Callable[[dict[str, Any], dict[str, np.ndarray]], Any]:
    return lambda header, tensors: header["network"]["layers"][place].update(fields)


def weight(
    name: str, change: Callable[[np.ndarray], np.ndarray]
) -> Callable[[dict[str, Any], dict[str, np.ndarray]], Any]:
    return lambda header, tensors: tensors.update({name: change(tensors[name])})


KERNEL = "dense/kernel"
CRAFTED = [
    (put("format", 2), "has format 2; this glassnet reads format 1"),
    (put("format", True), "lacks a valid 'format'"),
    (put("format", "1"), "lacks a valid 'format'"),
    (lambda header, tensors: header.pop("about"), "lacks a valid 'about'"),
    (put("extra", 1), r"unknown fields: \['extra'\]"),
    (put("sha256", "0" * 64), "its checksum does not match"),
    (put("sha256", None), "lacks a valid 'sha256'"),
    (put("input_shape", [2, -3]), "is not a valid shape"),
    (put("input_shape", [2, 3.0]), "is not a valid shape"),
    (put("input_shape", [2, True]), "is not a valid shape"),
    (put("input_shape", [2, 2**40]), "is not a valid shape"),
    (put("input_shape", [7]), r"weight 'dense/kernel' is F32 \(6, 5\), but .* F32 \(7, 5\)"),
    (put("network", {"class": "Dense", "units": 3}), "weight '.*' is"),
    (put("dtype", "float16"), "dtype 'float16' is not one of float32, float64"),
    (put("dtype", "float64"), "is F32 .*, but the network needs F64"),
    (put("class_names", ["a", 3]), "class_names are not all printable strings"),
    (layer(3, units=6), r"weight 'dense/kernel' is F32 \(6, 5\), but .* F32 \(6, 6\)"),
    (layer(3, units=10**9), "dense/"),
    (layer(3, units=10**400), "has the number 10+"),
    (layer(3, units="5"), r"Dense\.units"),
    (layer(3, **{"class": "os.system"}), "unknown layer 'os.system'"),
    (layer(3, activation="__import__"), "unknown activation '__import__'"),
    (layer(3, activation=None, evil=1), "unknown field of Dense 'evil'"),
    (layer(4, rate=10**400), "has the number 10+"),
    (weight(KERNEL, lambda w: w.astype(np.float64)), "is F64 .*, but the network needs F32"),
    (weight(KERNEL, lambda w: w.astype(np.int32)), "is I32 .*, but the network needs F32"),
    (weight(KERNEL, lambda w: w.T.copy()), r"is F32 \(5, 6\), but the network needs"),
    (weight(KERNEL, np.ravel), r"is F32 \(30,\), but the network needs"),
    (weight(KERNEL, lambda w: w * np.nan), "weight 'dense/kernel' holds NaN or infinity"),
    (weight("out/bias", lambda w: w + np.inf), "weight 'out/bias' holds NaN or infinity"),
    (lambda header, tensors: tensors.pop(KERNEL), "weight 'dense/kernel' is missing"),
    (lambda header, tensors: tensors.update(extra=np.ones(1)), "'extra' is not the network"),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "message"), CRAFTED)
def test_whole_files_that_lie_are_refused_by_name(tmp_path: Path, edit: Any, message: str) -> None:
    data = crafted(tmp_path, edit)
    path = tmp_path / "crafted"
    path.write_bytes(data)
    tracemalloc.start()
    started = time.perf_counter()
    try:
        with pytest.raises(GlassnetError, match=message) as error:
            read_model(path)
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()
    assert time.perf_counter() - started < 1
    assert str(path) in str(error.value)


def test_a_network_without_a_place_for_its_input_is_refused(tmp_path: Path) -> None:
    def edit(header: dict[str, Any], tensors: dict[str, np.ndarray]) -> None:
        header.update(network={"class": "Dense", "units": 3}, input_shape=[])

    message = _refused_message(tmp_path, edit)
    assert message.startswith(f"{tmp_path / 'crafted'}: Dense: expects examples with at least one")


def test_networks_nested_without_end_are_refused(tmp_path: Path) -> None:
    network: dict[str, Any] = {"class": "Flatten"}
    for _ in range(40):
        network = {"class": "Sequential", "layers": [network]}
    assert "nested more than 32 deep" in _refused_message(tmp_path, put("network", network))


def _refused_message(tmp_path: Path, edit: Any) -> str:
    path = tmp_path / "crafted"
    path.write_bytes(crafted(tmp_path, edit))
    with pytest.raises(GlassnetError) as error:
        read_model(path)
    return str(error.value)


# -- places that hold no file --------------------------------------------------------------------


def nothing(path: Path) -> None:
    pass


def dangling(path: Path) -> None:
    path.symlink_to("nowhere")


def loop(path: Path) -> None:
    path.symlink_to(path.name)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (nothing, "there is no such run or model file"),
        (Path.mkdir, "is a folder without model.safetensors. There are no runs yet"),
        (dangling, "can't be read: No such file"),
        (loop, "can't be read: "),
        (os.mkfifo, "is not a file"),
    ],
)
def test_places_without_a_file(
    tmp_path: Path, make: Any, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # a folder without runs
    make(tmp_path / "place")
    with pytest.raises(GlassnetError, match=message) as error:
        read_model(tmp_path / "place")
    assert str(tmp_path / "place") in error.value.where


def test_invalid_json_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        model(about={"rate": float("nan")}).save(tmp_path / "model")
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize("name", ["m.h5", "m.hdf5", "m.PT"])
def test_other_programs_names_are_refused(tmp_path: Path, name: str) -> None:
    model = Model([Dense(2)], input_shape=(3,))
    with pytest.raises(GlassnetError, match=r"file of another program.*model\.keras"):
        model.save(tmp_path / name)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("inside", "what"),
    [("checkpoint.safetensors", "glassnet resume"), ("fold-1", "Name one of them")],
)
def test_a_folder_without_a_model_says_why(tmp_path: Path, inside: str, what: str) -> None:
    path = tmp_path / inside
    path.mkdir() if inside == "fold-1" else path.touch()
    for named in (tmp_path, tmp_path / "model.safetensors"):
        with pytest.raises(GlassnetError, match=what):
            read_model(named)


def test_the_command_that_goes_on_can_be_pasted(tmp_path: Path) -> None:
    (folder := tmp_path / "my run").mkdir()
    (folder / "checkpoint.safetensors").touch()
    with pytest.raises(GlassnetError) as caught:
        read_model(folder)
    assert caught.value.fix == f"Wait for its end, or resume it: glassnet resume '{folder}'"


def test_typical_pictures_travel_with_the_weights(tmp_path: Path) -> None:
    pictures, rng = Preprocessing(2, 3, 0.0, 1.0, "dark"), np.random.default_rng(0)
    x, y = rng.random((60, 2, 3)), np.arange(60) % 3
    typical = OutOfDistributionDetector.fitted(x, y, x, 3, pictures)
    about = {"preprocessing": as_json(pictures)}
    made, path = model(typical=typical, about=about), tmp_path / "model.safetensors"
    made.save(path)
    found = read_model(path).typical
    assert found is not None
    assert found.threshold == typical.threshold
    np.testing.assert_array_equal(found.distances(x, pictures), typical.distances(x, pictures))
    assert_equal(replace(read_model(path), typical=None), replace(made, typical=None))
    for name, weight in items(read_weights(path, made, {})):  # the weights alone
        np.testing.assert_array_equal(weight, dict(items(made.params))[name])
    loaded = Model.load(path)
    loaded.save(tmp_path / "again.safetensors")
    assert Model.load(tmp_path / "again.safetensors").typical is not None

    with pytest.raises(GlassnetError, match="preprocessing"):
        replace(made, about={}).save(path)
    with pytest.raises(GlassnetError, match="typical"):
        replace(made, typical=replace(typical, means=typical.means[:2])).save(path)
    with pytest.raises(GlassnetError, match="typical"):
        replace(made, typical=None, about=about | {"typical": {}}).save(path)


def test_many_long_class_names(tmp_path: Path) -> None:
    names = tuple(f"класс {i} " + "х" * 40 for i in range(3000))
    model = Model([Dense(3000)], (2,), class_names=names)
    model.about["note"] = "n"
    model.save(tmp_path / "a.safetensors")
    loaded = Model.load(tmp_path / "a.safetensors")
    assert (loaded.class_names, loaded.about) == (names, {"note": "n"})
    np.testing.assert_array_equal(loaded.get_weights()[0], model.get_weights()[0])
    other = Model([Dense(3000)], (2,), seed=1)
    other.load_weights(tmp_path / "a.safetensors")
    np.testing.assert_array_equal(other.get_weights()[0], model.get_weights()[0])
