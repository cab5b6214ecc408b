"""Models from configurations, JSON and files of Keras; clones with new weights."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet import (
    GRU,
    L2,
    Adam,
    Concatenate,
    Dense,
    ExponentialDecay,
    GlassnetError,
    Input,
    MaxNorm,
    MeanSquaredError,
    Model,
    Sequential,
    clone_model,
    load_model,
    losses,
    metrics,
    model_from_json,
)  # fmt: skip
from glassnet.layers import initializers

X = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")


def models() -> list[Model]:
    x, z = Input((4,), name="x"), Input((2,), name="z")
    graph = Model([x, z], Dense(2)(Concatenate()(Dense(3)(x), z)), name="two", seed=4)
    chain = Sequential([Input((4,)), Dense(3, "relu"), Dense(2)], name="chain")
    steps = Sequential([Input((None, 4)), GRU(3)])
    return [graph, chain, Model([Dense(3)]), steps, Model([Dense(3)], (None, 4))]


@pytest.mark.parametrize("number", range(5))
def test_configurations_and_clones(number: int) -> None:
    model = models()[number]
    config = type(model).from_config(model.get_config())
    for other in (config, model_from_json(model.to_json()), clone_model(model)):
        assert type(other) is type(model)
        assert other.network == model.network
        assert other.name == model.name
        assert other.input_names == model.input_names
        assert other.built == model.built
        assert other.accepted_shape == model.accepted_shape
        if model.built:
            assert other.input_shape == model.input_shape
            for new, old in zip(other.variables, model.variables, strict=True):
                np.testing.assert_array_equal(new, old)  # drawn with the same seed
                new.assign(np.zeros(new.shape))
            assert any(np.any(old) for old in model.variables)


@pytest.mark.parametrize("part", [
    Adam(0.01, clipnorm=1.0), Adam(ExponentialDecay(0.1, 10, 0.9)), MeanSquaredError(),
    losses.Huber(2.0), metrics.TopKCategoricalAccuracy(3), L2(0.1), MaxNorm(3.0),
    ExponentialDecay(0.1, 10, 0.9), initializers.RandomNormal(0.1),
    Dense(3, kernel_constraint="non_neg"),
])  # fmt: skip
def test_every_kind_of_part_comes_back_from_its_configuration(part: Any) -> None:
    assert type(part).from_config(part.get_config()) == part


def test_an_old_file_is_kept_on_request(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    models()[1].save(path, overwrite=False)
    np.testing.assert_array_equal(load_model(path).predict(X), models()[1].predict(X))
    with pytest.raises(GlassnetError, match=r"exists already. Use overwrite=True"):
        models()[1].save(path, overwrite=False)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("m.h5", r"\.h5 is the file of another program.*model.save\('model.keras'\)"),
        ("m.onnx", r"\.onnx is the file of another program"),
        ("m.pt", r"\.pt is the file of another program"),
        ("folder/", r"is a folder. A model is one file"),
    ],
)
def test_files_of_other_programs(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        models()[1].save(f"{tmp_path}/{name}")
    with pytest.raises(GlassnetError, match=r"doesn't exist|there is no such"):
        load_model(f"{tmp_path}/{name}")


def test_weights_of_keras() -> None:
    with pytest.raises(GlassnetError, match=r"\.h5 is the file of another program"):
        models()[1].save_weights("x.h5")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: load_model("m", compile=False), "takes no compile. A model is loaded as it was"),
        (lambda: load_model("m", custom_objects={}), "takes no custom_objects. Run the code with"),
        (lambda: load_model(), "missing a required argument: 'filepath'"),
        (lambda: clone_model(Dense(3)), r"got Dense. Layers have layer.clone\(\)"),
        (lambda: clone_model(models()[0], clone_function=print), "takes no clone_function"),
        (lambda: model_from_json("{"), "is not JSON"),
        (lambda: model_from_json("{}"), r"is not what model.to_json\(\) returns"),
        (lambda: Model.from_config({}), r"Model.from_config: is not a configuration"),
    ],
)
def test_mistakes(call: Any, message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        call()


def test_input_shapes_with_keras_s_batch_axis() -> None:
    model = Model([Dense(3)])
    model.build((None, 8))
    assert model.input_shape == (8,)
    both = Model(Concatenate())
    both.build([(None, 2), (None, 3)])
    assert both.output_shape == (5,)
    with pytest.raises(GlassnetError, match="missing a required argument: 'input_shape'"):
        Model([Dense(3)]).build()  # type: ignore[call-arg]
