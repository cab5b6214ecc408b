"""`CompiledModel`: what `compile` fixes."""

import numpy as np
import pytest

from glassnet.layers import Dense
from glassnet.model.model import Model

X = np.random.default_rng(0).normal(size=(32, 4)).astype("float32")
Y = X[:, :1]


def test_a_change_of_trainable_after_training_began_needs_a_new_compile() -> None:
    model = Model([Dense(3, name="body"), Dense(1, name="head")], input_shape=(4,))
    model.compile("sgd", "mse")
    model.evaluate(X, Y, verbose=0)
    model.layers[0].trainable = False
    before = model.layers[0].get_weights()
    model.fit(X, Y, verbose=0)  # the first training since `compile`, as in Keras 3
    np.testing.assert_array_equal(before[0], model.layers[0].get_weights()[0])
    model.layers[0].trainable = True
    changed = "`trainable` of layer 'body' has changed since `compile`"
    for train in (model.fit, model.train_on_batch):
        options = {"verbose": 0} if train == model.fit else {}
        with pytest.warns(UserWarning, match=changed) as caught:
            train(X, Y, **options)
        assert {warning.filename for warning in caught} == {__file__}
    np.testing.assert_array_equal(before[0], model.layers[0].get_weights()[0])
    model.compile("sgd", "mse")
    model.fit(X, Y, verbose=0)
    assert not np.array_equal(before[0], model.layers[0].get_weights()[0])
