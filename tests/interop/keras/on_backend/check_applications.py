"""Networks of `keras.applications`, with random weights: predictions, export, a training step."""

import math
import warnings
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import glassnet as g
from glassnet.interop.keras.backend import precision

PICTURES, CLASSES = 20, 5
SIDES = {"InceptionV3": 75, "NASNetMobile": 224, "Xception": 71}  # the least that Keras takes
FULL = ("MobileNetV2", "ResNet50", "EfficientNetB0", "DenseNet121")
OTHERS = ("MobileNet", "MobileNetV3Small", "ResNet50V2", "VGG16", "Xception", "InceptionV3",
          "EfficientNetV2B0", "ConvNeXtTiny", "NASNetMobile")  # fmt: skip
slow = pytest.mark.slow


def application(name: str, top: bool, side: int, **options: Any) -> Any:
    """A network without dropout, in which no weight and no moving statistic is trivial."""
    keras.utils.set_random_seed(1)
    options |= {"classes": CLASSES} if top else {}
    network = getattr(keras.applications, name)
    model = network(weights=None, include_top=top, input_shape=(side, side, 3), **options)
    draw = np.random.default_rng(0)
    noise = {"moving_variance": (1, 0.2), "gamma": (1, 0.2), "moving_mean": (0, 0.1),
             "beta": (0, 0.1), "bias": (0, 0.1)}  # fmt: skip
    for weight in model.weights:
        if weight.path.rpartition("/")[2] in noise:
            center, width = noise[weight.path.rpartition("/")[2]]
            weight.assign(center + draw.uniform(-width, width, weight.shape))
    for layer in model.layers:
        if isinstance(layer, keras.layers.Dropout):
            layer.rate = 0.0
    return model


def pictures(side: int) -> Any:
    return np.random.default_rng(2).uniform(-1, 1, (PICTURES, side, side, 3)).astype("f4")


def require_equal(ours: Any, theirs: Any, tolerance: float = 1e-5) -> None:
    scale = np.abs(theirs).max()
    np.testing.assert_allclose(np.asarray(ours) / scale, theirs / scale, rtol=0, atol=tolerance)


def predictions(model: Any, side: int, folder: Path) -> None:
    """Read, and exported again, it predicts what Keras predicts; its layers have Keras's order."""
    x, path = pictures(side), folder / "model.keras"
    expected = model.predict(x, verbose=0)
    model.save(path)
    read = g.load_model(path)
    require_equal(read.predict(x), expected)
    names = [layer.name for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
    assert [layer.name for layer in read.layers if layer.name in names] == names
    read.save(folder / "again.keras")
    require_equal(keras.models.load_model(folder / "again.keras").predict(x, verbose=0), expected)


def step(name: str, top: bool, side: int, folder: Path, engine: str, **options: Any) -> None:
    """One step of SGD gives Keras's weights: in float64, where rounding can't hide a mistake."""
    x, draw = pictures(side).astype("f8"), np.random.default_rng(3)
    with precision("float64"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the doctor's, about random targets
        model = application(name, top, side, **options)
        shape = (PICTURES, *model.output_shape[1:])
        y = draw.integers(0, CLASSES, PICTURES) if top else draw.uniform(0, 1, shape)
        model.save(folder / "model.keras")
        read = g.load_model(folder / "model.keras")
        loss = "sparse_categorical_crossentropy" if top else "mse"
        keras_s = {"batch_size": PICTURES, "shuffle": False, "verbose": 0}
        before = weights_of(read)
        model.compile(keras.optimizers.SGD(0.01), loss)
        model.fit(x, y, **keras_s)
        read.compile(g.optimizers.SGD(0.01), loss)
        read.fit(x, y, engine=engine, **keras_s)
        theirs, ours = weights_of(model), weights_of(read)
    assert set(theirs) == set(ours)
    assert any(np.abs(theirs[key] - before[key]).max() > 1e-3 for key in theirs)
    for key, values in theirs.items():
        # Not 1e-12: Keras on TensorFlow rounds EfficientNet's Rescaling(1 / 255) to float32.
        np.testing.assert_allclose(ours[key], values, rtol=0, atol=1e-6, err_msg=str(key))


def weights_of(model: Any) -> dict[tuple[str, int], Any]:
    """All but a Normalization's count of examples, which Keras leaves at 0."""
    return {
        (layer.name, i): np.array(values)
        for layer in model.layers
        for i, values in enumerate(layer.get_weights())
        if (type(layer).__name__, i) != ("Normalization", 2)
    }


def test_a_small_mobile_net_predicts_and_trains_as_in_keras(tmp_path: Path) -> None:
    predictions(application("MobileNetV2", True, 32, alpha=0.35), 32, tmp_path)
    step("MobileNetV2", True, 32, tmp_path, "numpy", alpha=0.35)


def test_a_body_of_open_size_inside_another_model(tmp_path: Path) -> None:
    options: dict[str, Any] = {"weights": None, "include_top": False, "alpha": 0.35}
    body = keras.applications.MobileNetV2(input_shape=(None, None, 3), **options)
    x = keras.Input((32, 32, 3))
    h = keras.applications.mobilenet_v2.preprocess_input(x)
    h = keras.layers.GlobalAveragePooling2D()(body(h, training=False))
    model = keras.Model(x, keras.layers.Dense(3)(keras.layers.Dropout(0.2)(h)))
    predictions(model, 32, tmp_path)


def test_blocks_of_the_other_networks(tmp_path: Path) -> None:
    """EfficientNet's input with ImageNet's weights and its squeeze-excite; ConvNeXt's scale."""
    from keras.src.applications.convnext import LayerScale

    L, x = keras.layers, keras.Input((16, 16, 3))
    normalization = L.Normalization()
    normalization.build((None, 16, 16, 3))
    normalization.set_weights([np.full(3, 0.4, "f4"), np.full(3, 0.05, "f4"), np.int32(0)])
    normalization.finalize_state()
    h = normalization(L.Rescaling(1 / 255)(x))
    h = L.Rescaling([1 / math.sqrt(v) for v in (0.229, 0.224, 0.225)])(h)
    h = L.ZeroPadding2D(((0, 1), (0, 1)))(h)
    h = L.DepthwiseConv2D(3, 2, "valid", activation="swish")(h)
    gate = L.Reshape((1, 1, 3))(L.GlobalAveragePooling2D()(h))
    h = L.Multiply()([h, L.Conv2D(3, 1, activation="hard_sigmoid")(gate)])
    h = L.Dropout(0.2, noise_shape=(None, 1, 1, 1))(h)
    h = L.ReLU(6.0)(L.Activation("hard_swish")(LayerScale(0.3, 3)(h)))
    predictions(keras.Model(x, L.GlobalAveragePooling2D(keepdims=True)(h)), 16, tmp_path)


def test_fit_leaves_a_normalization_as_the_file_has_it(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Normalization()])
    model.add(keras.layers.Dense(2))
    model.save(tmp_path / "model.keras")
    read = g.load_model(tmp_path / "model.keras")
    read.compile("sgd", "mse")
    x = np.random.default_rng(0).normal(5, 3, (8, 4))
    read.fit(x, x[:, :2], verbose=0)
    np.testing.assert_array_equal(read.layers[0].get_weights()[0], np.zeros(4))


@slow
@pytest.mark.parametrize("top", [True, False])
@pytest.mark.parametrize("name", [*FULL, *OTHERS])
def test_a_full_network_predicts_as_in_keras(name: str, top: bool, tmp_path: Path) -> None:
    side = SIDES.get(name, 64)
    predictions(application(name, top, side), side, tmp_path)


@slow
@pytest.mark.parametrize("engine", ["numpy", "jax"])
@pytest.mark.parametrize("top", [True, False])
@pytest.mark.parametrize("name", FULL)
def test_a_full_network_trains_as_in_keras(
    name: str, top: bool, engine: str, tmp_path: Path
) -> None:
    step(name, top, 64, tmp_path, engine)
