"""Log-mel spectrograms: from first principles, and by librosa's values."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet.core.errors import GlassnetError
from glassnet.core.registry import build, describe
from glassnet.data.audio.spectrogram import (
    FLOOR,
    MELS,
    RANGE,
    RATES,
    Spectrogram,
    hz_of,
    log_mel,
    mel_filters,
    mel_of,
    power_spectrum,
    usual_rate,
)
from tests.clips import tone

RATE, WINDOW, HOP = 8000, 256, 128


def test_parseval() -> None:
    """The power of a frame is the energy of its weighted samples, times the window's length."""
    signal = np.random.default_rng(0).normal(size=WINDOW).astype(np.float32)
    power = power_spectrum(signal, WINDOW, HOP)[1]  # around the middle: all samples
    n = np.arange(WINDOW)
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * n / WINDOW)
    both_sides = 2 * power.sum() - power[0] - power[-1]
    assert both_sides == pytest.approx(WINDOW * ((hann * signal) ** 2).sum(), rel=1e-5)


def test_the_power_of_a_tone() -> None:
    """A tone of amplitude a has (a/2 · Σw)² in its bin, Σw = window/2; next to it a quarter."""
    power = power_spectrum(tone(RATE / WINDOW * 20, level=0.8), WINDOW, HOP)[5]
    assert power[20] == pytest.approx((0.8 * WINDOW / 4) ** 2, rel=1e-4)
    assert power[19] == pytest.approx(power[20] / 4, rel=1e-3)
    assert power[40:].max() < 1e-6 * power[20]


@pytest.mark.parametrize("mels", [20, 40])
def test_a_tone_lies_in_its_band(mels: int) -> None:
    centers = hz_of(np.linspace(0, mel_of(RATE / 2), mels + 2))[1:-1]
    for band, hz in enumerate(centers):
        frame = log_mel(tone(hz), RATE, WINDOW, HOP, mels)[10]
        assert abs(int(frame.argmax()) - band) <= (1 if band < 2 else 0), hz


@settings(deadline=None, max_examples=60)
@given(st.integers(*RATES))
def test_every_band_hears_something_at_any_rate(rate: int) -> None:
    spectrogram = Spectrogram.fitted(rate, 1.0)
    assert (mel_filters(rate, spectrogram.window, MELS).max(axis=1) > 0).all()


def test_triangles_have_the_area_1() -> None:
    filters = mel_filters(16_000, 4096, 20)
    np.testing.assert_allclose(filters.sum(axis=1) * 16_000 / 4096, 1, rtol=0.01)


def test_slaneys_scale() -> None:
    assert [mel_of(hz) for hz in (0, 200, 1000)] == pytest.approx([0, 3, 15])
    assert mel_of(6400) == pytest.approx(42)
    hz = np.array([10.0, 999, 1000, 1001, 7000])
    np.testing.assert_allclose(hz_of(np.array([mel_of(f) for f in hz])), hz)


def test_twice_as_loud_is_6_decibels_more() -> None:
    signal = tone(440, level=0.25)
    louder = log_mel(2 * signal, RATE, WINDOW, HOP, 40)
    np.testing.assert_allclose(louder - log_mel(signal, RATE, WINDOW, HOP, 40), 6.0206, atol=1e-3)


def test_a_later_sound_is_in_later_frames() -> None:
    signal = np.random.default_rng(0).normal(size=2000).astype(np.float32)
    later = log_mel(np.pad(signal, (3 * HOP, 0)), RATE, WINDOW, HOP, 40)
    frames = log_mel(signal, RATE, WINDOW, HOP, 40)
    np.testing.assert_allclose(later[5:], frames[2:], atol=1e-3)


def test_silence_and_the_range() -> None:
    silence = log_mel(np.zeros(1000, np.float32), RATE, WINDOW, HOP, 40)
    np.testing.assert_allclose(silence, 10 * np.log10(FLOOR))
    half = np.concatenate([tone(440), np.zeros(4000, np.float32)])
    loud = log_mel(half, RATE, WINDOW, HOP, 40)
    assert loud.max() - loud.min() == pytest.approx(RANGE, abs=1e-4)
    assert loud.shape == (1 + 8000 // HOP, 40)


def test_the_values_are_librosas() -> None:
    """Those of librosa 0.11.0: power_to_db(melspectrogram(y=x, sr=8000, n_fft=256, hop_length=500,
    n_mels=6), ref=1.0).T.
    """
    times = np.arange(2000) / RATE
    x = 0.5 * np.sin(2 * np.pi * (300 * times + 800 * times**2))
    expected = [
        [2.8842, -13.6976, -27.4489, -33.958, -39.2919, -43.4909],
        [5.6757, -0.4984, -70.4345, -74.3243, -74.3243, -74.3243],
        [3.6648, 3.5424, -67.5801, -74.3243, -74.3243, -74.3243],
        [-0.1961, 5.5988, -40.7935, -74.3243, -74.3243, -74.3243],
        [-10.2423, 2.9225, -7.1409, -24.2754, -31.0202, -35.7688],
    ]
    actual = log_mel(x.astype(np.float32), RATE, 256, 500, 6)
    np.testing.assert_allclose(actual, expected, atol=0.002)


@pytest.mark.parametrize("rate", [1000, 8000, 11_025, 44_100])
def test_clips_of_any_rate_and_length_have_one_shape(rate: int) -> None:
    spectrogram = Spectrogram.fitted(8000, 0.75)
    assert spectrogram.shape == (24, MELS)
    assert spectrogram.seconds == pytest.approx(0.75, abs=2 * HOP / RATE)
    for seconds in (0.01, 0.5, 2):
        frames = spectrogram.of(tone(440, rate, seconds), rate)
        assert frames.shape == spectrogram.shape
        assert frames.dtype == np.float32


def test_rates_are_those_of_speech() -> None:
    for rate, used in ((1000, 4000), (8000, 8000), (11_025, 11_025), (48_000, 16_000)):
        assert usual_rate(rate) == Spectrogram.fitted(used, 1).rate == used


def test_it_is_json_in_a_model_file() -> None:
    spectrogram = Spectrogram.fitted(8000, 1)
    assert build("spectrogram", describe(spectrogram)) == spectrogram
    for field, value in (
        ("rate", 0),
        ("rate", 2**22 - 1),
        ("window", 255),
        ("frames", 2**22),
        ("mels", 2**21),
    ):
        with pytest.raises(GlassnetError, match="Spectrogram"):
            build("spectrogram", describe(spectrogram) | {field: value})
