"""Weights alone of Keras 2 and 3, for a network of the same layers."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet import (
    LSTM,
    Activation,
    BatchNormalization,
    Dense,
    Dropout,
    GlassnetError,
    Input,
    Layer,
    Model,
    TimeDistributed,
)  # fmt: skip
from glassnet.core.trees import items
from glassnet.interop.keras.reading.selection import Selection
from glassnet.interop.keras.reading.weights_file import read_keras_weights
from glassnet.layers import Sequential

h5py = pytest.importorskip("h5py", reason="h5py reads Keras's weights: glassnet[keras]")

Shapes = dict[str, tuple[int, ...]]
DENSE: Shapes = {
    "dense/vars/0": (3, 3), "dense/vars/1": (3,), "dense_1/vars/0": (3, 3), "dense_1/vars/1": (3,),
}  # fmt: skip


def keras_3(path: Path, shapes: Shapes) -> Path:
    """A file of arrays of 1, 2, 3, ..., in this order."""
    with h5py.File(path, "w") as file:
        for i, (name, shape) in enumerate(shapes.items()):
            file.create_dataset(f"layers/{name}", data=np.full(shape, i + 1, "f4"))
        file.create_group("optimizer/vars")
    return path


def keras_2(path: Path, groups: dict[str, Shapes], root: str = "/") -> Path:
    with h5py.File(path, "w") as file:
        top, i = file.require_group(root), 0
        top.attrs["layer_names"] = list(groups)
        for layer, shapes in groups.items():
            group = top.create_group(layer)
            group.attrs["weight_names"] = np.array([name.encode() for name in shapes], "S64")
            for name, shape in shapes.items():
                i += 1
                group.create_dataset(name, data=np.full(shape, i, "f4"))
    return path


def numbers(path: Path, network: Layer, shape: tuple[int, ...] = (3,)) -> dict[str, float]:
    params = read_keras_weights(path, network, shape, "float32")
    return {place: values.flat[0] for place, values in items(params)}


def refusal(path: Path, network: Layer, shape: tuple[int, ...] = (3,)) -> str:
    with pytest.raises(GlassnetError) as caught:
        numbers(path, network, shape)
    assert str(path) in str(caught.value)
    return str(caught.value)


CHAIN = Sequential((Dense(3, name="a"), Dropout(0.1), Dense(3, name="b")))


def test_keras_3_counts_layers_by_class(tmp_path: Path) -> None:
    random = {"dropout/seed_generator/vars/0": (2,)}
    path = keras_3(tmp_path / "m.weights.h5", DENSE | random)
    assert numbers(path, CHAIN) == {"a/kernel": 1, "a/bias": 2, "b/kernel": 3, "b/bias": 4}
    inner = Sequential((CHAIN.layers[0], CHAIN.layers[2]), name="inner")
    path = keras_3(path, {f"sequential/layers/{name}": shape for name, shape in DENSE.items()})
    assert list(numbers(path, Sequential((inner,))).values()) == [1, 2, 3, 4]
    cell = {f"lstm/cell/vars/{i}": shape for i, shape in enumerate([(3, 8), (2, 8), (8,)])}
    path = keras_3(path, cell)
    assert list(numbers(path, Sequential((LSTM(2),)), (4, 3)).values()) == [1, 2, 3]


def test_keras_3_s_other_files_are_refused(tmp_path: Path) -> None:
    path = keras_3(tmp_path / "m.weights.h5", DENSE)
    assert "layers/dense_2/vars/0: is missing" in refusal(
        path, Sequential((*CHAIN.layers, Dense(1)))
    )
    one = Sequential(CHAIN.layers[:1])
    assert "layers/dense_1/vars/0: is a weight that the network doesn't have" in refusal(path, one)
    assert "(3, 3) in the file, but (3, 2) in the network" in refusal(
        path, Sequential((Dense(2), Dense(3)))
    )
    assert "No such file" in refusal(tmp_path / "nofile.h5", CHAIN)
    path.write_bytes(path.read_bytes()[:900])
    assert "can't be read" in refusal(path, CHAIN)


def branches(*names: str) -> Any:
    x = Input((3,))
    outputs = [Dense(3, name=name)(x) for name in names]
    return Model(x, outputs).network


def test_layers_on_parallel_branches_have_no_order(tmp_path: Path) -> None:
    path = keras_3(tmp_path / "m.weights.h5", DENSE)
    assert "layers 'a' and 'b': are on parallel branches" in refusal(path, branches("a", "b"))
    x = Input((3,))
    y = Dense(3, name="a")(x)
    z = Model(x, [Dense(3, name="b")(y), y]).network  # one after the other: a comes first
    assert numbers(path, z) == {"a/kernel": 1, "a/bias": 2, "b/kernel": 3, "b/bias": 4}


@pytest.mark.parametrize("root", ["/", "model_weights"])
def test_keras_2_lists_layers_in_their_order(root: str, tmp_path: Path) -> None:
    groups: dict[str, Shapes] = {
        "dense_7": {"dense_7/kernel:0": (3, 3), "dense_7/bias:0": (3,)},
        "dropout": {},
        "norm": {f"norm/{name}:0": (3,) for name in
                 ("gamma", "beta", "moving_mean", "moving_variance")},
    }  # fmt: skip
    path = keras_2(tmp_path / "m.h5", groups, root)
    network = Sequential((Dense(3, name="a"), Dropout(0.1), BatchNormalization(name="n")))
    assert numbers(path, network) == {
        "a/kernel": 1, "a/bias": 2, "n/gamma": 3, "n/beta": 4, "n/moving_mean": 5,
        "n/moving_variance": 6,
    }  # fmt: skip
    assert "holds 2 layers, but the network has 1" in refusal(path, Sequential((Dense(3),)))
    other = Sequential((BatchNormalization(), Dense(3)))
    assert "holds 2 weights, but the layer has 4" in refusal(path, other)
    nested = Sequential((Sequential((Dense(3),), name="inner"), BatchNormalization()))
    assert "no certain order of the weights in a nested model" in refusal(path, nested)


def selected(path: Path, network: Layer, **options: Any) -> dict[str, float]:
    params = read_keras_weights(path, network, (3,), "float32", Selection(**options))
    return {place: values.flat[0] for place, values in items(params)}


THREE = Sequential((Dense(3, name="a"), Dense(3, name="b"), Dense(3, name="c")))


def test_what_is_left_out_on_both_sides_does_not_count(tmp_path: Path) -> None:
    more = {"dense_2/vars/0": (3, 3), "dense_2/vars/1": (3,)}
    path = keras_3(tmp_path / "m.weights.h5", DENSE | more)
    inner = selected(path, THREE, mapping={"b": None}, skip=("dense_1",))
    assert inner == {"a/kernel": 1, "a/bias": 2, "c/kernel": 5, "c/bias": 6}
    swapped = selected(path, THREE, mapping={"a": "dense_2", "b/bias": None, "c": "layers/dense"})
    assert swapped == {"a/kernel": 5, "a/bias": 6, "b/kernel": 3, "c/kernel": 1, "c/bias": 2}
    with pytest.raises(GlassnetError, match=r"doesn't have.*skip='layers/dense_2'"):
        selected(path, THREE, mapping={"b": None})
    groups: dict[str, Shapes] = {n: {"kernel:0": (3, 3), "bias:0": (3,)} for n in ("x", "y", "z")}
    path = keras_2(tmp_path / "m.h5", groups)
    assert selected(path, THREE, mapping={"b": None}, skip=("y",)) == inner
    assert selected(path, THREE, mapping={"a": "z", "c": "x"})["b/kernel"] == 3
    with pytest.raises(GlassnetError, match=r"holds 3 layers, but the network has 2.*skip='z'"):
        selected(path, THREE, mapping={"b": None})
    with pytest.raises(GlassnetError, match=r"'a/kernel' has the shape \(3, 3\).*skip='x'"):
        selected(path, Sequential((Dense(2, name="a"), *THREE.layers[1:])))


def test_a_model_loads_them(tmp_path: Path) -> None:
    model = Model(CHAIN, input_shape=(3,))
    model.load_weights(keras_3(tmp_path / "m.weights.h5", DENSE))
    assert [values.flat[0] for values in model.get_weights()] == [1, 2, 3, 4]
    (tmp_path / "m.keras").write_bytes(b"PK")
    with pytest.raises(GlassnetError, match=r"is not an HDF5 file of weights\. Model\.load"):
        model.load_weights(tmp_path / "m.keras")
    with pytest.raises(GlassnetError, match="doesn't have"):
        Model(Sequential(CHAIN.layers[:1]), input_shape=(3,)).load_weights(
            tmp_path / "m.weights.h5"
        )


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with h5py.File(buffer := io.BytesIO(), "w"):
        pass
    (path := tmp_path / "m.h5").write_bytes(buffer.getvalue())
    assert "holds 0 layers" in refusal(path, CHAIN)
    assert read_keras_weights(path, Sequential((Activation("relu"),)), (3,), "float32") == {}


def named(path: Path, shapes: Shapes, names: dict[str, str]) -> Path:
    """A file with the names of layers, as Keras writes it from 3.6 on."""
    keras_3(path, shapes)
    with h5py.File(path, "a") as file:
        for group, name in names.items():
            file[f"layers/{group}/vars"].attrs["name"] = name
    return path


def test_names_tell_layers_on_parallel_branches_apart(tmp_path: Path) -> None:
    path = tmp_path / "m.weights.h5"
    names = {"dense": "a", "dense_1": "b"}
    expected = {"a/kernel": 1, "a/bias": 2, "b/kernel": 3, "b/bias": 4}
    assert numbers(named(path, DENSE, names), branches("a", "b")) == expected
    assert "are on parallel branches" in refusal(path, branches("b", "a"))
    x = Input((3,))
    unnamed = Model(x, [Dense(3)(x), Dense(3)(x)]).network
    names = {"dense": "dense", "dense_1": "dense_1"}  # generated ones say nothing
    assert "are on parallel branches" in refusal(named(path, DENSE, names), unnamed)


def test_a_chain_can_be_a_functional_model_in_keras(tmp_path: Path) -> None:
    first, _, second = CHAIN.layers
    network = Sequential((Sequential((first,), name="one"), Sequential((second,), name="two")))
    kinds = {"functional": "functional_1", "sequential": "sequential_1"}
    values = [1, 2, 3, 4]
    for one, two in kinds.items():
        groups = {f"{one}/layers/dense": (3, 3), f"{two}/layers/dense": (3, 3)}
        shapes = {f"{group}/vars/{i}": shape[i:] for group, shape in groups.items() for i in (0, 1)}
        path = keras_3(tmp_path / "m.weights.h5", shapes)
        assert list(numbers(path, network).values()) == values
    mixed = {f"{name}/layers/dense/vars/{i}": (3, 3)[i:] for name in kinds for i in (0, 1)}
    path = keras_3(path, mixed)
    assert "layers: has models of two kinds" in refusal(path, network)


def test_weights_in_wrapped_models_and_chains_of_options_are_read(tmp_path: Path) -> None:
    inner = Sequential((CHAIN.layers[0], CHAIN.layers[2]))
    shapes = {f"time_distributed/layer/layers/{name}": shape for name, shape in DENSE.items()}
    path = keras_3(tmp_path / "m.weights.h5", shapes)
    wrapped = Sequential((TimeDistributed(inner),))
    assert list(numbers(path, wrapped, (4, 3)).values()) == [1, 2, 3, 4]
    chain = Sequential((Dense(3, name="d"), Activation("relu", name="activation")), name="d")
    path = keras_3(path, DENSE)  # Dense(activation=LeakyReLU()) in Keras
    assert list(numbers(path, Sequential((chain, Dense(3, name="e")))).values()) == [1, 2, 3, 4]
