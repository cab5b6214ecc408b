"""Clips of all formats become the same signal; broken ones are named."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet.core.errors import GlassnetError
from glassnet.data.audio.clips import LONGEST, of_length, read_clip, resampled
from tests.clips import tone, write


@pytest.mark.parametrize(
    ("name", "options", "tolerance"),
    [
        ("a.mp3", {}, 0.05),
        ("a.wav", {"subtype": "PCM_16"}, 4e-5),
        ("a.wav", {"subtype": "PCM_24"}, 1e-6),
        ("a.wav", {"subtype": "FLOAT"}, 0),
        ("a.wav", {"subtype": "PCM_U8"}, 0.008),
        ("a.flac", {}, 4e-5),
        ("a.ogg", {"subtype": "VORBIS"}, 0.05),
    ],
)
def test_formats_hold_the_same_signal(
    name: str, options: dict[str, str], tolerance: float, tmp_path: Path
) -> None:
    signal = tone(440)
    clip = read_clip(write(tmp_path / name, signal, **options))
    assert clip.signal.dtype == np.float32
    assert np.abs(clip.signal - signal).max() <= tolerance
    assert (clip.facts.rate, clip.facts.channels, clip.facts.seconds) == (8000, 1, 0.5)
    assert clip.facts.peak == pytest.approx(0.5, abs=0.05)


def test_channels_are_averaged(tmp_path: Path) -> None:
    left, right = tone(440), tone(1000)
    clip = read_clip(write(tmp_path / "a.wav", np.stack([left, right], 1), subtype="FLOAT"))
    np.testing.assert_allclose(clip.signal, (left + right) / 2, atol=1e-7)
    assert clip.facts.channels == 2


def test_only_the_beginning_of_a_long_clip_is_read(tmp_path: Path) -> None:
    clip = read_clip(write(tmp_path / "a.flac", tone(100, seconds=LONGEST + 2)))
    assert (len(clip.signal), clip.facts.seconds) == (LONGEST * 8000, LONGEST + 2)


def test_clipping_is_what_repeats_at_full_scale(tmp_path: Path) -> None:
    loud, full = np.clip(tone(440, level=3), -1, 1), tone(440, level=1)
    assert read_clip(write(tmp_path / "loud.wav", loud)).facts.clipped > 0.5
    assert read_clip(write(tmp_path / "full.wav", full)).facts.clipped == 0


def test_a_cut_off_file_is_noticed(tmp_path: Path) -> None:
    path = Path(write(tmp_path / "a.wav", tone(440)))
    assert not read_clip(str(path)).facts.cut_off
    data = path.read_bytes()
    path.write_bytes(data[:-100])
    clip = read_clip(str(path))
    assert (clip.facts.cut_off, len(clip.signal)) == (True, 3950)
    size = data.index(b"data") + 4
    path.write_bytes(data[:size] + b"\xff\xff\xff\xff" + data[size + 4 :])
    assert not read_clip(str(path)).facts.cut_off  # as ffmpeg writes to a pipe


def broken(folder: Path) -> dict[str, tuple[Path, str]]:
    """Files that can't be read, and what is said of them."""
    good = Path(write(folder / "good.flac", tone(440, seconds=2)))
    infinite = tone(440)
    infinite[7] = np.inf
    os.mkfifo(folder / "pipe.wav")
    (folder / "empty.wav").write_bytes(b"")
    (folder / "text.wav").write_text("no audio\n")
    (folder / "header.flac").write_bytes(good.read_bytes()[:60])
    (folder / "half.flac").write_bytes(good.read_bytes()[: good.stat().st_size // 2])
    return {
        "missing": (folder / "missing.wav", "can't be read: No such file"),
        "empty": (folder / "empty.wav", "is empty"),
        "text": (folder / "text.wav", "can't be read as audio"),
        "header alone": (folder / "header.flac", "can't be read as audio"),
        "cut off": (folder / "half.flac", "can't be read as audio"),
        "silent header": (Path(write(folder / "none.wav", tone(1, seconds=0))), "has no samples"),
        "infinite": (
            Path(write(folder / "inf.wav", infinite, subtype="FLOAT")), "non-finite samples",
        ),
        "pipe": (folder / "pipe.wav", "is not a file"),
        "folder": (folder, "can't be read: Is a directory"),
        "rate": (Path(write(folder / "slow.wav", tone(1), 10)), "10 samples per second"),
    }  # fmt: skip


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    for path, message in broken(tmp_path).values():
        with pytest.raises(GlassnetError) as caught:
            read_clip(str(path))
        assert caught.value.where == str(path)
        assert message in str(caught.value)


def test_the_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.wav", tone(440))
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(GlassnetError, match=r"soundfile is not installed.*glassnet\[audio\]"):
        read_clip(path)


@pytest.mark.parametrize(("rate", "target"), [(44_100, 16_000), (8000, 16_000), (16_000, 4000)])
def test_a_tone_stays_the_same_at_another_rate(rate: int, target: int) -> None:
    converted = resampled(tone(440, rate), rate, target)
    expected = tone(440, target)
    assert converted.dtype == np.float32
    assert len(converted) == len(expected)
    inner = slice(target // 20, -target // 20)
    assert np.abs(converted - expected)[inner].max() < 0.01


def test_what_a_lower_rate_cannot_hold_is_removed_and_not_folded_down() -> None:
    converted = resampled(tone(3000, 8000), 8000, 4000)
    assert np.abs(converted[100:-100]).max() < 0.01


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 3000), st.integers(1000, 48_000), st.integers(4000, 16_000))
def test_lengths_follow_the_rates(samples: int, rate: int, target: int) -> None:
    converted = resampled(np.zeros(samples, np.float32), rate, target)
    assert len(converted) == -(-samples * target // rate)


@given(st.integers(0, 20), st.integers(0, 20))
def test_a_length_is_the_beginning_or_silence_after_it(samples: int, wanted: int) -> None:
    signal = of_length(np.ones(samples, np.float32), wanted)
    assert len(signal) == wanted
    assert signal.sum() == min(samples, wanted)
    assert (np.diff(signal) <= 0).all()
