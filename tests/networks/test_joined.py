"""The recipe for multiple inputs."""

import numpy as np
import pytest

from glassnet.core.arrays import take
from glassnet.core.trees import items
from glassnet.data.preprocessing import Features, Input
from glassnet.layers import CategoryEmbedding, PiecewiseLinearEncoding, Sequential
from glassnet.model.model import Model
from glassnet.networks import recipe
from glassnet.networks.joined import joined
from glassnet.optimizers import Adam

INPUTS = (
    Input("features", "features", (3,)),
    Input("image", "photo", (8, 6, 3)),
    Input("audio", "clip", (9, 5)),
    Input("text", "words", (4,), 11),
)


def x_of(rows: int) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(0)
    return (
        rng.standard_normal((rows, 3)).astype(np.float32),
        rng.integers(0, 256, (rows, 8, 6, 3), np.uint8),
        rng.standard_normal((rows, 9, 5)).astype(np.float32),
        rng.integers(0, 11, (rows, 4)).astype(np.uint16),
    )


@pytest.mark.parametrize("deciding", range(4))
def test_it_finds_the_input_that_decides(deciding: int) -> None:
    x, y = x_of(400), np.arange(400) % 2
    if deciding == 0:
        x[0][:, 1] = 4 * y - 2
    elif deciding == 3:
        x[3][:] = 2 + y[:, None]
    else:
        x[deciding][:, 2:5] = (y * (250 if deciding == 1 else 9)).reshape(-1, *[1] * (4 - deciding))
    network = recipe("joined", classes=2, inputs=INPUTS, width=8, dropout=0.0)
    model = Model(network, tuple(part.shape for part in INPUTS))
    model.compile(Adam(0.003), "sparse_categorical_crossentropy", ["accuracy"])
    model.fit(take(x, slice(320)), y[:320], epochs=15, batch_size=16, verbose=0)
    assert model.evaluate(take(x, slice(320, 400)), y[320:], verbose=0)[1] > 0.95


def test_one_vector_of_each_input_and_embedded_categories() -> None:
    features = Features(("a", "b", "c"), ((1, 40),), ((0, (0.0, 1.0, 2.0)),))
    network = joined(2, INPUTS, width=5, features=features)
    branches = [layer for layer in network.layers if isinstance(layer, Sequential)]
    assert [branch.layers[-1].units for branch in branches] == [5] * 4
    assert CategoryEmbedding((1,), (40,), (7,)) in branches[0].layers
    (bins,) = [layer for layer in branches[0].layers if isinstance(layer, PiecewiseLinearEncoding)]
    assert bins.columns == (0,)


def test_a_text_without_tokens_is_finite() -> None:
    inputs = INPUTS[::3]
    model = Model(joined(2, inputs), tuple(part.shape for part in inputs))
    x = np.zeros((2, 3), np.float32), np.zeros((2, 4), np.uint16)
    assert np.isfinite(model.predict(x, verbose=0)).all()
    assert len(dict(items(model.params))) == 9
