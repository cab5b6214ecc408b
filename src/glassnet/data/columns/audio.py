"""Columns of audio clips: log-mel spectrograms, standardized."""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from glassnet.core.doubts import doubt
from glassnet.core.errors import GlassnetError
from glassnet.core.plurals import counted
from glassnet.core.registry import register
from glassnet.data.audio.doubts import doubts_about, doubts_among
from glassnet.data.audio.files import facts_of, moments, spectrograms_of, standardized
from glassnet.data.audio.spectrogram import Spectrogram, usual_rate
from glassnet.data.columns.base import Column, Doubt, cells
from glassnet.data.sources.tables import Table

if TYPE_CHECKING:
    import polars as pl

_WHOLE = 95  # percent of the training clips that are read whole, if they are not too long
_NAMED = 3  # files in a message
_STEPS = 10  # a second: lengths are multiples, so that few clips more or less don't change them


@register("column")
@dataclass(frozen=True)
class Audio(Column):
    """y = (s − mean) / deviation, where s is the log-mel spectrogram of the clip in dB.

    Cells are paths. `mean` and `deviation` are those of all values of the training rows; a missing
    clip is 0 everywhere.
    """

    spectrogram: Spectrogram
    mean: float
    deviation: float

    kind: ClassVar[str] = "audio"
    block: ClassVar[str] = "audio"

    def __post_init__(self) -> None:
        if not self.deviation > 0:
            raise GlassnetError(f"must be above 0, got {self.deviation}.", where="Audio: deviation")

    @classmethod
    def fitted(cls, name: str, reason: str, chosen: str, values: "pl.Series") -> Self:
        """Return the column, fitted to the clips of the training rows.

        `chosen` is a sample rate, such as "16000", or "" for that of most clips.
        """
        paths = values.drop_nulls().to_list()
        facts = facts_of(paths)
        if not facts:
            raise GlassnetError("no training row has a clip.", where=f"column {name!r}")
        rate = Counter(clip.rate for clip in facts).most_common(1)[0][0]
        lengths = np.array([clip.seconds for clip in facts])
        seconds = np.ceil(np.percentile(lengths, _WHOLE) * _STEPS) / _STEPS
        spectrogram = Spectrogram.fitted(int(chosen or usual_rate(rate)), seconds)
        how = f"the first {spectrogram.seconds:.1f} s of each"
        if longer := int((lengths > spectrogram.seconds + 1 / _STEPS).sum()):
            how += f", of which {longer:,} of {len(facts):,} have more"
        if rate != spectrogram.rate:
            how += f"; resampled from {rate:,} to {spectrogram.rate:,} samples per second"
        spectrograms = spectrograms_of(paths, spectrogram)
        mean, deviation = moments(spectrograms)
        reason = f"{reason}; {how}"
        return cls(name, reason, values.has_nulls(), spectrogram, mean, deviation or 1.0)

    @property
    def shape(self) -> tuple[int, int]:
        """(frames, mels)."""
        return self.spectrogram.shape

    def typed(self, raw: "pl.Series") -> "pl.Series":
        return cells(raw)

    def encoded(self, values: "pl.Series") -> np.ndarray:
        spectrograms = spectrograms_of(values.drop_nulls().to_list(), self.spectrogram)
        x = standardized(spectrograms, self.mean, self.deviation)
        if not values.has_nulls():
            return x
        with_none = np.zeros((len(values), *self.shape), np.float32)
        with_none[values.is_not_null().to_numpy()] = x
        return with_none

    def doubts(self, raw: "pl.Series", values: "pl.Series") -> Iterator[Doubt]:
        yield from super().doubts(raw, values)
        present, facts = values.is_not_null().to_numpy(), facts_of(values.drop_nulls().to_list())
        form = self.spectrogram
        low = np.array([clip.rate < form.rate for clip in facts], bool)
        long = np.array([clip.seconds > form.seconds + 1 / _STEPS for clip in facts], bool)
        for what, clips in (
            *((what, clips) for what, clips, _ in doubts_about(facts)),
            (f"has fewer samples per second than {form.rate:,}, and no high frequencies", low),
            (f"is longer than {form.seconds:.1f} s, and its end is not read", long),
        ):
            if clips.any():
                rows = present.copy()
                rows[present] = clips
                yield what, rows


def doubt_clips(table: Table, paths: "pl.Series") -> None:
    """Doubt what is unusual about the clips of a table, naming their files.

    Raises GlassnetError for files that can't be read.
    """
    rows = np.flatnonzero(paths.is_not_null().to_numpy())
    facts = facts_of(paths.drop_nulls().to_list())
    for what, clips, fix in (*doubts_about(facts), *doubts_among(facts)):
        first, *others = rows[clips]
        names = ", ".join(os.path.basename(paths[int(row)]) for row in others[:_NAMED])
        more = f" ({counted(len(others), 'more such clip')}: {names}" if others else ""
        more += " ...)" if len(others) > _NAMED else ")" if others else ""
        file = "" if table.unit == "file" else f"{paths.name} {paths[int(first)]!r} "
        doubt(f"{file}{what}{more}.", table.place(first), fix)
