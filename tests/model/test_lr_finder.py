"""Finding a learning rate: the model stays as it was, and the suggestion is a good one."""

import pickle
import random
from typing import Any

import numpy as np
import pytest

from glassnet import find_learning_rate
from glassnet.core.errors import GlassnetError
from glassnet.core.strict_json import as_json
from glassnet.layers import Dense, Dropout
from glassnet.model.model import Model
from glassnet.optimizers import SGD, Adam, AdamW

RNG = np.random.default_rng(0)
X = RNG.standard_normal((400, 6)).astype("f4")
Y = (X @ RNG.standard_normal((6, 3))).argmax(axis=1)


def made(optimizer: Any) -> Model:
    model = Model([Dense(16, "relu"), Dropout(0.1), Dense(3, "softmax")], (6,))
    model.compile(optimizer, "sparse_categorical_crossentropy")
    return model


@pytest.mark.parametrize(
    ("optimizer", "low", "high"),
    [(SGD(), 0.02, 2), (Adam(), 5e-4, 0.1), (Adam(layer_decay=0.5), 5e-4, 0.2)],
)
def test_the_suggestion_trains_well_and_the_model_stays_as_it_was(
    optimizer: Any, low: float, high: float
) -> None:
    model = made(optimizer)
    before = model.get_weights()
    found = find_learning_rate(model, X, Y)
    assert low < found.suggestion < high
    assert found.suggestion in found.rates
    assert len(found.rates) == len(found.losses) == len(found.smoothed) <= 200
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    again = find_learning_rate(model, X, Y)
    assert as_json(again) == as_json(found)  # nothing of the first test is left
    history = model.fit(X, Y, verbose=0).history["loss"]
    assert history == made(optimizer).fit(X, Y, verbose=0).history["loss"]


def test_a_model_without_weights_stays_without() -> None:
    model = Model([Dense(3, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    assert find_learning_rate(model, X, Y, steps=60).suggestion > 0
    assert not model.built


def test_it_ends_where_the_loss_diverges_or_is_no_number() -> None:
    model = Model([Dense(1)], (6,))
    model.compile("sgd", "mse")
    target = X[:, :1] * 3
    found = find_learning_rate(model, X, target, high=1e6, steps=100)
    assert found.diverged
    assert len(found.rates) < 100
    assert np.isfinite(found.losses).all()
    with pytest.raises(GlassnetError, match=r"diverged after \d+ steps. Start at a lower rate"):
        find_learning_rate(model, X, target, low=1e15, high=1e20)


def random_streams() -> bytes:
    """The states of the random streams of Python and NumPy."""
    return pickle.dumps((random.getstate(), np.random.get_state()))  # noqa: NPY002


def test_between_two_trainings_it_changes_nothing() -> None:
    """Not the weights, the optimizer and its state, nor any random stream."""
    plain, tested = (made(AdamW(0.01, use_ema=True, layer_decay=0.5)) for _ in range(2))
    for model in (plain, tested):
        model.fit(X, Y, verbose=0)
    optimizer, streams = tested.optimizer, random_streams()
    find_learning_rate(tested, X, Y, steps=60)
    assert tested.optimizer is optimizer
    assert optimizer == plain.optimizer
    assert random_streams() == streams
    for model in (plain, tested):
        model.fit(X, Y, epochs=2, verbose=0)
        model.train_on_batch(X[:32], Y[:32])
    assert plain.history is not None
    assert tested.history is not None
    assert plain.history.history == tested.history.history
    for a, b in zip(plain.get_weights(), tested.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_after_freezing_and_unfreezing_it_changes_nothing_either() -> None:
    """What fastai's finder once did: trained on from what the test had changed."""
    plain, tested = made(Adam(0.01)), made(Adam(0.01))
    suggested = []
    for trainable in (False, True):
        for model in (plain, tested):
            model.layers[0].trainable = trainable
            model.compile(Adam(0.01, layer_decay=0.5), "sparse_categorical_crossentropy")
        before = tested.get_weights()
        suggested.append(find_learning_rate(tested, X, Y).suggestion)
        assert tested.layers[0].trainable is trainable
        for a, b in zip(before, tested.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)
        for model in (plain, tested):
            model.fit(X, Y, epochs=2, verbose=0)
        for a, b in zip(plain.get_weights(), tested.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)
        assert np.array_equal(before[0], tested.get_weights()[0]) is not trainable
    assert suggested[0] != suggested[1]


def test_the_flag_may_still_change_between_the_test_and_the_training() -> None:
    model = made(Adam(0.01))
    find_learning_rate(model, X, Y, steps=60)
    model.layers[0].trainable = False
    before = model.get_weights()
    model.fit(X, Y, verbose=0)  # warnings are errors
    np.testing.assert_array_equal(before[0], model.get_weights()[0])


def test_the_rates_of_layers_count() -> None:
    one, other = (
        find_learning_rate(made(SGD(layer_decay=decay)), X, Y, steps=60) for decay in (None, 0.1)
    )
    assert one.losses[0] == other.losses[0]
    assert one.losses[40] != other.losses[40]


def test_jax_finds_the_same() -> None:
    pytest.importorskip("jax")
    found = [find_learning_rate(made(SGD()), X, Y, engine=name) for name in ("numpy", "jax")]
    np.testing.assert_allclose(found[0].losses[:50], found[1].losses[:50], rtol=1e-3)
    assert found[0].suggestion == pytest.approx(found[1].suggestion, rel=0.5)
