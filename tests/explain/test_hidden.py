"""The last hidden layer is the input of the last layer with weights."""

import numpy as np
import pytest

from glassnet import Model
from glassnet.core.errors import GlassnetError
from glassnet.explain.hidden import hidden
from glassnet.layers import Flatten, Sequential
from tests.explain.conftest import planted


@pytest.mark.parametrize("name", ["mlp", "cnn"])
def test_the_last_kernel_turns_it_into_logits(name: str, request: pytest.FixtureRequest) -> None:
    model: Model = request.getfixturevalue(name)
    x = planted(20, seed=4)[0]
    features = hidden(model.network, model.params, x)
    *_, last = model.params.values()
    logits = features @ last["kernel"] + last["bias"]
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(shares, model.predict(x), rtol=1e-4, atol=1e-6)


def test_without_weights_there_is_no_hidden_layer() -> None:
    with pytest.raises(GlassnetError, match="no layer has weights"):
        hidden(Sequential((Flatten(),)), {}, np.zeros((1, 2)))
