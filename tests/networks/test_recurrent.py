"""Recurrent networks on images and texts."""

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.layers import GRU, LSTM, Bidirectional, SimpleRNN
from glassnet.model.model import Model
from glassnet.networks import recipe
from tests.networks.helpers import made, slope_error

CELLS = {"rnn": SimpleRNN, "lstm": LSTM, "gru": GRU}
names = pytest.mark.parametrize("name", CELLS)


@names
def test_images_are_read_row_by_row(name: str) -> None:
    network = recipe(name, classes=10, shape=(28, 28))
    assert type(network.layers[0]) is CELLS[name]
    assert recipe(name, classes=10, shape=(6, 5, 3)).output_shape((6, 5, 3)) == (10,)


@names
def test_gradients(name: str) -> None:
    rng = np.random.default_rng(0)
    rows = recipe(name, classes=3, shape=(4, 5), units=3, depth=2, bidirectional=True, dropout=0.2)
    assert slope_error(rows, rng.standard_normal((4, 4, 5))) < 1e-6
    tokens = recipe(name, classes=3, shape=(6,), vocabulary=7, units=3, embedding=4)
    ids = np.array([[1, 2, 3, 0, 0, 0], [4, 5, 6, 1, 2, 3]])
    assert slope_error(tokens, ids) < 1e-6


@names
@pytest.mark.parametrize("bidirectional", [False, True])
def test_padding_changes_nothing(name: str, bidirectional: bool) -> None:
    options = {"vocabulary": 9, "units": 4, "depth": 2, "bidirectional": bidirectional}
    network = recipe(name, classes=3, shape=(4,), **options)
    params = made(network, (4,))
    short = network.forward(params, np.array([[3, 4, 5, 0]]))[0]
    long = network.forward(params, np.array([[3, 4, 5, 0, 0, 0, 0]]))[0]
    np.testing.assert_allclose(short, long, rtol=1e-12)


def test_layers_and_directions() -> None:
    network = recipe("lstm", classes=2, shape=(3, 4), units=5, depth=3, bidirectional=True)
    recurrent = [layer for layer in network.layers if isinstance(layer, Bidirectional)]
    assert [layer.layer.return_sequences for layer in recurrent] == [True, True, False]


@names
def test_wrong_data_and_options(name: str) -> None:
    with pytest.raises(GlassnetError, match=rf"{name}: reads sequences.*\(64,\)"):
        recipe(name, classes=2, shape=(64,))
    with pytest.raises(GlassnetError, match="embedding: is for texts"):
        recipe(name, classes=2, shape=(3, 4), embedding=8)
    with pytest.raises(GlassnetError, match="depth"):
        recipe(name, classes=2, shape=(3, 4), depth=0)


def test_an_order_is_learned() -> None:
    """Which of two tokens comes first, which a bag of words can't learn."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 200)
    x = np.where(y[:, None] == 1, [[1, 2]], [[2, 1]])
    x = np.concatenate([rng.integers(3, 6, (200, 3)), x], axis=1)
    model = Model("gru", (5,), classes=2, shape=(5,), vocabulary=6, units=8, embedding=4)
    model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
    history = model.fit(x, y, batch_size=20, epochs=40, verbose=0)
    assert history.history["accuracy"][-1] > 0.98
