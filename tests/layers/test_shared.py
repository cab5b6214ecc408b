"""A layer object that occurs more than once."""

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.layers import Activation, Dense, Dropout, Graph, Residual, Sequential
from glassnet.layers.shared import chain, with_one_place_each


def test_a_chain_of_distinct_layers_is_a_sequential() -> None:
    dense, drop = Dense(3), Dropout(0.5)
    assert isinstance(chain([dense, drop, Dense(3), drop]), Sequential)
    assert isinstance(chain([Dense(3), Dense(3)]), Sequential)  # equal, but two layers
    with pytest.raises(GlassnetError, match="entry 1 is 3, not a layer"):
        chain([dense, 3])  # type: ignore[list-item]


def test_a_layer_twice_is_wired_twice() -> None:
    dense, act = Dense(3), Activation("relu", name="act")
    graph = chain([dense, act, dense, act])
    assert isinstance(graph, Graph)
    assert graph.layers == (dense, act)
    assert graph.wiring == ((0, (0,)), (1, (1,)), (0, (2,)), (1, (3,)))
    assert graph.outputs == (4,)


def test_networks_inside_are_unfolded_where_they_share_a_layer() -> None:
    dense = Dense(3)
    separate = Sequential((Sequential((dense,)), Dense(3)))
    assert with_one_place_each(separate) is separate
    shared = with_one_place_each(
        Sequential((Sequential((dense, Activation("relu"))), Residual((dense,))))
    )
    assert isinstance(shared, Graph)
    rng = np.random.default_rng(0)
    params, x = shared.init(rng, (3,))[0], rng.normal(size=(5, 3))
    assert list(params) == ["dense"]
    kernel = params["dense"]["kernel"]
    hidden = np.maximum(x @ kernel, 0)
    np.testing.assert_allclose(shared.forward(params, x)[0], hidden + hidden @ kernel, rtol=1e-6)
