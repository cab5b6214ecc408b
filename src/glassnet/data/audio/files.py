"""The clips of many files: what is known of them, and their spectrograms, computed once."""

from collections.abc import Iterator, Sequence
from dataclasses import astuple, fields

import numpy as np
from threadpoolctl import threadpool_limits

from glassnet.core.arrays import Array
from glassnet.core.mapped import is_mapped, without_a_name
from glassnet.data.audio.clips import Facts, read_clip, require_reader
from glassnet.data.audio.spectrogram import Spectrogram
from glassnet.data.cache import rows_of_files

_BLOCK = 256  # clips


def facts_of(paths: Sequence[str]) -> list[Facts]:
    """Return what is known of each clip; raises for those that can't be read."""
    require_reader()
    rows = rows_of_files("facts of a clip", paths, (len(fields(Facts)),), "float64", _facts)
    return [Facts(int(rate), int(channels), *others) for rate, channels, *others in rows.tolist()]


def _facts(path: str) -> Array:
    return np.array(astuple(read_clip(path).facts), np.float64)


def spectrograms_of(paths: Sequence[str], spectrogram: Spectrogram) -> Array:
    """Return the log-mel spectrogram of each clip, float32 (N, frames, mels) in dB."""
    require_reader()

    def read(path: str) -> Array:
        clip = read_clip(path)
        return spectrogram.of(clip.signal, clip.facts.rate)

    with threadpool_limits(1):  # products of small matrices are slower on several threads
        return rows_of_files(repr(spectrogram), paths, spectrogram.shape, "float32", read)


def moments(x: Array) -> tuple[float, float]:
    """Return mean and standard deviation of all values, in float64, block by block."""
    mean = sum(block.sum(dtype=np.float64) for block in _blocks(x)) / x.size
    squares = sum(np.square(block - mean, dtype=np.float64).sum() for block in _blocks(x))
    return float(mean), float(np.sqrt(squares / x.size))


def standardized(x: Array, mean: float, deviation: float) -> Array:
    """Return (x − mean) / deviation in float32; mapped into memory if x is."""
    blocks = ((block - np.float32(mean)) / np.float32(deviation) for block in _blocks(x))
    if is_mapped(x):
        return without_a_name(blocks, x.shape, x.dtype)
    return np.concatenate([x[:0], *blocks])


def _blocks(x: Array) -> Iterator[Array]:
    for start in range(0, len(x), _BLOCK):
        yield x[start : start + _BLOCK]
