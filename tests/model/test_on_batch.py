"""train_on_batch, test_on_batch and predict_on_batch."""

import copy

import numpy as np
import pytest

from glassnet import Adam, Dense, GlassnetError, Model, Normalization, metrics

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(6, 4)).astype("float32"), RNG.normal(size=(6, 2)).astype("float32")


def compiled(**options: object) -> Model:
    model = Model([Dense(3, "tanh"), Dense(2)], input_shape=(4,), seed=3)
    model.compile(Adam(0.01), "mse", **{"metrics": ["mae"], **options})
    return model


def fit(model: Model, epochs: int) -> list[float]:
    options = {"batch_size": 6, "shuffle": False, "verbose": 0}
    return model.fit(X, Y, epochs=epochs, **options).history["loss"]


def same_weights(a: Model, b: Model) -> bool:
    return all(map(np.array_equal, a.get_weights(), b.get_weights()))


def test_steps_are_those_of_fit_and_both_continue_each_other() -> None:
    model, other = compiled(), compiled()
    losses = [model.train_on_batch(X, Y, return_dict=True)["loss"] for _ in range(3)]
    np.testing.assert_allclose(losses, fit(other, 3), rtol=1e-7)
    assert same_weights(model, other)
    fit(model, 2)
    fit(other, 2)
    assert same_weights(model, other)
    model.train_on_batch(X, Y)
    fit(other, 1)
    assert same_weights(copy.deepcopy(model), other)
    model.train_on_batch(X, Y)  # the copy did not end it
    fit(other, 1)
    assert same_weights(model, other)


def test_the_loss_is_that_before_the_step() -> None:
    model = compiled()
    error = Y - model.predict(X)
    loss, mae = model.test_on_batch(X, Y)
    np.testing.assert_allclose([loss, mae], [(error**2).mean(), abs(error).mean()], rtol=1e-6)
    np.testing.assert_allclose(model.train_on_batch(X, Y), [loss, mae], rtol=1e-6)
    weights = np.array([0, 1, 2, 0, 0, 1.0])
    error = Y - model.predict_on_batch(X)
    values = (error**2).mean(axis=1)
    loss = model.test_on_batch(X, Y, weights, return_dict=True)["loss"]
    np.testing.assert_allclose(loss, (weights * values).sum() / 6, rtol=1e-6)
    assert isinstance(compiled(metrics=None).train_on_batch(X, Y), float)


def test_weights_and_rates_that_are_set_between_batches_count() -> None:
    model, other = compiled(), compiled()
    for m in (model, other):
        m.train_on_batch(X, Y)
    model.set_weights([w * 2 for w in model.get_weights()])
    model.optimizer.learning_rate.assign(0.1)  # type: ignore[union-attr]
    before = model.get_weights()
    model.train_on_batch(X, Y)
    assert 0.05 < abs(model.get_weights()[0] - before[0]).max() < 0.2
    other.layers[0].variables[1].assign(np.ones(3))
    other.train_on_batch(X, Y)
    assert abs(other.get_weights()[1] - 1).max() < 0.02


def test_models_that_share_layers_take_turns() -> None:
    model = compiled()
    head = Model([*model.layers, Dense(2)], input_shape=(4,))
    head.compile("sgd", "mse")
    for _ in range(3):
        before = model.get_weights()[0]
        head.train_on_batch(X, Y)
        assert not np.array_equal(model.get_weights()[0], before)
        model.train_on_batch(X, Y)
        assert same_weights(model, Model(model.layers, input_shape=(4,)))


def test_what_is_refused() -> None:
    model = compiled()
    with pytest.raises(GlassnetError, match="train_on_batch: unknown argument 'epochs'"):
        model.train_on_batch(X, Y, epochs=2)  # type: ignore[call-arg]
    with pytest.raises(GlassnetError, match="y: is missing"):
        model.train_on_batch(X)
    with pytest.raises(GlassnetError, match="step 1"):
        model.train_on_batch(X, Y * 1e30)
    scaled = Model([Normalization(), Dense(2)], input_shape=(4,))
    scaled.compile("sgd", "mse")
    with pytest.raises(GlassnetError, match="fitted to the data"):
        scaled.train_on_batch(X, Y)
    scaled.fit(X, Y, epochs=0, verbose=0)
    scaled.train_on_batch(X, Y)
    scored = Model([Dense(1, "sigmoid")], input_shape=(4,))
    scored.compile("sgd", "binary_crossentropy", metrics=[metrics.AUC()])
    with pytest.raises(GlassnetError, match="'auc' is a metric of whole data sets"):
        scored.train_on_batch(X, Y[:, :1] > 0)
    assert len(scored.test_on_batch(X, Y[:, :1] > 0)) == 2
