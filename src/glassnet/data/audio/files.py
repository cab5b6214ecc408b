"""The clips of many files: what is known of them, and their spectrograms."""

from collections.abc import Iterator, Sequence

import numpy as np
from threadpoolctl import threadpool_limits

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError
from glassnet.data.audio.clips import Clip, Facts, read_clip, require_reader
from glassnet.data.audio.spectrogram import Spectrogram

_NAMED = 3  # files in a message


def facts_of(paths: Sequence[str]) -> list[Facts]:
    """Return what is known of each clip; raises for those that can't be read."""
    return [clip.facts for clip in _clips(paths)]


def spectrograms_of(paths: Sequence[str], spectrogram: Spectrogram) -> Array:
    """Return the log-mel spectrogram of each clip, float32 (N, frames, mels) in dB."""
    spectrograms = np.empty((len(paths), *spectrogram.shape), np.float32)
    with threadpool_limits(1):  # products of small matrices are slower on several threads
        for row, clip in enumerate(_clips(paths)):
            spectrograms[row] = spectrogram.of(clip.signal, clip.facts.rate)
    return spectrograms


def _clips(paths: Sequence[str]) -> Iterator[Clip]:
    """Yield each clip; raises at the end if some can't be read, naming them."""
    require_reader()
    errors = []
    for path in paths:
        try:
            yield read_clip(path)
        except GlassnetError as error:
            errors.append(error)
    if errors:
        first, *others = errors
        names = ", ".join(error.where for error in others[:_NAMED])
        more = " ..." if len(others) > _NAMED else ""
        fix = f"{first.fix} There are {len(others):,} more such files: {names}{more}"
        raise GlassnetError(first.what, where=first.where, fix=fix if others else first.fix)
