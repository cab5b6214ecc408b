"""`History`: what `fit` returns, and the model keeps."""

import copy
import gc
import pickle

import numpy as np

from glassnet import Dense, History, Model


def fitted() -> tuple[Model, History]:
    model = Model([Dense(1)], (2,))
    model.compile("sgd", "mse")
    return model, model.fit(np.ones((4, 2)), np.ones((4, 1)), epochs=2, verbose=0)


def test_the_model_keeps_the_last_history_which_knows_the_model() -> None:
    model, first = fitted()
    assert model.history is first
    assert first.model is model
    assert first.params == {"verbose": 0, "epochs": 2, "steps": 1}
    second = model.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0)
    assert model.history is second
    assert Model([Dense(1)]).history is None


def test_a_history_is_copied_and_stored_without_the_model_and_does_not_keep_it() -> None:
    model, history = fitted()
    for other in (pickle.loads(pickle.dumps(history)), copy.deepcopy(history)):
        assert other == history
        assert other.params == history.params
        assert other.model is None
    assert model.clone().history == history
    del model
    gc.collect()
    assert history.model is None
