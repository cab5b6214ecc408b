"""Files: ours in Keras, Keras's here, and the models that are refused."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import glassnet as g
from glassnet.core.arrays import map_arrays
from glassnet.core.trees import items
from glassnet.interop.keras import export as bridge
from glassnet.interop.keras.backend import precision
from glassnet.interop.keras.reading.weights_file import read_keras_weights
from glassnet.layers import AttachMask, PiecewiseLinearEncoding
from glassnet.layers.low_rank import merged
from glassnet.verify.cases import LAYERS, Case
from glassnet.verify.cases.base import layer_case
from glassnet.verify.cases.core import NETWORK
from tests.interop.keras.on_backend import comparable, outputs, pairs, rows
from tests.interop.keras.on_backend.constrained import IMAGES, WORDS


@pytest.mark.parametrize(
    "case",
    [
        case for case in LAYERS
        if case.constants == {} and comparable(case)
        and not isinstance(case.subject, AttachMask)  # alone, its mask is unused
    ],
    ids=str,
)  # fmt: skip
def test_an_exported_file_says_the_same_in_keras_and_here(case: Case, tmp_path: Path) -> None:
    exported_and_read(case, "float32", tmp_path / "model.keras")
    assert [path.name for path in tmp_path.iterdir()] == ["model.keras"]


def test_a_file_in_double_precision(tmp_path: Path) -> None:
    exported_and_read(layer_case(NETWORK, rows(4, 2, 3)), "float64", tmp_path / "model.keras")


def exported_and_read(case: Case, dtype: str, path: Path) -> None:
    """Export a layer, load it in plain Keras, import it again: all three say the same."""
    (x, params), net = case.cast(dtype).arguments, case.subject
    expected, shape = net.forward(params, x)[0], map_arrays(lambda a: a.shape[1:], x)
    bridge.export_keras(path, net, shape, params, dtype)
    with precision(dtype):
        loaded = keras.models.load_model(path)
    assert "glassnet" not in str(loaded.get_config())
    for found, wanted in pairs(outputs(loaded, x, dtype, training=False), expected):
        np.testing.assert_allclose(found, wanted, atol=1e-5, rtol=1e-5)
    again, its_shape, weights, its_dtype = bridge.import_keras(path)
    assert (its_shape, its_dtype) == (shape, dtype)
    plain, params = merged(net, params)  # as files for Keras are
    for found, wanted in pairs(again.forward(weights, x)[0], plain.forward(params, x)[0]):
        # The encoding is read back as the layers that it was built from, which round elsewhere.
        ulps = 4 if isinstance(net, PiecewiseLinearEncoding) else 0
        np.testing.assert_array_max_ulp(found, wanted, ulps)


@pytest.mark.parametrize("net", [IMAGES, WORDS], ids=["images", "words"])
def test_constraints_go_both_ways(net: Any, tmp_path: Path) -> None:
    shape = (6, 6, 2) if net is IMAGES else (6,)
    params, _ = net.init(np.random.default_rng(0), shape)
    bridge.export_keras(tmp_path / "model.keras", net, shape, params)
    again, _, _, _ = bridge.import_keras(tmp_path / "model.keras")
    wanted = {path: weight.constraint for path, weight in items(net.weights(shape))}
    assert {path: w.constraint for path, w in items(again.weights(shape))} == wanted
    assert sum(constraint is not None for constraint in wanted.values()) > 10


def test_export_asks_for_a_name_that_keras_loads(tmp_path: Path) -> None:
    with pytest.raises(g.GlassnetError, match=r"Call it model\.keras"):
        bridge.export_keras(tmp_path / "model.h5", g.Flatten(), (4,), {})


def functional(*layers: Any, shape: tuple[int, ...] = (4, 3)) -> Any:
    x = y = keras.Input(shape)
    for layer in layers:
        y = layer(y)
    return keras.Model(x, y)


def keras_models() -> dict[str, Any]:
    L = keras.layers
    x = rows(50, 4, 3) * np.array([1, 3, 0]) + 5
    adapted = L.Normalization()
    adapted.adapt(x)
    inner = keras.Sequential([keras.Input((12,)), L.Dense(5), L.ReLU()])
    chain = functional(L.Dense(4, "elu"), L.Dense(4, "silu"), shape=(5,))
    penalty, draw = keras.regularizers.L1L2(0.1, 0.2), keras.initializers.HeNormal()
    compiled = keras.Sequential([keras.Input((4, 3)), L.Flatten(), L.Dense(3, "softmax")])
    compiled.compile("adam", "sparse_categorical_crossentropy")
    compiled.fit(x.astype("f4"), np.arange(50) % 3, verbose=0)
    return {
        "trained": compiled,
        "functional": functional(adapted, L.Flatten(), inner, L.Dropout(0.2), chain, L.Softmax()),
        "mean and variance as options": functional(
            L.Normalization(mean=[1.0, 2.0, 3.0], variance=[0.0, 4.0, 2.0]), L.Dense(2)
        ),
        "one scale for all": functional(L.Rescaling([0.5] * 3, np.array([1.0] * 3))),
        "a scale for each": functional(L.Rescaling([0.5, 2.0, 1.0], [1.0, 0.0, -1.0]), L.Dense(2)),
        "an offset for each": functional(L.Rescaling(0.1, np.array([[1.0, 0.0, -1.0]]))),
        "one mean for all": functional(L.Normalization(axis=None, mean=3.0, variance=2.0)),
        "one mean for each": functional(L.Normalization(axis=1, mean=3.0, variance=2.0)),
        "activations": functional(
            L.Rescaling(0.1, -1), L.LeakyReLU(0.2), L.ELU(), L.Activation("gelu"),
            L.Dense(3, "softplus", use_bias=False, kernel_initializer=draw),
            L.Dense(3, "sigmoid", kernel_regularizer=penalty), L.Dense(2, kernel_regularizer="l1"),
        ),
    }  # fmt: skip


@pytest.mark.parametrize("name", list(keras_models()))
def test_keras_s_models_are_read(name: str, tmp_path: Path) -> None:
    model, path = keras_models()[name], tmp_path / "model.keras"
    model.save(path)
    network, shape, params, dtype = bridge.import_keras(path)
    x = (rows(6, 4, 3, seed=2) * 2 + 5).astype("f4")
    assert (shape, dtype) == ((4, 3), "float32")
    expected = model.predict(x, verbose=0)
    np.testing.assert_allclose(network.forward(params, x)[0], expected, rtol=1e-5, atol=1e-5)
    fitted = dict(items(network.adapted(params, lambda: [x])))  # already: stays as it is
    assert all(fitted[path] is value for path, value in items(params))


GRAPHS = (
    "branches",
    "operations",
    "images",
    "words",
    "masks",
    "ended",
    "attention",
    "a model twice",
    "numbers",
    "numbers for each",
)


def keras_graphs() -> dict[str, Any]:
    """(model, inputs) of models with branches, shared layers, several inputs, masks, models."""
    L = keras.layers
    x, y = keras.Input((6, 4), name="x"), keras.Input((3,), name="y")
    tokens, ops = keras.Input((6,), dtype="int32"), keras.ops
    each = ops.convert_to_tensor(np.array([1, 2, 3, 4], "f4"))
    shared = L.Dense(4, "tanh")
    inner = functional(L.Dense(5), L.BatchNormalization(), L.Dense(4), shape=(6, 4))
    h = L.Add()([inner(x), x])
    branches = L.Concatenate()([L.Flatten()(shared(shared(h))), y, L.Flatten()(shared(x))])
    image = keras.Input((8, 8, 2))
    c = L.Conv2D(4, 3, padding="same", activation="relu")(image)
    c = L.MaxPooling2D()(L.Multiply()([c, L.DepthwiseConv2D(3, padding="same")(c)]))
    c = L.Maximum()([L.SeparableConv2D(6, 3)(c), L.Conv2D(6, 3)(c)])
    words = L.Embedding(9, 4, mask_zero=True)(tokens)
    read = L.Bidirectional(L.LSTM(3, return_sequences=True))(words)
    read = L.LayerNormalization()(L.Add()([read, L.Dense(6)(words)]))
    read = L.Dropout(0.1)(L.MultiHeadAttention(2, 3)(read, read))
    read = L.GRU(5, return_sequences=True)(inner_sequence(6)(read))
    masked = L.SimpleRNN(3)(L.Masking(0.5)(x))
    ended = L.Conv1D(4, 3, padding="same")(words), L.RMSNormalization()(words)
    steps = L.TimeDistributed(keras.Sequential([L.Dense(3), L.ELU()]))(x)
    attended = L.MultiHeadAttention(2, 3, output_shape=5)(x, steps, use_causal_mask=True)
    one, two = rows(5, 6, 4).astype("f4"), rows(5, 3).astype("f4")
    one[1, 2:] = 0.5
    numbers = np.maximum(np.arange(30).reshape(5, 6) % 9 - 2, 0)
    return {
        "branches": (keras.Model([y, x], [L.Dense(2)(branches), h]), (two, one)),
        "operations": (keras.Model(x, x + x * shared(x) - shared(x)), one),
        "images": (keras.Model(image, L.GlobalMaxPooling2D()(c)), rows(5, 8, 8, 2).astype("f4")),
        "words": (keras.Model(tokens, L.GlobalAveragePooling1D()(read)), numbers),
        "masks": (keras.Model(x, [masked, L.Flatten()(steps)]), one),
        "ended": (keras.Model(tokens, [L.LSTM(2)(one) for one in ended]), numbers),
        "attention": (keras.Model(x, attended), one),
        "numbers": (keras.Model(x, L.Dense(2)(-(1 - (2 * (x / 255 - 0.5) + 1)))), one),
        "numbers for each": (keras.Model(x, (x - each) / each * each + shared(x)), one),
        "a model twice": (keras.Model(x, inner(inner(x))), one),
    }


def inner_sequence(size: int) -> Any:
    return keras.Sequential([keras.Input((6, size)), keras.layers.Dense(4)], name="inside")


@pytest.mark.filterwarnings("ignore:Layer .* was passed an input with a mask")
@pytest.mark.parametrize("name", GRAPHS)
def test_keras_s_graphs_are_read(name: str, tmp_path: Path) -> None:
    (model, x), path = keras_graphs()[name], tmp_path / "model.keras"
    for i, variable in enumerate(model.weights):  # also statistics and biases, which begin at 0
        variable.assign(variable + 0.1 * (i % 5 + 1))
    model.save(path)
    network, shape, params, _ = bridge.import_keras(path)
    assert shape == map_arrays(lambda a: a.shape[1:], x)
    given = map_arrays(lambda a: a.astype("f4"), x)
    for found, wanted in pairs(network.forward(params, given)[0], outputs(model, x, "float32")):
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-5)
    bridge.export_keras(tmp_path / "again.keras", network, shape, params)
    again = keras.models.load_model(tmp_path / "again.keras")
    for found, wanted in pairs(outputs(again, given, "float32"), outputs(model, x, "float32")):
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", ["functional", "activations"])
def test_keras_s_other_files_are_read(name: str, tmp_path: Path) -> None:
    model, path = keras_models()[name], tmp_path / "model.h5"
    model.save(path)
    network, shape, params, _ = bridge.import_keras(path)
    x = (rows(6, 4, 3, seed=2) * 2 + 5).astype("f4")
    expected = model.predict(x, verbose=0)
    np.testing.assert_allclose(network.forward(params, x)[0], expected, rtol=1e-5, atol=1e-5)
    if name == "activations":  # without nested models, which have another order
        model.save_weights(tmp_path / "m.weights.h5")
        weights = read_keras_weights(tmp_path / "m.weights.h5", network, shape, "float32")
        for (place, values), (_, same) in zip(items(params), items(weights), strict=True):
            np.testing.assert_array_equal(values, same, err_msg=place)


def refused_models() -> dict[str, Any]:
    L = keras.layers

    class Mine(L.Dense):
        pass

    class Norm(keras.constraints.UnitNorm):
        pass

    x, ops = keras.Input((4, 3)), keras.ops
    shared, wide = L.Dense(3), L.Dense(400)
    inner = functional(shared, shape=(4, 3))
    large = functional(wide, wide, shape=(400,))
    return {
        "'Lambda'": functional(L.Lambda(lambda x: x)),
        "'ConvLSTM1D'": functional(L.ConvLSTM1D(2, 1), shape=(4, 4, 1)),
        "'Mine'": functional(Mine(2)),
        "'Norm'": functional(L.Dense(2, kernel_constraint=Norm())),
        "'OrthogonalRegularizer'": functional(
            L.Dense(2, kernel_regularizer=keras.regularizers.OrthogonalRegularizer())
        ),
        "mixed_float16": functional(L.Dense(2, dtype="mixed_float16")),
        "float16": functional(L.Dense(2, dtype="float16")),
        "sparsemax": functional(L.Dense(2, "sparsemax")),
        "softmax over the positions": functional(
            L.Conv1D(2, 1, data_format="channels_first", activation="softmax")
        ),
        "the axes": functional(L.Normalization(axis=(1, 2))),
        "invert=True": functional(L.Normalization(invert=True)),
        "'Exp'": keras.Model(x, keras.ops.exp(x)),
        "'Relu', which glassnet can't read. In Keras, use a layer": keras.Model(x, ops.relu(x)),
        "'Divide', which glassnet can't read": keras.Model(x, ops.divide(1, x)),
        "scales features differently, some by 0": keras.Model(x, x * np.array([1, 0, 2], "f4")),
        "scales values by position": keras.Model(x, x + np.ones((4, 3), "f4").cumsum(0)),
        "scales 1 features by 3": keras.Model(
            column := keras.Input((4, 1)), column * np.ones(3, "f4")
        ),
        "at its second place, such as inside": keras.Model(x, L.Add()([inner(x), shared(x)])),
        "is missing; Keras leaves out": keras.Model(
            x, L.Add()([L.TimeDistributed(shared)(x), shared(x)])
        ),
        "weights; Keras leaves out": keras.Model(large.input, large(wide(large.input))),
        "mask that glassnet": keras.Model(x, L.LSTM(2)(x, mask=keras.ops.any(x != 1.0, axis=-1))),
        "training=True": keras.Model(x, L.Dropout(0.1)(x, training=True)),
    }


@pytest.mark.parametrize("what", list(refused_models()))
def test_other_models_are_refused_by_name(what: str, tmp_path: Path) -> None:
    refused_models()[what].save(path := tmp_path / "model.keras")
    with pytest.raises(g.GlassnetError) as caught:
        bridge.import_keras(path)
    assert what in str(caught.value)
    assert str(path) in str(caught.value)


def test_models_are_saved_and_loaded_as_keras_files(tmp_path: Path) -> None:
    path, x = tmp_path / "model.keras", rows(5, 4)
    model = g.Sequential([g.Input((4,)), g.Dense(3, "relu"), g.Dense(2)])
    model.save(path)
    expected = model.predict(x)
    np.testing.assert_allclose(keras.models.load_model(path).predict(x), expected, atol=1e-5)
    for loaded in (g.Model.load(path), g.load_model(path), g.Sequential.load(path)):
        np.testing.assert_array_equal(loaded.predict(x), expected)
