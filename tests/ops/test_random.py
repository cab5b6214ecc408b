"""The counter-based randomness: known bits, and none of them alike."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.ops.random import fold, keep_mask, mix, random_bits

words = st.integers(0, 2**32 - 1)


def key(number: int) -> np.ndarray:
    return np.array([number], np.uint32)


def lowbias32(x: int) -> int:
    """Wellons's function in Python's whole numbers."""
    x = ((x ^ x >> 16) * 0x7FEB352D) % 2**32
    x = ((x ^ x >> 15) * 0x846CA68B) % 2**32
    return x ^ x >> 16


@given(words)
def test_mix_is_lowbias32(x: int) -> None:
    assert int(mix(key(x))[0]) == lowbias32(x)


@given(words, words)
def test_fold_is_arithmetic_modulo_2_to_the_32(seed: int, number: int) -> None:
    assert int(fold(key(seed), number)[0]) == lowbias32(
        lowbias32((seed + 0x9E3779B9) % 2**32) ^ number
    )


def test_a_bit_flipped_in_flips_half_of_the_bits_out() -> None:
    x = np.arange(2000, dtype=np.uint32)
    for bit in range(32):
        flipped = mix(x) ^ mix(x ^ np.uint32(1 << bit))
        assert np.bitwise_count(flipped).mean() == pytest.approx(16, abs=1)


def test_draws_are_uniform_and_differ() -> None:
    bits = random_bits(key(5), (100, 1000))
    shares = np.histogram(bits, bins=16, range=(0, 2**32))[0] / bits.size
    np.testing.assert_allclose(shares, 1 / 16, atol=0.005)
    assert len(np.unique(bits)) > 0.999 * bits.size


@pytest.mark.parametrize(("rate", "kept"), [(0.0, 1.0), (0.25, 0.75), (1 - 2**-53, 0.0)])
def test_keep_mask_keeps_its_share(rate: float, kept: float) -> None:
    assert keep_mask(key(1), (10_000,), rate).mean() == pytest.approx(kept, abs=0.02)


def test_the_bits_never_change() -> None:
    """A resumed run must draw what the interrupted one would have drawn, release after release."""
    assert random_bits(fold(key(42), 7), (3,)).tolist() == [2326367567, 262645263, 436075691]
