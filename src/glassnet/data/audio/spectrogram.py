"""Log-mel spectrograms: how loud a clip is at each time, in bands as wide as ears hear them.

The convention is librosa's default (`librosa.feature.melspectrogram`, then `power_to_db`): the mel
scale and the area normalization of Slaney's Auditory Toolbox, centered windows, silence beyond the
ends. torchaudio's default, HTK's mel scale without normalization, gives other numbers.

Sources: Slaney 1998, "Auditory Toolbox", Technical Report 1998-010, Interval Research; Davis &
Mermelstein 1980, "Comparison of parametric representations for monosyllabic word recognition";
McFee et al. 2015, "librosa: audio and music signal analysis in Python".
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import Self

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError
from glassnet.core.registry import register
from glassnet.data.audio.clips import LONGEST, of_length, resampled

FLOOR = 1e-10  # power that counts as none: −100 dB
MELS = 64  # docs/log.md
RANGE = 80.0  # dB below the loudest value of a clip, from which everything is equally silent
_LINEAR, _PER_MEL = 1000.0, 200 / 3  # Hz to which a mel has so many Hz
_STEP = math.log(6.4) / 27  # above it, ln of the ratio of frequencies that are a mel apart

RATES = (4_000, 16_000)  # samples per second; outside of them, clips are resampled
_LARGEST = 48_000  # samples per second that can be chosen
_WINDOW = 0.064  # seconds, about: a power of 2 of samples; docs/log.md
_MOST = 2**22  # values of a spectrogram, of which a model file may ask


@register("spectrogram")
@dataclass(frozen=True)
class Spectrogram:
    """How clips become arrays of one shape: `log_mel` of what is resampled and cut to a length."""

    rate: int  # samples per second
    window: int  # samples
    hop: int  # samples from frame to frame
    mels: int  # bands
    frames: int

    def __post_init__(self) -> None:
        for name, number in vars(self).items():
            if not 0 < number <= _MOST:
                what = f"must be from 1 to {_MOST:,}, got {number}."
                raise GlassnetError(what, where=f"Spectrogram: {name}")
        checked_rate(self.rate, "Spectrogram: rate")
        if self.window % 2 or self.window * self.mels > _MOST or self.frames * self.mels > _MOST:
            raise GlassnetError(f"{self} is not a spectrogram of a clip.", where="Spectrogram")

    @classmethod
    def fitted(cls, rate: int, seconds: float) -> Self:
        """Return the spectrogram of a sample rate, for so many seconds of each clip."""
        window = 2 ** round(math.log2(_WINDOW * rate))
        samples = round(min(seconds, LONGEST) * rate)
        return cls(rate, window, window // 2, MELS, 1 + samples // (window // 2))

    @property
    def shape(self) -> tuple[int, int]:
        """(frames, mels)."""
        return self.frames, self.mels

    @property
    def samples(self) -> int:
        """The samples of a clip that are read, after resampling."""
        return (self.frames - 1) * self.hop

    @property
    def seconds(self) -> float:
        """The seconds of a clip that are read."""
        return self.samples / self.rate

    def of(self, signal: Array, rate: int) -> Array:
        """Return the log-mel spectrogram of a signal of any sample rate, float32 (frames, mels)."""
        signal = of_length(resampled(signal, rate, self.rate), self.samples)
        return log_mel(signal, self.rate, self.window, self.hop, self.mels)


def checked_rate(rate: int, where: str = "--sample-rate") -> int:
    """Return the sample rate of spectrograms; raises for those that are too low or too high."""
    if not RATES[0] <= rate <= _LARGEST:
        fix = "16000 is usual for speech, 44100 for music."
        what = f"must be from {RATES[0]:,} to {_LARGEST:,}, got {rate:,}."
        raise GlassnetError(what, where=where, fix=fix)
    return rate


def usual_rate(rate: int) -> int:
    """Return the sample rate of spectrograms for clips of a rate, unless another is chosen."""
    return min(max(rate, RATES[0]), RATES[1])


def log_mel(signal: Array, rate: int, window: int, hop: int, mels: int) -> Array:
    """Return the log-mel spectrogram of a signal (samples,), float32 (frames, mels) in dB.

        X[t, k] = Σₙ w[n] x[t · hop + n − window/2] exp(−2πi n k / window),   0 ≤ n < window
        M[t, m] = Σₖ F[m, k] |X[t, k]|²
        y[t, m] = max(10 log₁₀ max(M[t, m], FLOOR), largest value of the clip − RANGE)

    w is the periodic Hann window of `window` samples, x is 0 beyond its ends, F (mels,
    window/2 + 1) are the `mel_filters`. There are 1 + ⌊samples / hop⌋ frames, the frame t around
    the sample t · hop; `rate` is in samples per second, so a frame has `hop / rate` seconds. 0 dB
    is a band whose weighted power is 1, for samples from −1 to 1.
    """
    power = power_spectrum(signal, window, hop) @ mel_filters(rate, window, mels).T
    decibels = 10 * np.log10(np.maximum(power, np.float32(FLOOR)))
    return np.maximum(decibels, decibels.max() - np.float32(RANGE))


def power_spectrum(signal: Array, window: int, hop: int) -> Array:
    """Return |X[t, k]|² of `log_mel`, float32 (frames, window/2 + 1)."""
    from scipy.fft import rfft
    from scipy.signal import get_window

    weights = get_window("hann", window).astype(np.float32)
    padded = np.pad(signal.astype(np.float32), window // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, window)[::hop]
    spectrum = rfft(frames * weights)
    power: Array = spectrum.real**2 + spectrum.imag**2
    return power


@cache
def mel_filters(rate: int, window: int, mels: int) -> Array:
    """Return the weights of each frequency in each band, float32 (mels, window/2 + 1).

        F[m, k] = 2 / (c − a) · max(0, min((fₖ − a) / (b − a), (c − fₖ) / (c − b)))

    fₖ = k · rate / window are the frequencies in Hz; a, b and c are hₘ, hₘ₊₁ and hₘ₊₂ of mels + 2
    frequencies h that are equally far apart in mels, from 0 to rate / 2. Each triangle has the area
    1 over Hz.
    """
    frequencies = np.arange(window // 2 + 1) * (rate / window)
    h = hz_of(np.linspace(0, mel_of(rate / 2), mels + 2))
    low, center, high = h[:-2, None], h[1:-1, None], h[2:, None]
    rising = (frequencies - low) / (center - low)
    falling = (high - frequencies) / (high - center)
    triangles = np.maximum(0, np.minimum(rising, falling)) * 2 / (high - low)
    filters: Array = triangles.astype(np.float32)
    filters.flags.writeable = False
    return filters


def mel_of(hz: float) -> float:
    """Return a frequency in mels: 3 hz / 200 up to 1000 Hz, then 15 + 27 ln(hz / 1000) / ln 6.4."""
    if hz < _LINEAR:
        return hz / _PER_MEL
    return _LINEAR / _PER_MEL + math.log(hz / _LINEAR) / _STEP


def hz_of(mel: Array) -> Array:
    """Return frequencies in Hz, the inverse of `mel_of`."""
    corner = _LINEAR / _PER_MEL
    return np.where(mel < corner, mel * _PER_MEL, _LINEAR * np.exp(_STEP * (mel - corner)))
