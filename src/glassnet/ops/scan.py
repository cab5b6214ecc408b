"""A loop over the steps of a sequence: a Python loop on NumPy, one compiled loop under XLA."""

from collections.abc import Callable
from typing import Any

from glassnet.core.protocols import Array, namespace

Arrays = tuple[Array, ...]


def scan(
    step: Callable[[Arrays, Arrays], tuple[Arrays, Arrays]],
    carry: Arrays,
    sequences: Arrays,
    reverse: bool = False,
) -> tuple[Arrays, Arrays]:
    """The last carry, and the outputs of all steps along a new first axis.

    `step(carry, slices)` gets what the step before it carried over and the sequences' slices along
    their first axis, in order or in `reverse`; the outputs always lie in the sequences' order.
    """
    xp = namespace(sequences[0])
    if xp.__name__ == "jax.numpy":
        from jax import lax  # arrays of JAX are there, so it is

        result: tuple[Arrays, Arrays] = lax.scan(step, carry, sequences, reverse=reverse)
        return result
    length = len(sequences[0])
    outputs: list[Any] = []  # NumPy arrays, written in place
    for t in reversed(range(length)) if reverse else range(length):
        carry, found = step(carry, tuple(sequence[t] for sequence in sequences))
        if not outputs:
            outputs = [xp.empty((length, *part.shape), dtype=part.dtype) for part in found]
        for output, part in zip(outputs, found, strict=True):
            output[t] = part  # while it is in the processor's cache: stacked later, it is not
    return carry, tuple(outputs)
