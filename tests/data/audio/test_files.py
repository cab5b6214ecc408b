"""The clips of many files."""

from pathlib import Path

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.data.audio.clips import read_clip
from glassnet.data.audio.files import facts_of, spectrograms_of
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


def test_all_files_that_cannot_be_read_are_counted(tmp_path: Path) -> None:
    paths = [str(tmp_path / f"{name}.wav") for name in "abcdef"]
    write(tmp_path / "c.wav", tone(440))
    with pytest.raises(GlassnetError) as caught:
        facts_of(paths)
    assert caught.value.where == paths[0]
    others = f"There are 4 more such files: {paths[1]}, {paths[3]}, {paths[4]} ..."
    assert others in str(caught.value)
    with pytest.raises(GlassnetError) as caught:
        facts_of(paths[:1])
    assert "more" not in caught.value.fix
