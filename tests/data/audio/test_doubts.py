"""Each doubt about clips, and none about ordinary ones."""

from dataclasses import replace

import numpy as np
import pytest

from glassnet.data.audio.clips import Facts
from glassnet.data.audio.doubts import doubts_about, doubts_among

CLIP = Facts(rate=8000, channels=1, seconds=1.0, level=0.1, peak=0.5, clipped=0.0, cut_off=False)


def test_ordinary_clips_have_none() -> None:
    rng = np.random.default_rng(0)
    clips = [
        replace(CLIP, seconds=s, peak=p)
        for s, p in zip(rng.uniform(0.6, 9, 50), rng.uniform(0.01, 1, 50), strict=True)
    ]
    assert not [*doubts_about(clips), *doubts_among(clips)]
    assert not [*doubts_about([]), *doubts_among([])]


@pytest.mark.parametrize(
    ("other", "what"),
    [
        ({"peak": 0.0005}, "is silent"),
        ({"clipped": 0.02}, "is clipped"),
        ({"cut_off": True}, "is cut off"),
        ({"rate": 44_100}, "has 44,100 samples per second, not 8,000 as most clips"),
        ({"channels": 2}, "has 2 channels, not 1 as most clips"),
        ({"seconds": 0.05}, "is much shorter than the others, whose median is 1.00 s"),
    ],
)
def test_what_is_unusual_is_named(other: dict[str, float], what: str) -> None:
    clips = [CLIP] * 12
    clips[5] = replace(CLIP, **other)  # type: ignore[arg-type]
    ((message, places, _),) = [*doubts_about(clips), *doubts_among(clips)]
    assert message.startswith(what)
    assert np.flatnonzero(places).tolist() == [5]


def test_all_stereo_is_no_doubt() -> None:
    assert not [*doubts_among([replace(CLIP, channels=2, rate=44_100)] * 5)]
