"""The counter-based randomness: known bits, uniform and without collisions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.ops.random import fold, keep_mask, mix, normal, random_bits

words = st.integers(0, 2**32 - 1)


def key(number: int) -> np.ndarray:
    return np.array([number], np.uint32)


def lowbias32(x: int) -> int:
    """Wellons's function in Python integers."""
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


def test_normal_numbers_are_normal() -> None:
    drawn = normal(key(9), (300, 334), np.float64).ravel()
    within = [(np.abs(drawn) < deviations).mean() for deviations in (1, 2, 3)]
    np.testing.assert_allclose(within, [0.6827, 0.9545, 0.9973], atol=0.005)
    assert drawn.mean() == pytest.approx(0, abs=0.01)
    assert np.abs(drawn).max() < 5.8
    cosines, sines = np.split(drawn, 2)  # of the same pairs
    assert abs(np.corrcoef(cosines, sines)[0, 1]) < 0.02


@pytest.mark.parametrize("shape", [(), (1,), (0, 3), (3, 5)])
def test_normal_numbers_come_in_every_shape_and_precision(shape: tuple[int, ...]) -> None:
    single, double = (normal(key(2), shape, dtype) for dtype in (np.float32, np.float64))
    assert (single.shape, single.dtype) == (shape, np.float32)
    np.testing.assert_allclose(single, double, rtol=1e-5, atol=1e-6)


def test_jax_draws_the_same_normal_numbers() -> None:
    jnp = pytest.importorskip("jax.numpy")
    drawn = normal(jnp.asarray(key(2)), (50, 5), jnp.float32)
    np.testing.assert_allclose(drawn, normal(key(2), (50, 5), np.float32), rtol=1e-4, atol=1e-6)


def test_the_bits_never_change() -> None:
    """A resumed run must draw what the uninterrupted one would have drawn, in every release."""
    assert random_bits(fold(key(42), 7), (3,)).tolist() == [2326367567, 262645263, 436075691]
