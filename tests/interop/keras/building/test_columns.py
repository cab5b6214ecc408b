"""Embedded columns of a table in plain Keras, and back."""

from pathlib import Path

import numpy as np
import pytest

import glassnet as gn
from glassnet.layers import CategoryEmbedding, Dense, Flatten

pytest.importorskip("keras", reason="Keras is not installed")


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("columns", [(1, 4), (4, 0), (0, 1, 2, 3, 4)])
def test_plain_keras_predicts_the_same(tmp_path: Path, columns: tuple[int, ...]) -> None:
    import keras

    rng = np.random.default_rng(0)
    x = rng.normal(size=(20, 5)).astype(np.float32)
    x[:, columns] = rng.integers(0, 7, (20, len(columns)))
    sizes, widths = (7,) * len(columns), tuple(range(1, 1 + len(columns)))
    model = gn.Model([Flatten(), CategoryEmbedding(columns, sizes, widths), Dense(3)], (5,))
    model.compile("adam", "mse")
    model.save(tmp_path / "m.keras")
    theirs = keras.models.load_model(tmp_path / "m.keras")
    np.testing.assert_allclose(theirs.predict(x, verbose=0), model.predict(x), atol=1e-6)
    back = gn.load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(back.predict(x), model.predict(x))
