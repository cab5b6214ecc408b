"""Files of Keras 2 named .keras: where they keep the weights."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet.core.trees import items
from glassnet.interop.keras.reading.file import import_keras
from tests.interop.keras.reading.test_file import BIAS, KERNEL, refusal
from tests.interop.keras.reading.test_legacy_config import old

h5py = pytest.importorskip("h5py", reason="h5py reads Keras's weights: glassnet[keras]")

VERSIONS = {  # of Keras, and the groups of two Dense layers
    "2.13.1": ("_layer_checkpoint_dependencies/dense", "_layer_checkpoint_dependencies/dense_2"),
    "2.14.0": ("_layer_checkpoint_dependencies\\dense", "_layer_checkpoint_dependencies\\dense_2"),
    "2.15.0": ("layers/dense", "layers/dense_1"),
    "2.15.1": ("layers\\dense", "layers\\dense_1"),
}


def write(path: Path, config: Any, groups: dict[str, list[Any]], version: str) -> Path:
    with h5py.File(buffer := io.BytesIO(), "w") as file:
        for group, arrays in groups.items():
            variables = file.create_group(f"{group}/vars")
            for i, values in enumerate(arrays):
                variables.create_dataset(str(i), data=values)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": version}))
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("model.weights.h5", buffer.getvalue())
    return path


def model(*layers: Any) -> dict[str, Any]:
    start = old("InputLayer", batch_input_shape=[None, 3], name="x")
    return {"module": "keras", **old("Sequential", layers=[start, *layers], name="m")}


TWO = model(old("Dense", units=2, name="one"), old("Dense", units=3, name="two"))


@pytest.mark.parametrize("version", VERSIONS)
def test_weights_of_keras_2_are_read(version: str, tmp_path: Path) -> None:
    one, two = VERSIONS[version]
    arrays = {one: [KERNEL, BIAS], two: [2 * KERNEL.T, np.zeros(3, "f4")]}
    _, shape, params, _ = import_keras(write(tmp_path / "m.keras", TWO, arrays, version))
    expected = {"one/kernel": KERNEL, "one/bias": BIAS, "two/kernel": 2 * KERNEL.T}
    assert shape == (3,)
    for place, values in items(params):
        np.testing.assert_array_equal(values, expected.get(place, np.zeros(3)))


def test_names_in_attention_are_private(tmp_path: Path) -> None:
    start = old("InputLayer", batch_input_shape=[None, 4, 3], name="x") | {"inbound_nodes": []}
    call = [["x", 0, 0, {"value": ["x", 0, 0]}]]
    attention = old("MultiHeadAttention", call, num_heads=1, key_dim=3, name="a",
                    query_shape=[None, 4, 3], softmax_robust_masking=False)  # fmt: skip
    ends = {"input_layers": [["x", 0, 0]], "output_layers": [["a", 0, 0]], "name": "m"}
    config = {"module": "keras.src.engine.functional"}
    config |= old("Functional", layers=[start, attention], **ends)
    names = {"_query_dense": (3, 1, 3), "_key_dense": (3, 1, 3), "_value_dense": (3, 1, 3),
             "_output_dense": (1, 3, 3)}  # fmt: skip
    groups = {
        f"layers/multi_head_attention/{name}": [
            np.full(shape, i, "f4"), np.full(3 if i > 2 else (1, 3), i, "f4"),
        ]
        for i, (name, shape) in enumerate(names.items())
    }  # fmt: skip
    params = import_keras(write(tmp_path / "m.keras", config, groups, "2.15.0"))[2]
    numbers = {place: values.flat[0] for place, values in items(params) if "kernel" in place}
    assert list(numbers.values()) == [0, 1, 2, 3]


def test_the_form_of_keras_2_is_refused_in_a_file_of_keras_3(tmp_path: Path) -> None:
    arrays = {"layers/dense": [KERNEL, BIAS]}
    path = write(tmp_path / "m.keras", TWO, arrays, "3.8.0")
    assert "layer 'x': is 'InputLayer' of None" in refusal(path)
    path = write(tmp_path / "m.keras", TWO, arrays, "2.13.1")
    assert "layers/dense_1/vars/0: is missing" in refusal(path)
