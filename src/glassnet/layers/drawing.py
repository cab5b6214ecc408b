"""Initializers called as Keras's are, with a shape and without a random generator."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np


def also_as_in_keras(draw: Callable[..., Any]) -> Callable[..., Any]:
    """Return `draw`, which takes (rng, shape), as a function that also takes (shape), as Keras's.

    Without a generator, it draws other numbers each time, unless the initializer has a seed.
    """

    @wraps(draw)
    def call(self: Any, *arguments: Any, **options: Any) -> Any:
        if "rng" in options or any(isinstance(item, np.random.Generator) for item in arguments):
            return draw(self, *arguments, **options)
        return drawn(self, *arguments, **options)

    def drawn(self: Any, shape: Any, dtype: Any = None) -> Any:
        values = draw(self, np.random.default_rng(), tuple(np.atleast_1d(shape).tolist()))
        return values.astype(dtype or "float32", copy=False)

    return call
