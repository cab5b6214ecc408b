"""Special functions that the array API lacks, from SciPy or JAX."""

from glassnet.core.trees import Array


def erf(x: Array) -> Array:
    """2/√π ∫₀ˣ exp(−t²) dt, in the dtype of x."""
    if x.__array_namespace__().__name__.startswith("jax"):
        import jax.scipy.special as special
    else:
        import scipy.special as special
    return special.erf(x)
