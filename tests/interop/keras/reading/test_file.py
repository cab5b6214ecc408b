"""Reading .keras files that nobody vouches for. No Keras is needed, nor imported, for any of it."""

import io
import json
import random
import struct
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet import GlassnetError, Model
from glassnet.interop.keras.reading.file import import_keras

h5py = pytest.importorskip("h5py", reason="h5py reads Keras's weights: glassnet[keras]")

POLICY = {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"},
          "registered_name": None}  # fmt: skip
KERNEL, BIAS = np.arange(6, dtype="f4").reshape(3, 2) / 10, np.array([1, -1], "f4")


def layer(kind: str, name: str, **options: Any) -> dict[str, Any]:
    config = {"name": name, "trainable": True, "dtype": POLICY, **options}
    if kind == "InputLayer":
        config = {"name": name, "dtype": "float32", "sparse": False, "ragged": False, **options}
    return {
        "module": "keras.layers", "class_name": kind, "config": config, "registered_name": None,
        "build_config": {"input_shape": [None, 3]},
    }  # fmt: skip


def dense(**options: Any) -> dict[str, Any]:
    zeros = {"module": "keras.initializers", "class_name": "Zeros", "config": {},
             "registered_name": None}  # fmt: skip
    options = {"units": 2, "activation": "relu", "bias_initializer": zeros, **options}
    return layer("Dense", "dense", **options)


def model(*layers: dict[str, Any], **options: Any) -> dict[str, Any]:
    layers = (layer("InputLayer", "input", batch_shape=[None, 3]), *layers)
    return {
        "module": "keras", "class_name": "Sequential", "registered_name": None,
        "config": {"name": "m", "trainable": True, "dtype": POLICY, "layers": list(layers)},
        **options,
    }  # fmt: skip


def weights(fill: Callable[[Any], None] | None = None, **arrays: Any) -> bytes:
    """An HDF5 file with a Dense layer's weights."""
    with h5py.File(buffer := io.BytesIO(), "w") as file:
        group = file.create_group("layers/dense/vars")
        for i, (name, values) in enumerate({"kernel": KERNEL, "bias": BIAS, **arrays}.items()):
            if values is not None:
                group.create_dataset(str(i), data=values)
            assert name
        if fill:
            fill(group)
    return buffer.getvalue()


def write(
    path: Path, config: Any = None, data: bytes | None = None, compression: int = 0,
    metadata: str = "{}", **more: bytes,
) -> Path:  # fmt: skip
    text = config if isinstance(config, str) else json.dumps(config or model(dense()))
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("metadata.json", metadata)
        archive.writestr("config.json", text)
        archive.writestr("model.weights.h5", weights() if data is None else data)
        for name, content in more.items():
            archive.writestr(name, content)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(GlassnetError) as caught:
        import_keras(path)
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_a_good_file_is_read_without_keras(tmp_path: Path) -> None:
    before = set(sys.modules)
    network, shape, params, dtype = import_keras(write(tmp_path / "m.keras"))
    assert (shape, dtype) == ((3,), "float32")
    x = np.array([[1, 2, 3]], "f4")
    expected = np.maximum(x @ KERNEL + BIAS, 0)
    np.testing.assert_array_equal(network.forward(params, x)[0], expected)
    assert not {"keras", "tensorflow", "jax", "torch"} & (set(sys.modules) - before)


@pytest.mark.parametrize(
    ("dense_of", "model_of"),
    [
        ("keras.src.layers.core.dense", "keras.src.models.sequential"),  # as Keras 3.0.0 writes
        ("keras.layers.core", "keras.src.engine.sequential"),
        ("tf_keras.layers", "tf_keras"),
        ("keras.layers", "keras.models"),
    ],
)
def test_the_modules_of_all_kerases_are_known(dense_of: str, model_of: str, tmp_path: Path) -> None:
    config = model({**dense(), "module": dense_of}, module=model_of)
    assert import_keras(write(tmp_path / "m.keras", config))[1] == (3,)


@pytest.mark.parametrize(
    "module",
    ["keras", "keras_cv.layers", "keras.layersx", "keras.models", "kerasx.src.layers", None],
)
def test_other_modules_are_refused(module: str | None, tmp_path: Path) -> None:
    config = model({**dense(), "module": module})
    assert f"is 'Dense' of {module!r}, which is not" in refusal(write(tmp_path / "m.keras", config))


def test_frozen_layers_stay_frozen(tmp_path: Path) -> None:
    config = model(dense(trainable=False), layer("ReLU", "relu", trainable=False))
    network = import_keras(write(tmp_path / "m.keras", config))[0]
    assert [part.trainable for _, part in network.walk()] == [True, False, False]
    config["config"]["trainable"] = False
    assert not import_keras(write(tmp_path / "m.keras", config))[0].trainable
    activation = {"module": "keras.layers", "class_name": "LeakyReLU", "config": {}}
    config = model(dense(trainable=False, activation=activation))
    chain = import_keras(write(tmp_path / "m.keras", config))[0].at("dense")
    assert (chain.trainable, chain.at("dense").trainable) == (False, False)


ZEBRA = {"module": "keras.initializers", "class_name": "Zebra", "config": {}}
NORMALIZATION = {"axis": [-1], "mean": [1, 2, 3], "variance": 4}
CONFIGS = {
    "config.json: has no list": lambda: only(),
    "not an object": lambda: only(1),
    "model.weights.h5: layers/normalization/vars/0: is missing": lambda: model(
        layer("Normalization", "n", axis=[-1])
    ),
    "'Model'; glassnet reads": lambda: model(class_name="Model", module="keras.models"),
    "'Lambda'": lambda: model(layer("Lambda", "f", function={"code": "4wEAAA"})),
    "is 'Dense' of 'os'": lambda: model({**dense(), "module": "os"}),
    "is 'Sequential' of 'builtins'": lambda: model(dense(), module="builtins"),
    "custom object 'evil>Dense'": lambda: model({**dense(), "registered_name": "evil>Dense"}),
    "unknown field 'fn'": lambda: model({**dense(), "fn": 1}),
    "trainable=1, which is neither": lambda: model(dense(trainable=1)),
    "is quantized to int8. In Keras, save the model before": lambda: model(
        dense(
            dtype={
                "module": "keras.dtype_policies",
                "class_name": "QuantizedDTypePolicy",
                "registered_name": None,
                "config": {"mode": "int8", "source_name": "float32"},
            }
        )
    ),
    "is quantized to float8": lambda: model(dense(dtype="float8_from_float32")),
    "quantization_config": lambda: model(dense(quantization_config={"mode": "int8"})),
    "kernel_constraint": lambda: model(dense(kernel_constraint={"class_name": "NonNeg"})),
    "activation": lambda: model(dense(activation={"class_name": "function", "config": "f"})),
    "unknown activation 'ReLU'": lambda: model(dense(activation="ReLU")),
    "units": lambda: model(dense(units="2")),
    "units: must be": lambda: model(dense(units=-1)),
    "weights.h5: has": lambda: model(dense(units=10**11)),
    "Zebra": lambda: model(dense(kernel_initializer=ZEBRA)),
    "kernel_initializer: is not an object": lambda: model(dense(kernel_initializer="zeros")),
    "mixed_float16": lambda: model(dense(dtype={**POLICY, "config": {"name": "mixed_float16"}})),
    "is an input after": lambda: model(layer("InputLayer", "again", batch_shape=[None, 3])),
    "has the batch_shape": lambda: only(layer("InputLayer", "i", batch_shape=[None, -1])),
    "saved before it was built": lambda: only(dense()),
    "two layers are named 'dense'": lambda: model(dense(), dense()),
    "has no name": lambda: model({"class_name": "Dense", "config": {}}),
    "nested more than": lambda: nested(40),
    "mean: 'x' is not": lambda: model(layer("Normalization", "n", axis=[-1], mean="x", variance=1)),
    "mean: has shape (2,)": lambda: model(
        layer("Normalization", "n", axis=[-1], mean=[1, 2], variance=[1, 2])
    ),
    "variance: is negative": lambda: model(
        layer("Normalization", "n", **{**NORMALIZATION, "variance": -1})
    ),
    "variance: None is not": lambda: model(layer("Normalization", "n", axis=[-1], mean=1)),
    "scale": lambda: model(layer("Rescaling", "r", scale={"class_name": "__numpy__"})),
    "rate must be": lambda: model(layer("Dropout", "d", rate=1.5)),
}


def only(*layers: Any) -> dict[str, Any]:
    """A model without the input layer that Keras puts first."""
    return model() | {"config": {"name": "m", "layers": list(layers)}}


def nested(depth: int) -> dict[str, Any]:
    return model(nested(depth - 1)) if depth else model(dense())


@pytest.mark.parametrize(
    ("name", "here"),
    [("my_model", "my_model"), ("sequential_3", "sequential"), (None, "sequential")],
)
def test_a_model_keeps_its_name_unless_keras_generated_it(
    name: str | None, here: str, tmp_path: Path
) -> None:
    config = model(dense())
    config["config"]["name"] = name
    assert Model.load(write(tmp_path / "m.keras", config)).name == here


@pytest.mark.parametrize("what", CONFIGS)
def test_other_configurations_are_refused_by_name(what: str, tmp_path: Path) -> None:
    assert what in refusal(write(tmp_path / "m.keras", CONFIGS[what]()))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "config.json"),
        ("[]", "not an object"),
        ('{"config": 1, "config": 2}', "a key twice"),
        (json.dumps(model(dense())).replace('"units": 2', '"units": NaN'), "NaN"),
        (json.dumps(model(dense())).replace('"units": 2', '"units": 1e999'), "1e999"),
        ('{"a":' * 100_000, "config.json"),
        (" " * (9 * 2**20), "more than"),
    ],
)
def test_other_json_is_refused(text: str, what: str, tmp_path: Path) -> None:
    assert what in refusal(write(tmp_path / "m.keras", text))


def soft(group: Any) -> None:
    group["0"] = h5py.SoftLink("/elsewhere")


def external(group: Any) -> None:
    group["0"] = h5py.ExternalLink("/etc/passwd", "/x")


def outside(group: Any) -> None:
    group.create_dataset("0", (3, 2), "f4", external=[("/etc/passwd", 0, 24)])


def virtual(group: Any) -> None:
    layout = h5py.VirtualLayout((3, 2), "f4")
    layout[:] = h5py.VirtualSource("other.h5", "x", (3, 2))
    group.create_virtual_dataset("0", layout)


def sparse(group: Any) -> None:
    group.create_dataset("0", (3, 2), "f4", chunks=(3, 2), compression="gzip")


def unwritten(group: Any) -> None:
    group.create_dataset("0", (3, 2), "f4")


def text(group: Any) -> None:
    group.create_dataset("0", data=["a", "b"], dtype=h5py.string_dtype())


def a_group(group: Any) -> None:
    group.create_group("0")


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (weights(soft, kernel=None), "is a link"),
        (weights(external, kernel=None), "is a link"),
        (weights(outside, kernel=None), "not stored in one piece"),
        (weights(virtual, kernel=None), "not stored in one piece"),
        (weights(sparse, kernel=None), "not stored in one piece"),
        (weights(unwritten, kernel=None), "not stored in one piece"),
        (weights(text, kernel=None), "the network needs"),
        (weights(a_group, kernel=None), "not a dataset"),
        (weights(kernel=None), "vars/0: is missing"),
        (weights(bias=None), "vars/1: is missing"),
        (weights(kernel=KERNEL.T), "is float32 (2, 3), but the network needs float32 (3, 2)"),
        (weights(kernel=KERNEL.astype("f8")), "is float64"),
        (weights(kernel=KERNEL.astype(">f4")), "is >f4"),
        (weights(bias=np.array([np.nan, 1], "f4")), "NaN"),
        (weights(bias=np.array([np.inf, 1], "f4")), "NaN or infinity"),
        (b"\x89HDF\r\n\x1a\n" + bytes(1000), "model.weights.h5"),
        (b"", "0 bytes for 8 weights"),
        (weights() + bytes(3 * 2**20), "bytes for 8 weights"),
    ],
)
def test_other_weights_are_refused(data: bytes, what: str, tmp_path: Path) -> None:
    assert what in refusal(write(tmp_path / "m.keras", data=data))


def test_other_archives_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.keras"
    assert "doesn't exist" in refusal(path)
    path.write_bytes(b"PK no archive")
    assert "not a .keras file" in refusal(path)
    assert "glassnet reads config.json" in refusal(write(path, **{"../../evil.txt": b""}))
    assert "is compressed" in refusal(write(path, compression=zipfile.ZIP_DEFLATED))
    assert "is a folder" in refusal(tmp_path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", "{}")
        archive.writestr("metadata.json", "{}")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("config.json", "{}")
    assert "glassnet reads config.json" in refusal(path)


def mutations(good: bytes, rng: random.Random, count: int) -> list[bytes]:
    """Truncated, flipped, overwritten: files as disks and attackers leave them."""
    made = []
    for _ in range(count):
        data = bytearray(good)
        for _ in range(rng.choice((1, 1, 2, 8))):
            place = rng.randrange(len(data))
            kind = rng.randrange(4)
            if kind == 0:
                data[place] ^= 1 << rng.randrange(8)
            elif kind == 1:
                data[place] = rng.choice((0, 255, 127, 128))
            elif kind == 2:
                number = rng.choice((0, 1, 2**31 - 1, 2**32 - 1))
                data[place : place + 4] = struct.pack("<I", number)[: len(data) - place]
            else:
                del data[place:]
            if not data:
                break
        made.append(bytes(data))
    return made


@pytest.mark.parametrize("part", ["archive", "config", "weights"])
def test_a_damaged_file_is_read_the_same_or_refused(part: str, tmp_path: Path) -> None:
    path, rng = tmp_path / "m.keras", random.Random(part)
    whole, config = write(path).read_bytes(), json.dumps(model(dense()))
    good = {"archive": whole, "config": config.encode(), "weights": weights()}[part]
    read, refusals = 0, []
    for data in mutations(good, rng, 1500):
        if part == "archive":
            path.write_bytes(data)
        elif part == "config":  # with a right checksum, as an attacker would
            write(path, data.decode("latin-1"))
        else:
            write(path, data=data)
        try:
            network, shape, params, _ = import_keras(path)
        except GlassnetError as error:
            refusals.append(str(error))
        else:
            read += 1
            network.forward(params, np.ones((2, *shape), "f4"))
    assert read < 1500
    assert all(str(path) in message for message in refusals)
