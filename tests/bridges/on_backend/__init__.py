"""What holds on one Keras backend. A process has only one, so `test_keras` runs this for each.

By hand: GLASSNET_TEST_BACKEND=jax pytest -o python_files="check_*.py" tests/bridges/on_backend
"""

import os
from typing import Any

import numpy as np

from glassnet.bridges import keras as bridge
from glassnet.bridges.keras_backend import precision

BACKEND = os.environ["GLASSNET_TEST_BACKEND"]
bridge.use_backend(BACKEND)


def rows(*shape: int, seed: int = 0) -> Any:
    """Normal numbers, always the same."""
    return np.random.default_rng(seed).normal(0, 1, shape)


def outputs(model: Any, x: Any, dtype: str) -> Any:
    """What a Keras model says, computed in this dtype."""
    import keras

    with precision(dtype):
        return keras.ops.convert_to_numpy(model(x))
