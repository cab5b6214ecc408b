"""Every layer of Keras's that can be read, with options other than the usual ones: same outputs."""

import json
import zipfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import glassnet as g
from glassnet.core.arrays import map_arrays
from glassnet.core.trees import items
from glassnet.interop.keras import export as bridge
from glassnet.interop.keras.reading.foreign import TRAINING_ONLY
from glassnet.interop.keras.reading.layer import READABLE
from glassnet.interop.keras.reading.masks import MERGING
from tests.interop.keras.on_backend import BACKEND, outputs, rows

L = keras.layers
ROW, STEPS, IMAGE, PHOTO = (5,), (6, 4), (9, 8, 4), (9, 8, 3)
FIRST = {"data_format": "channels_first"}
VOLUME = (6, 5, 4, 4)
KEEP: dict[str, Any] = {"return_sequences": True}
FACTORS = {
    "RandomBrightness": {"factor": 0.2},
    "RandomColorDegeneration": {"factor": 0.2},
    "RandomColorJitter": {"brightness_factor": 0.2},
    "RandomContrast": {"factor": 0.2},
    "RandomHue": {"factor": 0.2},
    "RandomPosterization": {"factor": 4},
    "RandomRotation": {"factor": 0.2},
    "RandomSaturation": {"factor": 0.2},
    "RandomSharpness": {"factor": 0.2},
    "RandomShear": {"x_factor": (0.0, 0.2)},
    "RandomTranslation": {"height_factor": 0.2, "width_factor": 0.2},
    "RandomZoom": {"height_factor": 0.2},
}


def chains() -> list[tuple[tuple[int | None, ...], list[Any]]]:
    """(shape of an example, layers) of the models."""
    dense = L.Dense(3, use_bias=False)
    return [
        (ROW, [L.Dense(4, "relu6"), L.Dense(3, L.LeakyReLU(0.1), use_bias=False)]),
        (ROW, [L.Dense(4, L.ReLU(1.0, 0.1, 0.2)), L.Dense(4, L.ELU(0.5)), L.Activation(L.ReLU(2))]),
        (ROW, [L.Activation("softplus"), L.LeakyReLU(), L.ReLU(), L.ELU(0.3), L.Softmax()]),
        (ROW, [L.Dense(4, L.ReLU()), L.Dense(3, L.Softmax()), L.Identity()]),
        (ROW, [L.RepeatVector(3), L.LSTM(2), L.Dropout(0.3), L.ActivityRegularization(0.1)]),
        (ROW, [L.BatchNormalization(center=False, momentum=0.5), L.Rescaling(0.5, 1.0)]),
        (STEPS, [L.BatchNormalization(axis=1, scale=False, epsilon=0.1), L.Normalization(axis=1)]),
        (STEPS, [L.LayerNormalization(axis=[1, 2], center=False), L.RMSNormalization()]),
        (STEPS, [L.GroupNormalization(2, scale=False), L.Permute((2, 1)), L.Reshape((-1, 3))]),
        (STEPS, [L.Conv1D(6, 2, strides=2, groups=2), L.Flatten()]),
        (STEPS, [L.Conv1D(3, 2, dilation_rate=2, padding="causal", use_bias=False)]),
        (STEPS, [L.ZeroPadding1D((2, 1)), L.Cropping1D((1, 0)), L.MaxPooling1D(3, 2, "same")]),
        (STEPS, [L.AveragePooling1D(3, 1), L.GlobalMaxPooling1D(keepdims=True)]),
        (STEPS, [L.TimeDistributed(L.Dense(3, L.LeakyReLU(0.1))), L.GlobalAveragePooling1D()]),
        (STEPS, [L.TimeDistributed(keras.Sequential([dense, L.ReLU(1)])), L.SimpleRNN(2, "relu")]),
        (STEPS, [L.Masking(0.5), L.GRU(3, reset_after=False, **KEEP), L.LSTM(2, "elu")]),
        (STEPS, [L.LSTM(3, go_backwards=True, **KEEP), L.GRU(2, recurrent_activation="tanh")]),
        (STEPS, [L.Masking(0.5), L.GRU(3, "silu", "tanh", use_bias=False, go_backwards=True)]),
        (STEPS, [L.LSTM(3, unit_forget_bias=False, recurrent_dropout=0.3, unroll=True, **KEEP)]),
        (STEPS, [L.GaussianNoise(0.2), L.GaussianDropout(0.2), L.SpatialDropout1D(0.3)]),
        *((STEPS, [L.Masking(0.5), L.Bidirectional(L.LSTM(2, **KEEP), mode), L.GRU(2)])
          for mode in ("sum", "mul", "ave", "concat")),
        (STEPS, [L.Bidirectional(L.SimpleRNN(2, "elu", **KEEP), "sum")]),
        (IMAGE, [L.Conv2D(6, (3, 2), (2, 1), "same", groups=2), L.SpatialDropout2D(0.2)]),
        (IMAGE, [L.Conv2D(3, 3, dilation_rate=(2, 1), activation=L.LeakyReLU(0.1))]),
        (IMAGE, [L.Conv2DTranspose(3, 3, 2, "same"), L.Conv2DTranspose(2, 2, use_bias=False)]),
        (IMAGE, [L.DepthwiseConv2D(3, 2, depth_multiplier=2), L.SeparableConv2D(3, 2, 1, "same")]),
        (IMAGE, [L.SeparableConv2D(4, 3, dilation_rate=2, depth_multiplier=2, use_bias=False)]),
        (IMAGE, [L.ZeroPadding2D(((1, 0), (2, 1))), L.Cropping2D((1, 2)), L.MaxPooling2D(3, 1)]),
        (IMAGE, [L.AveragePooling2D(2, padding="valid"), L.UpSampling2D((2, 3))]),
        (IMAGE, [L.UpSampling2D(2, interpolation="bilinear"), L.GlobalMaxPooling2D(keepdims=True)]),
        (IMAGE, [L.GlobalAveragePooling2D(keepdims=True), L.Flatten()]),
        (PHOTO, [getattr(L, name)(**FACTORS.get(name, {})) for name in sorted(TRAINING_ONLY)
                 if hasattr(L, name)]),
        (IMAGE, [L.RandomFlip("vertical", seed=3), L.RandomRotation(0.1), L.RandomZoom(0.1, 0.2),
                 L.RandomTranslation(0.1, 0.2, "wrap"), L.RandomContrast(0.1),
                 L.RandomBrightness(0.1, (0, 1)), L.Softmax([1, 2])]),
        (IMAGE, [L.PReLU("ones", shared_axes=[1, 2]), L.Softmax(axis=1), L.Identity()]),
        (STEPS, [L.AlphaDropout(0.3), L.Dropout(0.2, (None, 1, None), seed=3), L.Softmax(1),
                 L.UnitNormalization(), L.ActivityRegularization(l1=0.1)]),
        (ROW, [L.Dense(3, L.LeakyReLU(0.1), activity_regularizer="l1"), L.Dense(2, "relu6")]),
        ((2, 3, 3, 2), [L.SpatialDropout3D(0.1, seed=4)]),
        ((None,), [L.Embedding(9, 4, mask_zero=True), L.LSTM(3)]),
        ((None,), [L.Embedding(9, 4), L.Conv1D(3, 5), L.GlobalMaxPooling1D()]),
        ((None, 4), [L.Masking(0.5), L.Bidirectional(L.GRU(2)), L.Dense(2)]),
        ((None, None, 4), [L.Conv2D(3, 3), L.MaxPooling2D(), L.GlobalAveragePooling2D()]),
        (VOLUME, [L.ZeroPadding3D((1, (0, 2), 1)), L.Conv3D(4, 3, groups=2), L.MaxPooling3D(2),
                  L.Conv3DTranspose(3, 2, 2, output_padding=1), L.SpatialDropout3D(0.2)]),
        (VOLUME, [L.UpSampling3D((1, 2, 1)), L.Cropping3D(1), L.AveragePooling3D(2),
                  L.GlobalAveragePooling3D(keepdims=True), L.GlobalMaxPooling3D()]),
        (VOLUME, [L.AdaptiveAveragePooling3D(3), L.AdaptiveMaxPooling3D(2)]),
        (IMAGE, [L.CenterCrop(4, 5), L.Flatten()]),
        (STEPS, [L.Discretization([-0.5, 0.0, 0.5]), L.CategoryEncoding(4, "one_hot"), L.Flatten(),
                 L.Discretization([0.5]), L.CategoryEncoding(2, "count"), L.Dense(3)]),
        (ROW, [L.Discretization([-0.5, 0.0]), L.CategoryEncoding(3), L.Dense(3)]),
        (IMAGE, [L.AdaptiveAveragePooling2D(3), L.AdaptiveMaxPooling2D(2)]),
        ((10, 4), [L.Conv1DTranspose(6, 3, 2, "same", output_padding=0), L.UpSampling1D(2),
                   L.DepthwiseConv1D(2, depth_multiplier=2), L.SeparableConv1D(3, 2, 2),
                   L.EinsumDense("abc,cd->abd", (None, 4), "relu", "d"),
                   L.AdaptiveAveragePooling1D(5), L.AdaptiveMaxPooling1D(3)]),
    ]  # fmt: skip


def channels_first() -> list[list[Any]]:
    """For images (4, 9, 8)."""
    return [
        [L.Conv2D(6, 3, 2, groups=2, activation="relu", **FIRST), L.BatchNormalization(axis=1)],
        [L.Conv2DTranspose(3, 3, 2, **FIRST), L.ZeroPadding2D((1, 2), **FIRST)],
        [L.DepthwiseConv2D(3, **FIRST), L.SeparableConv2D(3, 2, **FIRST), L.Flatten(**FIRST)],
        [L.MaxPooling2D((3, 2), **FIRST), L.UpSampling2D((1, 2), **FIRST)],
        [L.AveragePooling2D(2, **FIRST), L.Cropping2D(1, **FIRST)],
        [L.SpatialDropout2D(0.1, **FIRST), L.Flatten(**FIRST)],
        [L.GlobalAveragePooling2D(**FIRST)],
        [L.GlobalMaxPooling2D(keepdims=True, **FIRST)],
        [L.Conv2D(3, 3, activation=L.LeakyReLU(0.1), **FIRST), L.Flatten()],
    ]  # fmt: skip


def same(model: Any, x: Any, path: Path) -> None:
    """Save the model with weights that are all different, read it, and compare the outputs."""
    for i, variable in enumerate(model.weights):
        variable.assign(variable + 0.05 * (i % 5 + 1))
    model.save(path)
    network, shape, params, dtype = bridge.import_keras(path)
    glass = g.Model(network, dtype=dtype)
    glass.take(shape, params)
    loaded = keras.models.load_model(path)  # whose Normalization computes with the new weights
    wanted = map_arrays(np.asarray, outputs(loaded, x, dtype, training=False))
    inputs = list(x) if isinstance(x, tuple) else x
    np.testing.assert_allclose(glass.predict(inputs), wanted, rtol=1e-4, atol=1e-5)
    glass.save(path.with_suffix(".safetensors"))
    again = g.Model.load(path.with_suffix(".safetensors")).predict(inputs)
    np.testing.assert_array_equal(again, glass.predict(inputs))


def data(shape: tuple[int | None, ...], layers: list[Any]) -> Any:
    if isinstance(layers[0], L.Embedding):
        return np.maximum(np.arange(33).reshape(3, 11) % 9 - 2, 0)
    x = rows(3, *(size or 10 for size in shape)).astype("f4")
    if len(shape) == 2:
        x[1, 2:] = x[2, 4:] = 0.5  # what `Masking(0.5)` masks
    return x


@pytest.mark.filterwarnings("ignore:Explicitly requested dtype")  # MixUp's, on JAX
@pytest.mark.parametrize("number", range(len(chains())))
def test_options_are_read(number: int, tmp_path: Path) -> None:
    shape, layers = chains()[number]
    x = data(shape, layers)
    same(keras.Sequential([keras.Input(shape), *layers]), x, tmp_path / "m.keras")


@pytest.mark.skipif(BACKEND == "tensorflow", reason="TensorFlow has no such layers for CPUs")
@pytest.mark.parametrize("number", range(len(channels_first())))
def test_channels_first_is_read(number: int, tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((4, 9, 8)), *channels_first()[number]])
    same(model, rows(3, 4, 9, 8).astype("f4"), tmp_path / "m.keras")


@pytest.mark.parametrize(
    ("shape", "layers"),
    [
        ((4, 9), [L.MaxPooling1D(2, **FIRST), L.GlobalAveragePooling1D(**FIRST)]),
        ((4, 6, 5, 7), [L.Cropping3D(1, **FIRST), L.UpSampling3D(2, **FIRST)]),
    ],
)
def test_channels_first_is_read_of_steps_and_voxels(
    shape: tuple[int, ...], layers: list[Any], tmp_path: Path
) -> None:
    model = keras.Sequential([keras.Input(shape), *layers])
    same(model, rows(3, *shape).astype("f4"), tmp_path / "m.keras")


@pytest.mark.filterwarnings("ignore:Explicitly requested dtype")
def test_every_layer_that_can_be_read_is_read_above_or_in_a_graph() -> None:
    chained = {type(layer).__name__ for _, layers in chains() for layer in layers}
    merging = {*MERGING, "Add"}
    elsewhere = {"AdditiveAttention", "Attention", "MultiHeadAttention", "LayerScale"}
    assert set(READABLE) - chained - merging - elsewhere <= TRAINING_ONLY
    for name in sorted(chained & TRAINING_ONLY):
        kept = keras.Sequential([keras.Input(PHOTO), getattr(L, name)(**FACTORS.get(name, {}))])
        x = rows(2, *PHOTO).astype("f4") * 99
        np.testing.assert_array_equal(outputs(kept, x, "float32", training=False), x)


@pytest.mark.filterwarnings("ignore:Layer .* was passed an input with a mask")
@pytest.mark.parametrize("merge", ["Add", "Average", "Maximum", "Multiply", "Subtract"])
def test_merged_masks_are_read(merge: str, tmp_path: Path) -> None:
    """Two sequences with paddings of their own, and one without any."""
    a, b, c = keras.Input((6,)), keras.Input((6,)), keras.Input((6, 4))
    words = [L.Embedding(9, 4, mask_zero=True)(x) for x in (a, b)]
    joined = getattr(L, merge)()(words)
    half = getattr(L, merge)()([words[0], L.Dense(4)(c)])
    ends = L.Concatenate()([L.GRU(3)(joined), L.GlobalAveragePooling1D()(half), L.LSTM(2)(half)])
    ids = np.maximum(np.arange(36).reshape(6, 6) % 9 - 3, 0).astype("f4")
    x = ids, np.roll(ids, 2, axis=1), rows(6, 6, 4).astype("f4")
    same(keras.Model([a, b, c], ends), x, tmp_path / "m.keras")


def test_attention_is_read(tmp_path: Path) -> None:
    x, words = keras.Input((6, 4)), keras.Input((6,))
    embedded = L.Embedding(9, 4, mask_zero=True)(words)
    options: dict[str, Any] = {"value_dim": 3, "use_bias": False, "output_shape": 5}
    y = L.MultiHeadAttention(2, 3, **options)(x, embedded, embedded)
    ids = np.maximum(np.arange(18).reshape(3, 6) % 9 - 3, 0).astype("f4")
    model = keras.Model([x, words], L.GRU(2)(y))
    same(model, (rows(3, 6, 4).astype("f4"), ids), tmp_path / "m.keras")


@pytest.mark.parametrize(
    "layer",
    [
        L.Attention(),
        L.Attention(use_scale=True, score_mode="concat"),
        L.AdditiveAttention(),
        L.AdditiveAttention(use_scale=False),
    ],
)
def test_attention_of_one_head_is_read(layer: Any, tmp_path: Path) -> None:
    query, value = keras.Input((6, 4)), keras.Input((5, 4))
    model = keras.Model([query, value], L.Dense(2)(layer([query, value])))
    x = rows(3, 6, 4).astype("f4"), rows(3, 5, 4, seed=1).astype("f4")
    same(model, x, tmp_path / "m.keras")


def test_layers_that_act_in_training_only_are_read_with_a_note(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    layers = [L.RandomInvert(0.1), L.Conv2D(3, 3), L.BatchNormalization(), L.Flatten(), L.Dense(2)]
    model = keras.Sequential([keras.Input(IMAGE), *layers])
    with caplog.at_level("WARNING", "glassnet"):
        same(model, rows(3, *IMAGE).astype("f4"), tmp_path / "m.keras")
    assert "in training only: random_invert" in caplog.text
    assert "conv2d" not in caplog.text


def test_a_penalty_on_activations_is_read(tmp_path: Path) -> None:
    layers = [L.ActivityRegularization(l2=0.1, name="p"), L.ActivityRegularization(name="none")]
    model = keras.Sequential([keras.Input((6,)), *layers, L.Dense(2, kernel_regularizer="l2")])
    same(model, rows(3, 6).astype("f4"), tmp_path / "m.keras")
    network, shape, _, _ = bridge.import_keras(tmp_path / "m.keras")
    weights = dict(items(network.weights(shape)))
    assert [w.regularizer is not None for w in weights.values()] == [True, False]
    penalties = [layer.activity_penalty for _, layer in network.parts]
    assert [p and (p.l1, p.l2) for p in penalties] == [(0, 0.1), (0, 0), None]


def test_names_of_keras_3_0_to_3_6_are_read(tmp_path: Path) -> None:
    """Until 3.6: OrthogonalInitializer, IdentityInitializer, operations named in one place."""
    x = keras.Input((6, 4))
    h = L.LSTM(3, return_sequences=True)(L.Masking(0.5)(x))
    h = L.GRU(3)(L.Dense(3, kernel_initializer="identity")(h))
    model, path, old = keras.Model(x, h), tmp_path / "m.keras", tmp_path / "old.keras"
    one = data(STEPS, [None])
    same(model, one, path)
    with zipfile.ZipFile(path) as new, zipfile.ZipFile(old, "w") as archive:
        for name in new.namelist():
            content = new.read(name)
            if name == "config.json":
                config = json.loads(content)
                for entry in config["config"]["layers"]:
                    if entry["class_name"] in ("Any", "NotEqual"):
                        del entry["config"]["name"]
                text = json.dumps(config).replace('"Orthogonal"', '"OrthogonalInitializer"')
                content = text.replace('"Identity"', '"IdentityInitializer"').encode()
            archive.writestr(name, content)
    network, _, params, _ = bridge.import_keras(old)
    expected = outputs(model, one, "float32")
    np.testing.assert_allclose(network.forward(params, one)[0], expected, atol=1e-5)


def without_an_equal() -> dict[str, Any]:
    words = L.TextVectorization(vocabulary=["a", "b"])
    return {
        "'TextVectorization', which turns texts": (L.Input((), dtype="string"), words),
        "'StringLookup', which encodes columns": (
            L.Input((1,), dtype="string"), L.StringLookup(vocabulary=["a"])),
        "has output_mode='one_hot'": (L.Input((1,)), L.Discretization([0], output_mode="one_hot")),
        "'Resizing', which changes images": (L.Input(IMAGE), L.Resizing(4, 4)),
        "'RandomCrop', which changes images": (L.Input(IMAGE), L.RandomCrop(4, 4)),
        "a ReLU, which a LSTM can't have": (L.Input(STEPS), L.LSTM(2, L.ReLU(3))),
        "softmax over the positions": (
            L.Input((4, 9, 8)), L.Conv2D(2, 3, activation="softmax", **FIRST)),
        "has a backward_layer": (
            L.Input(STEPS),
            L.Bidirectional(L.GRU(2), backward_layer=L.GRU(2, use_bias=False, go_backwards=True))),
        "stateful": (L.Input(STEPS, batch_size=2), L.GRU(2, stateful=True)),
    }  # fmt: skip


@pytest.mark.parametrize("what", list(without_an_equal()))
def test_layers_without_an_equal_are_refused_in_one_sentence(what: str, tmp_path: Path) -> None:
    if BACKEND != "tensorflow" and ("Text" in what or "String" in what):
        pytest.skip("strings are TensorFlow's")
    if BACKEND == "tensorflow" and "width" in what:
        pytest.skip("TensorFlow has no such layers for CPUs")
    start, layer = without_an_equal()[what]
    keras.Model(start, layer(start)).save(path := tmp_path / "m.keras")
    with pytest.raises(g.GlassnetError) as caught:
        bridge.import_keras(path)
    assert what in str(caught.value)
    assert f"layer {layer.name!r}" in str(caught.value)
