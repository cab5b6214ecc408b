"""A file of `keras.applications` in Keras: `model.predict`."""

from collections.abc import Callable
from typing import Any


def build(path: str) -> Callable[[Any], Any]:
    """Return what predicts pictures (N, H, W, 3)."""
    import keras

    model = keras.models.load_model(path, compile=False)
    return lambda x: model.predict(x, batch_size=len(x), verbose=0)
