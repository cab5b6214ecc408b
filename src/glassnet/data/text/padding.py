"""`pad_sequences`: lists of token ids of different lengths as one array."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassnet.core.arrays import whole_number
from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.protocols import Array

_SIDES = ("pre", "post")


def pad_sequences(
    sequences: Sequence[Any],
    maxlen: int | None = None,
    dtype: str = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: float = 0.0,
) -> Array:
    """Return an array (N, T, ...) of the sequences, all cut or padded with `value` to T steps.

    T is `maxlen`, or the length of the longest. As in Keras, steps are added and cut off at the
    beginning ("pre") unless `padding` and `truncating` say "post".
    """
    for where, side in (("padding", padding), ("truncating", truncating)):
        if side not in _SIDES:
            raise unknown("side", side, _SIDES, where=where)
    try:
        arrays = [np.asarray(sequence, dtype) for sequence in sequences]
    except (TypeError, ValueError) as error:
        raise GlassnetError(f"holds what is no {dtype} ({error}).", where="sequences") from error
    if not arrays or any(array.ndim == 0 for array in arrays):
        raise GlassnetError("must be a list of sequences.", where="sequences")
    steps = max(map(len, arrays)) if maxlen is None else whole_number(maxlen, "maxlen", 1)
    if len({array.shape[1:] for array in arrays if len(array)}) > 1:
        raise GlassnetError("have steps of different shapes.", where="sequences")
    shape = next((array.shape[1:] for array in arrays if len(array)), ())
    padded = np.full((len(arrays), steps, *shape), value, dtype)
    for row, array in zip(padded, arrays, strict=True):
        part = array[-steps:] if truncating == "pre" else array[:steps]
        if len(part):
            row[(slice(-len(part), None) if padding == "pre" else slice(len(part)))] = part
    return padded
