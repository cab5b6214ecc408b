"""Special functions that the array API lacks, from SciPy or JAX."""

from glassnet.core.protocols import Array, namespace


def erf(x: Array) -> Array:
    """2/√π ∫₀ˣ exp(−t²) dt, in the dtype of x."""
    if namespace(x).__name__.startswith("jax"):
        import jax.scipy.special as special
    else:
        import scipy.special as special
    return special.erf(x)
