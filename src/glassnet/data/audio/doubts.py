"""What is doubtful about audio clips: silence, clipping, other sample rates, channels, lengths."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from glassnet.core.arrays import Array
from glassnet.data.audio.clips import Facts

SILENT = 0.001  # peak of a clip that is silent: 60 dB below full scale
CLIPPED = 0.01  # share of the samples that repeat one at full scale
_SHORT = 0.1  # of the median length
_ENOUGH = 10  # clips, of which a median length means something


class Doubtful(NamedTuple):
    """A doubt: what is doubtful of some clips, which these are (N,), and what to do."""

    what: str
    clips: Array
    fix: str


def doubts_about(facts: Sequence[Facts]) -> Iterator[Doubtful]:
    """Yield what is doubtful of each clip, whatever the others are."""
    silent = np.array([clip.peak < SILENT for clip in facts], bool)
    if silent.any():
        yield Doubtful("is silent", silent, "Listen to it, and remove or replace it.")
    clipped = np.array([clip.clipped > CLIPPED for clip in facts], bool)
    if clipped.any():
        yield Doubtful(
            "is clipped: parts are louder than the format can hold", clipped,
            "Record it again with less gain, if you can.",
        )  # fmt: skip
    cut_off = np.array([clip.cut_off for clip in facts], bool)
    if cut_off.any():
        yield Doubtful("is cut off: it has fewer samples than its header counts", cut_off,
                       "Copy it again.")  # fmt: skip


def doubts_among(facts: Sequence[Facts]) -> Iterator[Doubtful]:
    """Yield what is doubtful of some clips because the others are different."""
    if not facts:
        return
    rates = np.array([clip.rate for clip in facts])
    common, count = Counter(rates.tolist()).most_common(1)[0]
    if count < len(rates):
        others = ", ".join(f"{rate:,}" for rate in sorted({*rates.tolist()} - {common}))
        yield Doubtful(
            f"has {others} samples per second, not {common:,} as most clips: it is resampled",
            rates != common,
            "Recordings that differ in more than their class may be told by that: check that no "
            "class has its own rate.",
        )
    channels = np.array([clip.channels for clip in facts])
    usual, count = Counter(channels.tolist()).most_common(1)[0]
    if count < len(channels):
        others = ", ".join(map(str, sorted({*channels.tolist()} - {usual})))
        yield Doubtful(
            f"has {others} channels, not {usual} as most clips: channels are averaged",
            channels != usual,
            "Check that no class has its own number of channels.",
        )
    seconds = np.array([clip.seconds for clip in facts])
    short = seconds < _SHORT * np.median(seconds)
    if short.any() and len(seconds) >= _ENOUGH:
        yield Doubtful(
            f"is much shorter than the others, whose median is {np.median(seconds):.2f} s", short,
            "Listen to it: is it whole?",
        )  # fmt: skip
