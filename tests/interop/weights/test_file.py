"""`load_weights` of files from elsewhere: what fits is loaded, anything else is named."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet import GlassnetError, Model
from glassnet.layers import Dense, Normalization, Residual
from tests.interop.weights.helpers import MLP, arrays, mlp, mlp_outputs, saved

X = np.random.default_rng(1).normal(size=(5, 4)).astype("float32")


@pytest.mark.parametrize("front", ["", "module.", "net.backbone."])
def test_equal_names_need_no_mapping(tmp_path: Path, front: str) -> None:
    tensors = {front + name: array for name, array in arrays(**MLP).items()}
    model = mlp()
    model.load_weights(saved(tmp_path, tensors))
    np.testing.assert_allclose(model.predict(X), mlp_outputs(tensors, X, front), atol=1e-6)


@pytest.mark.parametrize(
    "mapping",
    [{"dense": "fc1", "dense_1": "fc2"}, "order", {"dense": "fc1", "dense_1/kernel": "fc2.weight",
                                                   "dense_1/bias": "fc2.bias"}],
)  # fmt: skip
def test_a_mapping_names_layers_or_arrays(tmp_path: Path, mapping: Any) -> None:
    tensors = arrays(**MLP)
    model = mlp(None, None)
    model.load_weights(saved(tmp_path, tensors), mapping)
    np.testing.assert_allclose(model.predict(X), mlp_outputs(tensors, X), atol=1e-6)


@pytest.mark.parametrize("place", ["block/fc/bias", "block/body/fc/bias"])
def test_arrays_in_a_residual_block_are_named_with_its_body_or_without(
    tmp_path: Path, place: str
) -> None:
    tensors = arrays(block__fc__weight=(4, 4), b=(4,))
    model = Model([Residual([Dense(4, name="fc")], name="block")], (4,))
    model.load_weights(saved(tmp_path, tensors), {place: "b"})
    np.testing.assert_array_equal(model.params["block"]["body"]["fc"]["bias"], tensors["b"])


def test_a_new_head_keeps_its_weights_and_the_old_one_is_left_out(tmp_path: Path) -> None:
    tensors = arrays(**MLP)
    model = Model([Dense(3, "relu", name="fc1"), Dense(7, name="fc2")], (4,), seed=3)
    before = model.params["fc2"]["kernel"].copy()
    model.load_weights(saved(tmp_path, tensors), {"fc2": None}, skip="fc2")
    np.testing.assert_array_equal(model.params["fc2"]["kernel"], before)
    np.testing.assert_array_equal(model.params["fc1"]["kernel"], tensors["fc1.weight"].T)


def test_tied_weights_are_named_and_can_be_mapped_twice(tmp_path: Path) -> None:
    tensors = arrays(a__weight=(3, 3))
    tensors["b.weight"] = tensors["a.weight"]
    layers = [Dense(3, use_bias=False, name="a")]
    with pytest.raises(GlassnetError, match=r"'b\.weight' equals 'a\.weight': they are tied"):
        Model(layers, (3,)).load_weights(saved(tmp_path, tensors))
    both = Model([*layers, Dense(3, use_bias=False, name="b")], (3,))
    both.load_weights(saved(tmp_path, {"a.weight": tensors["a.weight"]}), {"b": "a"})
    np.testing.assert_array_equal(both.params["b"]["kernel"], tensors["a.weight"].T)


def test_what_is_fitted_to_data_here_stays(tmp_path: Path) -> None:
    tensors = arrays(fc__weight=(2, 4))
    scaled = Normalization()
    scaled.adapt(X)
    model = Model([scaled, Dense(2, use_bias=False, name="fc")], (4,))
    model.load_weights(saved(tmp_path, tensors))
    expected = (X - X.mean(0)) / X.std(0) @ tensors["fc.weight"].T
    np.testing.assert_allclose(model.predict(X), expected, atol=1e-5)


def test_float64_weights_become_the_model_s(tmp_path: Path) -> None:
    tensors = {name: a.astype("float64") for name, a in arrays(**MLP).items()}
    model = mlp()
    model.load_weights(saved(tmp_path, tensors))
    assert model.params["fc1"]["kernel"].dtype == np.float32


ERRORS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({}, {"mapping": {"fc3": "fc1"}}, "mapping: the network has no layer 'fc3'.*mean 'fc"),
    ({}, {"mapping": {"fc1": "fc3"}}, "mapping: there is no 'fc3' in the file. Did you mean 'fc"),
    ({}, {"mapping": {"fc1": None}}, "'fc1.bias', 'fc1.weight' belong to no layer"),
    ({}, {"mapping": "shapes"}, "mapping: is 'shapes'.*or 'order'"),
    ({}, {"skip": ["fc4"]}, "skip: there is no 'fc4'"),
    ({}, {"skip": ["fc2"]}, r"layer 'fc2': there is no 'fc2.weight' for its 'kernel', \(3, 2\)"),
    ({"fc3__bias": (2,)}, {}, r"'fc3.bias' belongs to no layer.*skip=\['fc3'\]"),
    ({"fc2__weight": (3, 2)}, {}, r"'fc2.weight' has the shape \(3, 2\), but its 'kernel'"),
    ({"_fc2__weight": (2, 3)}, {}, "'_fc2.weight' and 'fc2.weight' are the same name"),
]


@pytest.mark.parametrize(("shapes", "options", "message"), ERRORS)
def test_what_doesn_t_fit_is_one_error(
    tmp_path: Path, shapes: dict[str, Any], options: dict[str, Any], message: str
) -> None:
    model = mlp()
    before = [w.copy() for w in model.get_weights()]
    path = saved(tmp_path, arrays(**(MLP | shapes)))
    with pytest.raises(GlassnetError, match=message) as caught:
        model.load_weights(path, **options)
    assert str(caught.value).count(str(path)) == 1
    assert all(map(np.array_equal, before, model.get_weights()))  # nothing was loaded


def test_numbers_that_are_none_are_refused(tmp_path: Path) -> None:
    tensors = arrays(**MLP)
    tensors["fc1.bias"][0] = np.nan
    with pytest.raises(GlassnetError, match=r"fc1\.bias: holds NaN or infinity"):
        mlp().load_weights(saved(tmp_path, tensors))
    tensors["fc1.bias"] = np.zeros(3, "int64")
    with pytest.raises(GlassnetError, match=r"'fc1\.bias': is of I64"):
        mlp().load_weights(saved(tmp_path, tensors))


def test_other_names_are_proposed_if_shapes_decide(tmp_path: Path) -> None:
    with pytest.raises(GlassnetError, match=r"mapping=\{'dense': 'fc1', 'dense_1': 'fc2'\}"):
        mlp(None, None).load_weights(saved(tmp_path, arrays(**MLP)))
    square = arrays(fc1__weight=(4, 4), fc2__weight=(4, 4))
    model = Model([Dense(4, use_bias=False), Dense(4, use_bias=False)], (4,))
    with pytest.raises(GlassnetError, match=r"Name its counterpart.*'fc1', 'fc2'"):
        model.load_weights(saved(tmp_path, square))
    with pytest.raises(GlassnetError, match="sorted by name"):
        model.load_weights(saved(tmp_path, square), "order")


def test_arrays_that_the_file_can_t_have_are_named(tmp_path: Path) -> None:
    layer = Dense(2, name="fc")
    model = Model([layer], (4,))
    layer.enable_lora(1)
    path = saved(tmp_path, arrays(fc__weight=(2, 4), fc__bias=(2,)))
    message = (
        r"no 'fc\.lora_kernel_a'.*first of 2.*before enable_lora; .*'fc/lora_kernel_a': None\}"
    )
    with pytest.raises(GlassnetError, match=message):
        model.load_weights(path)
    model.load_weights(path, {"fc/lora_kernel_a": None, "fc/lora_kernel_b": None})


def test_whole_numbers_that_are_left_over_are_named(tmp_path: Path) -> None:
    tensors = arrays(**MLP) | {"ids": np.arange(3)}
    with pytest.raises(GlassnetError, match="'ids' belongs to no layer"):
        mlp().load_weights(saved(tmp_path, tensors))
    mlp().load_weights(saved(tmp_path, tensors), skip="ids")


def test_glassnet_s_own_files_take_no_mapping(tmp_path: Path) -> None:
    mlp().save_weights(tmp_path / "own.safetensors")
    with pytest.raises(GlassnetError, match="mapping is for weights of PyTorch"):
        mlp().load_weights(tmp_path / "own.safetensors", {"fc1": "fc2"})


@pytest.mark.parametrize("name", ["", "/", "...", "_", ":0"])
def test_odd_names_are_named_as_well(name: str, tmp_path: Path) -> None:
    with pytest.raises(GlassnetError, match=r"belongs? to no layer"):
        mlp().load_weights(saved(tmp_path, arrays(**MLP) | {name: np.zeros(2, "float32")}))
