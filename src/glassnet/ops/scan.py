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
    """Return the last carry, and the outputs of all steps along a new first axis.

    `step(carry, slices)` takes the previous step's carry and the sequences' slices along their
    first axis, in order or in `reverse`; the outputs are always in the order of the sequences.
    """
    xp = namespace(sequences[0])
    if xp.__name__ == "jax.numpy":
        from jax import lax  # the arrays are of JAX, so it is installed

        return lax.scan(step, carry, sequences, reverse=reverse)
    length = len(sequences[0])
    order = range(length)[::-1] if reverse else range(length)
    outputs: list[Any] = []
    if xp.__name__ != "numpy":
        for t in order:
            carry, slices = step(carry, tuple(sequence[t] for sequence in sequences))
            outputs.append(slices)
        return carry, tuple(xp.stack(parts) for parts in zip(*outputs[:: order.step], strict=True))
    for t in order:
        carry, slices = step(carry, tuple(sequence[t] for sequence in sequences))
        if not outputs:
            outputs = [xp.empty((length, *part.shape), dtype=part.dtype) for part in slices]
        for output, part in zip(outputs, slices, strict=True):
            output[t] = part  # while the part is in the processor's cache; stacking later is slower
    return carry, tuple(outputs)
