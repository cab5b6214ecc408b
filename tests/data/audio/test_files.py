"""The clips of many files."""

from pathlib import Path

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.core.mapped import is_mapped, without_a_name
from glassnet.data.audio import files
from glassnet.data.audio.clips import read_clip
from glassnet.data.audio.files import facts_of, moments, spectrograms_of, standardized
from glassnet.data.audio.spectrogram import Spectrogram
from tests.clips import tone, write


def test_each_clip_is_read_as_if_it_were_alone(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"{hz}.flac", tone(hz)) for hz in (200, 400, 800)]
    spectrogram = Spectrogram.fitted(8000, 0.5)
    together = spectrograms_of(paths, spectrogram)
    assert together.shape == (3, *spectrogram.shape)
    for path, frames in zip(paths, together, strict=True):
        clip = read_clip(path)
        np.testing.assert_array_equal(frames, spectrogram.of(clip.signal, clip.facts.rate))
    assert facts_of(paths) == [read_clip(path).facts for path in paths]


def test_many_clips_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.wav", tone(440))
    paths, spectrogram = [path] * 100, Spectrogram.fitted(8000, 0.5)
    first, facts = spectrograms_of(paths, spectrogram), facts_of(paths)
    read: list[str] = []
    monkeypatch.setattr(files, "read_clip", lambda path: read.append(path) or read_clip(path))
    np.testing.assert_array_equal(spectrograms_of(paths, spectrogram), first)
    assert facts_of(paths) == facts
    assert not read
    spectrograms_of(paths, Spectrogram.fitted(8000, 0.4))
    assert len(read) == 100
    Path(path).write_bytes(b"x")
    with pytest.raises(GlassnetError, match="can't be read as audio"):
        spectrograms_of(paths, spectrogram)


def test_moments_and_standardized_values_by_block() -> None:
    x = np.random.default_rng(0).normal(-50, 20, (700, 3, 2)).astype(np.float32)
    mean, deviation = moments(x)
    assert (mean, deviation) == pytest.approx((x.mean(dtype=float), x.std(dtype=float)))
    expected = (x - np.float32(mean)) / np.float32(deviation)
    np.testing.assert_array_equal(standardized(x, mean, deviation), expected)
    rows = without_a_name([x], x.shape, x.dtype)
    assert standardized(x[:0], mean, deviation).shape == (0, 3, 2)
    np.testing.assert_array_equal(standardized(rows, mean, deviation), expected)


def test_large_arrays_are_mapped() -> None:
    x = np.ones((300, 1024, 64), np.float32)
    mapped = standardized(without_a_name([x], x.shape, x.dtype), 0.5, 0.25)
    assert is_mapped(mapped)
    assert (mapped[::100] == 2).all()
