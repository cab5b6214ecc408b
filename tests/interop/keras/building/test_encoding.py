"""The network for tables in plain Keras, and back."""

import logging
from pathlib import Path

import numpy as np
import pytest

import glassnet as gn
from glassnet.data.preprocessing import Features
from glassnet.networks import recipe

pytest.importorskip("keras", reason="Keras is not installed")

QUANTILES = ((2, (-1.0, 0.0, 0.5, 2.0)), (0, (-2.0, 2.0, 2.001)))


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("quantiles", [QUANTILES, ((0, (0.0, 1.0)),)])
def test_plain_keras_predicts_the_same(
    tmp_path: Path, quantiles: tuple, caplog: pytest.LogCaptureFixture
) -> None:
    import keras

    x = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)
    x[:, 1] = np.arange(20) % 7
    features = Features(("a", "b", "c"), ((1, 7),), quantiles)
    model = gn.Model(recipe("tabular", classes=3, features=features), (3,))
    model.compile("adam", "sparse_categorical_crossentropy")
    with caplog.at_level(logging.WARNING):
        model.save(tmp_path / "m.keras")
    assert "penalty Ambiguity, which Keras doesn't have" in caplog.text
    theirs = keras.models.load_model(tmp_path / "m.keras")
    np.testing.assert_allclose(theirs.predict(x, verbose=0), model.predict(x), atol=1e-6)
    back = gn.load_model(tmp_path / "m.keras")
    np.testing.assert_allclose(back.predict(x), model.predict(x), atol=1e-6)
