"""The shape of an own layer that doesn't define `output_shape`."""

from typing import Any

import numpy as np
import pytest

from glassnet import Dense, GlassnetError, Layer, Model, register
from glassnet.core.protocols import namespace
from glassnet.layers import Weight, initializers


def test_it_is_that_of_what_forward_returns(own_registry: None) -> None:
    @register("layer")
    class Ends(Layer):
        """The first `count` features, weighted."""

        count: int = 2

        def weights(self, shape: Any) -> Any:
            return {"w": Weight((self.count,), initializers.get("ones"))}

        def forward(self, params: Any, x: Any, context: Any) -> Any:
            xp, ends = namespace(x), x[..., : self.count]

            def pullback(dy: Any) -> Any:
                rest = xp.zeros_like(x[..., self.count :])
                dw = (dy * ends).reshape(-1, self.count).sum(axis=0)
                return xp.concat((dy * params["w"], rest), axis=-1), {"w": dw}

            return ends * params["w"], pullback

    assert Ends(3).output_shape((5, 4)) == (5, 3)
    assert Ends().learns
    model = Model([Ends(3), Dense(2)], (4,))
    assert [w.shape for w in model.get_weights()] == [(3,), (3, 2), (2,)]
    assert model.predict(np.ones((7, 4))).shape == (7, 2)


def test_an_output_without_examples_is_refused(own_registry: None) -> None:
    class Sum(Layer):
        def forward(self, params: Any, x: Any, context: Any) -> Any:
            return x.sum(), lambda dy: (dy, {})

    with pytest.raises(GlassnetError, match=r"'sum': returns shape \(\) for 2 examples"):
        Model([Sum()], (4,))
