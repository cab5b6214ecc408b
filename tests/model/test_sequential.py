"""`Sequential`, the model: layers one by one, and what it shares with models made at once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet
from glassnet import Dense, Dropout, Flatten, GlassnetError, Input, Model, Sequential, layers

X = np.random.default_rng(0).normal(size=(6, 4)).astype("float32")


def same_weights(a: Model, b: Model) -> bool:
    return all(map(np.array_equal, a.get_weights(), b.get_weights()))


def test_layers_added_one_by_one_get_the_weights_of_those_added_at_once() -> None:
    model = Sequential(name="encoder")
    for layer in (Input((4,)), Dense(3, "relu"), Dropout(0.1), Dense(2)):
        model.add(layer)
    listed = [Dense(3, "relu"), Dropout(0.1), Dense(2)]
    assert same_weights(model, Sequential([Input((4,)), *listed]))
    assert same_weights(model, Model([layer.clone(weights=False) for layer in listed], (4,)))
    assert model.name == "encoder"
    assert [layer.name for layer in model.layers] == ["dense", "dropout", "dense_1"]


def test_the_others_keep_their_weights_when_layers_come_and_go() -> None:
    model = Sequential([Input((4,)), Dense(3), Dense(2)])
    model.compile("adam", "mse")
    kernel, head = model.get_weights()[0], model.layers[-1]
    assert model.pop() is head
    assert model.output_shape == (3,)
    model.add(Dense(5))
    np.testing.assert_array_equal(model.get_weights()[0], kernel)
    with pytest.raises(GlassnetError, match="is not compiled"):
        model.evaluate(X, np.zeros((6, 5)))


def test_layers_that_are_added_get_names_that_no_other_has() -> None:
    model = Sequential([Input((4,)), Dense(3, name="dense"), Dense(2, name="dense_1")])
    model.pop()
    model.add(Dense(5))
    assert [layer.name for layer in model.layers] == ["dense", "dense_1"]
    model.add(Dense(6, name="dense_1"))
    assert [layer.name for layer in model.layers] == ["dense", "dense_2", "dense_1"]


def test_a_loaded_model_keeps_the_names_of_its_inputs_when_layers_come(tmp_path: Path) -> None:
    Sequential([Input((4,), name="petals"), Dense(3)]).save(tmp_path / "m.safetensors")
    model = Sequential.load(tmp_path / "m.safetensors")
    model.add(Dense(2))
    assert model.predict({"petals": X}).shape == (6, 2)


def test_an_empty_model_has_no_layers() -> None:
    assert Sequential().layers == Sequential([Input((4,))]).layers == []


def test_without_an_input_the_first_data_or_build_create_the_weights() -> None:
    model = Sequential([Flatten(), Dense(2)])
    assert not model.built
    assert model.weights == []
    model.build((None, 2, 2))
    assert model.input_shape == (2, 2)
    assert len(model.weights) == 2
    late = Sequential([Dense(2)])
    late.compile("sgd", "mse")
    late.fit(X, np.zeros((6, 2)), verbose=0)
    assert late.input_shape == (4,)


def test_it_is_a_layer_of_other_models_and_may_begin_with_one() -> None:
    base = Sequential([Input((4,)), Dense(3)], name="base")
    outer = Sequential([base, Dense(1)])
    assert outer.built
    assert outer.get_layer("base").get_weights()[0] is not None
    x = Input((4,))
    np.testing.assert_array_equal(Model(x, base(x)).predict(X), base.predict(X))
    assert layers.TimeDistributed(base).layer is base.network  # type: ignore[arg-type]


def test_copies_files_and_configurations_stay_sequential(tmp_path: Any) -> None:
    model = Sequential([Input((4,)), Dense(3), Dense(2)], name="s")
    model.save(tmp_path / "m.safetensors")
    for other in (model.clone(), Sequential.load(tmp_path / "m.safetensors")):
        assert type(other) is Sequential
        assert same_weights(other, model)
        other.add(Dense(1))
        assert other.output_shape == (1,)
    assert model.output_shape == (2,)


def test_a_layer_that_does_not_fit_changes_nothing() -> None:
    model = Sequential([Input((4,)), Dense(3)])
    before = model.get_weights()
    with pytest.raises(GlassnetError, match="conv2d"):
        model.add(layers.Conv2D(2, 3))
    assert len(model.layers) == 1
    assert all(map(np.array_equal, model.get_weights(), before))


def test_reused_layers_need_no_build_for_summary_and_predict() -> None:
    base = Sequential([Input((4,)), Dense(8, "relu"), Dense(2)])
    model, lines = Model([*base.layers[:-1], Dense(3)]), list[str]()
    model.summary(lines.append)
    assert "Total params: 67" in lines[0]
    assert not model.built  # it may still be built for another shape
    x = np.ones((2, 4), "float32")
    assert model.predict(x).shape == (2, 3)
    np.testing.assert_array_equal(model.get_weights()[0], base.get_weights()[0])


def test_star_imports_leave_the_model_its_name_and_inputs_are_no_layers() -> None:
    names: dict[str, Any] = {}
    exec("from glassnet import *\nfrom glassnet.layers import *", names)
    assert names["Sequential"] is Sequential
    start = names["InputLayer"]((4,))
    model = Sequential([start, Dense(3)])
    assert model.input_shape == (4,)
    assert not isinstance(model.layers[0], names["InputLayer"])
    with pytest.raises(GlassnetError, match=r"glassnet\.Sequential; glassnet\.layers\.Seq"):
        layers.Sequential((start, Dense(3)))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Sequential("mlp"), "expects a list of layers, got str"),
        (lambda: Sequential(Dense(3)), "is a Dense, not layers in a row"),
        (lambda: Sequential([Flatten]), r"entry 0 is .*Create the layer: Flatten\(...\)"),
        (lambda: Sequential([Dense(3)]).add(3), "entry 1 is 3, not a layer"),
        (lambda: Sequential([Dense(3), Input((4,))]), "Only a Model can start with an Input"),
        (lambda: Sequential([Dense(3)], trainable="no"), "must be True or False, got 'no'"),
        (lambda: Sequential([Dense(3)], nam="a"), "Did you mean 'name'"),
        (lambda: Sequential([Dense(3)]).summary(), r"has no weights yet. Call build"),
        (lambda: Sequential().pop(), "has no layers"),
        (lambda: Sequential([Dense(3)]).add(), "missing a required argument: 'layer'"),
    ],
)
def test_mistakes(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        make()


def test_names() -> None:
    assert glassnet.Sequential is Sequential
    assert glassnet.layers.Sequential is not Sequential
    assert repr(Sequential()) == "<Sequential name=sequential, built=False>"
