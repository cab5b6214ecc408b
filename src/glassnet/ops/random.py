"""Counter-based randomness: a draw depends on its key alone, never on earlier draws.

A key is a uint32 array of shape (1,). `fold` mixes another number (seed, step, layer) into it;
`random_bits`, `keep_mask` and `normal` draw from it. The bits are integer arithmetic modulo 2³², so
NumPy and XLA draw the same bits, and a resumed run draws what the run would have drawn
uninterrupted.
"""

import math
from typing import Any

from glassnet.core.protocols import Array, namespace

_GOLDEN = 0x9E3779B9  # 2³² / golden ratio: spreads consecutive counters (Knuth, TAOCP 3, 6.4)


def mix(bits: Array) -> Array:
    """A bijection of uint32 in which every input bit flips each output bit about half the time.

    Source: C. Wellons, "Prospecting for Hash Functions", 2018 (the `lowbias32` constants).
    """
    bits = (bits ^ (bits >> 16)) * _word(0x7FEB352D, bits)
    bits = (bits ^ (bits >> 15)) * _word(0x846CA68B, bits)
    return bits ^ (bits >> 16)


def fold(key: Array, number: Array | int) -> Array:
    """Return a new key with `number` mixed in."""
    return mix(mix(key + _word(_GOLDEN, key)) ^ _word(number, key))


def random_bits(key: Array, shape: tuple[int, ...]) -> Array:
    """Return uniform uint32 values of `shape`."""
    xp = namespace(key)
    counters = xp.arange(math.prod(shape), dtype=key.dtype)
    # The key enters twice: if it were only an offset, the draws of two keys could be the same
    # sequence, shifted.
    return mix(mix(counters + key) ^ mix(key ^ _word(_GOLDEN, key))).reshape(shape)


def keep_mask(key: Array, shape: tuple[int, ...], rate: float) -> Array:
    """Return booleans of `shape`, each false with probability `rate`."""
    return random_bits(key, shape) >= _word(math.floor(rate * 2**32), key)


def normal(key: Array, shape: tuple[int, ...], dtype: Any) -> Array:
    """Return standard normal values of `shape`; none is beyond ±5.8.

    Two uniform values u ∈ (0, 1] and w give two of them: √(−2 log u) times cos 2πw and sin 2πw.
    Both are multiples of 2⁻²⁴, so that single and double precision start from the same u and w.
    Source: Box & Muller 1958.
    """
    xp = namespace(key)
    count = math.prod(shape)
    bits = xp.astype(random_bits(key, (2, (count + 1) // 2)) >> 8, dtype)
    radius = xp.sqrt(-2 * xp.log((bits[0] + 1) * 2**-24))
    angle = bits[1] * (2 * math.pi * 2**-24)
    return xp.concat((radius * xp.cos(angle), radius * xp.sin(angle)))[:count].reshape(shape)


def _word(number: Array | int, like: Array) -> Array:
    """Return the number as a uint32 array: JAX rejects a bare Python number above 2³¹."""
    return namespace(like).asarray(number, dtype=like.dtype)
