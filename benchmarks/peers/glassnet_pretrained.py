"""A file of `keras.applications` in glassnet: `Model.predict`; with JAX, one compiled forward pass.

`Model.predict` has no engine: on JAX, `forward` is compiled by the caller.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

import glassnet


def build(path: str, compiled: bool = False) -> Callable[[Any], Any]:
    """Return what predicts pictures (N, H, W, 3)."""
    model = glassnet.load_model(path)
    if not compiled:
        return lambda x: model.predict(x)
    import jax

    network, params = model.network, jax.device_put(model.params)
    forward = jax.jit(lambda params, x: network.forward(params, x)[0])
    return lambda x: np.asarray(forward(params, x))
