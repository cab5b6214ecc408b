"""Positional encodings: learned positions added to a sequence, and sinusoids."""

from typing import Any

import numpy as np

from glassnet.core.protocols import Array, namespace
from glassnet.ops import Pullback

Floats = np.ndarray[Any, np.dtype[np.float64]]


def add_positions(x: Array, positions: Array) -> tuple[Array, Pullback]:
    """y[:, t] = x[:, t] + positions[t].   x (N, T, d), positions (at least T, d) -> y (N, T, d)."""
    xp = namespace(x)
    steps, unused = x.shape[1], positions.shape[0] - x.shape[1]
    y = x + positions[:steps]
    return y, lambda dy: (dy, xp.pad(dy.sum(axis=0), ((0, unused), (0, 0))))


def sinusoids(steps: int, depth: int, max_wavelength: float = 1e4) -> Floats:
    """Sines and cosines in pairs of features, with wavelengths from 2π to 2π max_wavelength.

    y[t, 2i] = sin(t / max_wavelength^(2i/depth));   y[t, 2i + 1] = cos of the same angle.
    -> y (steps, depth), in float64.   Source: Vaswani et al. 2017, "Attention is all you need".
    """
    feature = np.arange(depth)
    angle = np.arange(steps)[:, None] / max_wavelength ** ((feature - feature % 2) / depth)
    return np.where(feature % 2 == 0, np.sin(angle), np.cos(angle))
