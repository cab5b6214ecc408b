"""Batches whose changes are easy to recognize, and the same augmentations on JAX."""

from typing import Any

import numpy as np
import pytest

from glassnet.data.augmentation import Augmentation
from glassnet.ops.random import fold

KEY = fold(np.array([7], np.uint32), 3)


def pictures(n: int = 64, height: int = 9, width: int = 7, channels: int = 0) -> np.ndarray:
    """Random images with distinct pixel values, all above 0."""
    shape = (n, height, width, channels) if channels else (n, height, width)
    drawn = np.random.default_rng(0).permutation(int(np.prod(shape))) + 1.0
    return drawn.reshape(shape).astype(np.float32)


def one_hot(n: int = 64, classes: int = 4) -> np.ndarray:
    return np.eye(classes, dtype=np.float32)[np.arange(n) % classes]


def keys(count: int) -> list[Any]:
    return [fold(KEY, step) for step in range(count)]


def assert_same_on_jax(part: Augmentation, x: np.ndarray, y: np.ndarray, exact: bool) -> None:
    """The same batch from the same key, compiled."""
    jax = pytest.importorskip("jax")
    wanted = part(x, y, KEY)
    found = jax.jit(part.__call__)(
        jax.numpy.asarray(x), jax.numpy.asarray(y), jax.numpy.asarray(KEY)
    )
    for a, b in zip(found, wanted, strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=0 if exact else 1e-5, atol=0 if exact else 1e-4)
