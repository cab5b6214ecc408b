"""An op is a function that returns its value and a pullback: here y = x · tanh(x)."""

import numpy as np

from glassnet import GlassnetError, gradcheck


def tanh_gate(x):
    """y = x tanh(x).   dy/dx = tanh(x) + x (1 − tanh²(x))."""
    xp = x.__array_namespace__()  # NumPy or JAX: the op runs on both
    t = xp.tanh(x)

    def pullback(dy):
        return dy * (t + x * (1 - t * t))

    return x * t, pullback


def wrong_gate(x):
    """The same with a mistake: the second term of the derivative is missing."""
    y, _ = tanh_gate(x)
    return y, lambda dy: dy * np.tanh(x)


x = np.random.default_rng(0).normal(size=(5, 3))
error = max(check.error for check in gradcheck(tanh_gate, x))
print(f"tanh_gate: the pullback is the derivative, relative error {error:.0e}")

try:
    gradcheck(wrong_gate, x)
except GlassnetError as message:
    print(f"wrong_gate: {message}")
