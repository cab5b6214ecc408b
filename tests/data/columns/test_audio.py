"""Columns of clips: fitted to training rows, the same for one clip as for many."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.core.registry import build, describe
from glassnet.data import Rows, load
from glassnet.data.columns.audio import Audio
from tests.clips import tone, write


@pytest.fixture
def paths(tmp_path: Path) -> list[str]:
    """20 clips of 0.25 s, and one of 2 s."""
    names = [write(tmp_path / f"{i}.wav", tone(200 + 100 * i, seconds=0.25)) for i in range(20)]
    return [*names, write(tmp_path / "long.wav", tone(150, seconds=2))]


def test_the_training_clips_have_mean_0_and_deviation_1(paths: list[str]) -> None:
    column = Audio.fitted("file", "why", "", pl.Series(paths))
    x = column.encoded(pl.Series(paths))
    assert x.dtype == np.float32
    assert x.shape == (21, *column.shape)
    assert x.mean() == pytest.approx(0, abs=1e-5)
    assert x.std() == pytest.approx(1, abs=1e-5)
    assert 0.25 <= column.spectrogram.seconds < 0.35  # all but the longest twentieth is whole
    assert (column.block, column.kind, column.misses) == ("audio", "audio", False)


def test_a_clip_is_the_same_alone_and_after_a_model_file(paths: list[str]) -> None:
    column = Audio.fitted("file", "why", "", pl.Series(paths))
    read = build("column", describe(column))
    assert read == column
    together, alone = column.encoded(pl.Series(paths)), read.encoded(pl.Series(paths[7:8]))
    np.testing.assert_array_equal(alone[0], together[7])


def test_most_rates_win_and_others_are_resampled(paths: list[str], tmp_path: Path) -> None:
    high = write(tmp_path / "high.wav", tone(700, rate=44_100, seconds=0.25), 44_100)
    column = Audio.fitted("file", "why", "", pl.Series([*paths, high]))
    assert column.spectrogram.rate == 8000
    same, resampled = column.encoded(pl.Series([paths[5], high]))  # both 700 Hz
    inner = slice(2, -4)
    assert (same[inner].argmax(1) == resampled[inner].argmax(1)).all()


def test_missing_clips_are_the_mean(paths: list[str]) -> None:
    column = Audio.fitted("file", "why", "", pl.Series([*paths, None]))
    assert column.misses
    x = column.encoded(pl.Series([None, paths[0]]))
    assert (x[0] == 0).all()
    assert (x[1] != 0).any()


def test_nothing_to_fit_is_an_error() -> None:
    with pytest.raises(GlassnetError, match="no training row has a clip"):
        Audio.fitted("file", "why", "", pl.Series([None], dtype=pl.String))


def test_new_clips_are_doubted(paths: list[str], tmp_path: Path) -> None:
    column = Audio.fitted("file", "why", "", pl.Series(paths))
    new = [
        paths[0],
        write(tmp_path / "quiet.wav", tone(440, level=0.0001, seconds=0.25)),
        write(tmp_path / "low.wav", tone(440, rate=4000, seconds=0.25), 4000),
        paths[-1],
        None,
    ]
    raw = pl.Series(new)
    doubts = {what: rows.tolist() for what, rows in column.doubts(raw, column.typed(raw))}
    assert {what: rows.index(True) for what, rows in doubts.items() if sum(rows) == 1} == {
        "is missing, which it is in no training row": 4,
        "is silent": 1,
        "has fewer samples per second than 8,000, and no high frequencies": 2,
        "is longer than 0.3 s, and its end is not read": 3,
    }
    assert not [*column.doubts(raw[:1], raw[:1])]


def test_a_broken_file_is_named(paths: list[str], tmp_path: Path) -> None:
    (tmp_path / "3.wav").write_bytes(b"")
    with pytest.raises(GlassnetError, match=r"3.wav: is empty"):
        Audio.fitted("file", "why", "", pl.Series(paths))


def test_a_sample_rate_that_is_chosen(tmp_path: Path) -> None:
    for label, hz in (("low", 1000), ("high", 9000)):
        for at in range(20):
            write(tmp_path / "tones" / label / f"{at}.wav", tone(hz + at, 44_100), 44_100)
    usual, chosen = load(tmp_path / "tones"), load(tmp_path / "tones", sample_rate=32_000)
    for data, rate in ((usual, 16_000), (chosen, 32_000)):
        assert isinstance(data, Rows)
        (column,) = data.preprocessing.read
        assert isinstance(column, Audio)
        assert column.spectrogram.rate == rate
    high = chosen.y_train == chosen.class_names.index("high")
    loudest = chosen.x_train.mean(axis=1).argmax(axis=1)
    assert loudest[high].min() > loudest[~high].max()
    for wrong in (3999, 48_001):
        with pytest.raises(GlassnetError, match="--sample-rate: must be from 4,000 to 48,000"):
            load(tmp_path / "tones", sample_rate=wrong)
    with pytest.raises(GlassnetError, match="--sample-rate: is for audio clips"):
        load("digits", sample_rate=8000)
    (tmp_path / "a.csv").write_text("a,b\n" + "1,x\n2,y\n" * 20)
    with pytest.raises(GlassnetError, match="--sample-rate: is for audio clips; there are none"):
        load(tmp_path / "a.csv", target="b", sample_rate=8000)
