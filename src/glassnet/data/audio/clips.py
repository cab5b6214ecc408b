"""Audio clips from files, as mono signals of one sample rate.

The formats are those of libsndfile that people have: WAV, FLAC, Ogg (Vorbis, Opus) and, since
libsndfile 1.1, MP3.
"""

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError
from glassnet.core.files import open_file

if TYPE_CHECKING:
    from soundfile import SoundFile

LONGEST = 10.0  # seconds that are read of a clip, at most
_FULL = 0.9999  # of the scale: the largest value of 16 bits is 32767/32768
_RATES = range(1_000, 768_001)  # samples per second; other rates are mistakes of the file
_CHANNELS = 64
_UNKNOWN = 2**31 - 2**16  # bytes
_FIX = "Give a WAV, FLAC, Ogg or MP3 file."


@dataclass(frozen=True)
class Facts:
    """What is known of a clip before a spectrogram is made of it."""

    rate: int  # samples per second
    channels: int
    seconds: float  # of the whole file
    level: float  # the root mean square of the samples that are read, 1 at full scale
    peak: float  # the largest |sample| of what is read, 1 at full scale
    clipped: float  # share of the samples that repeat one at full scale
    cut_off: bool  # True if its header counts more samples than there are


@dataclass(frozen=True, eq=False)
class Clip:
    """The beginning of a file, its channels averaged, float32 from −1 to 1: (samples,)."""

    signal: Array
    facts: Facts


def read_clip(path: str) -> Clip:
    """Return the first `LONGEST` seconds of a file.

    Raises GlassnetError that names the file if it is missing, empty, broken or of another format.
    """
    require_reader()
    with _opened(path) as file:
        rate, channels = file.samplerate, file.channels
        if rate not in _RATES or channels > _CHANNELS:
            what = f"has {channels} channels of {rate:,} samples per second."
            raise GlassnetError(what, where=path, fix=_FIX)
        samples = file.read(math.ceil(LONGEST * rate), dtype="float32", always_2d=True)
        seconds, cut_off = file.frames / rate, _is_cut_off(file.extra_info)
    if not len(samples):
        raise GlassnetError("has no samples.", where=path, fix="Remove it.")
    if not np.isfinite(samples).all():
        raise GlassnetError("has non-finite samples.", where=path, fix="Remove or replace it.")
    levels = np.abs(samples)
    full = (levels[1:] >= _FULL) & (samples[1:] == samples[:-1])
    peak, clipped = float(levels.max()), float(full.any(axis=1).mean()) if len(full) else 0.0
    level = float(np.sqrt(np.square(samples, dtype=np.float64).mean()))
    signal = samples.mean(axis=1, dtype=np.float32)
    return Clip(signal, Facts(rate, channels, seconds, level, peak, clipped, cut_off))


def _is_cut_off(header: str) -> bool:
    """True if the header of a WAV file, in libsndfile's words, counts more bytes than there are.

    What was written to a pipe, whose length was unknown, counts 2 GiB or more.
    """
    counts = re.search(r"^data : (\d+) \(should be \d+\)", header, flags=re.M)
    return counts is not None and int(counts[1]) < _UNKNOWN


def resampled(signal: Array, rate: int, target: int) -> Array:
    """Return a signal at another sample rate, (⌈samples · target / rate⌉,) in float32.

    A polyphase filter removes what is above half of the lower rate first:
    `scipy.signal.resample_poly`, its Kaiser window of β = 5.
    """
    if rate == target:
        return signal
    from scipy.signal import resample_poly

    common = math.gcd(rate, target)
    converted: Array = resample_poly(signal, target // common, rate // common)
    return converted.astype(np.float32)


def of_length(signal: Array, samples: int) -> Array:
    """Return a signal of so many samples: its beginning, or silence after it."""
    return np.pad(signal[:samples], (0, max(0, samples - len(signal))))


def require_reader() -> None:
    """Raise unless what reads audio files is installed."""
    try:
        import soundfile  # noqa: F401
    except (ImportError, OSError) as error:  # OSError: libsndfile is missing
        raise GlassnetError(
            "soundfile is not installed, which reads audio files.",
            where="audio",
            fix="Run: pip install 'glassnet[audio]'",
        ) from error


@contextmanager
def _opened(path: str) -> Iterator["SoundFile"]:
    """Yield the file, its header read; raises GlassnetError if that or reading it fails."""
    import soundfile

    with open_file(path, _FIX) as (file, size):
        if not size:
            raise GlassnetError("is empty.", where=path, fix="Remove it.")
        try:
            with soundfile.SoundFile(file) as clip:
                yield clip
        except (soundfile.SoundFileError, RuntimeError, ValueError, MemoryError) as error:
            if isinstance(error, GlassnetError):
                raise
            if path.lower().endswith(".mp3") and "MP3" not in soundfile.available_formats():
                what = f"is MP3, which libsndfile {soundfile.__libsndfile_version__} can't read."
                fix = "Update it to 1.1 or later (pip install soundfile has that), or give FLAC."
                raise GlassnetError(what, where=path, fix=fix) from error
            reason = str(getattr(error, "error_string", error)).rstrip(".")
            raise GlassnetError(
                f"can't be read as audio: {reason}.", where=path, fix=_FIX
            ) from error
