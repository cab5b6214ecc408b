"""Columns of dates: a trend, and where in the year, the week and the day they are."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.registry import register
from glassnet.data.columns.base import Column, cells, indicator

if TYPE_CHECKING:
    import polars as pl

FORMS = (  # the likelier one first
    "%Y-%m-%d", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f%z",
    "%Y-%m-%d %H:%M:%S%.f%z", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y/%m/%d",
    "%Y/%m/%d %H:%M:%S", "%d.%m.%Y", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%m/%d/%Y", "%d/%m/%Y",
    "%m/%d/%Y %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M", "%d-%m-%Y",
    "%m-%d-%Y", "%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y", "%d-%b-%Y",
)  # fmt: skip
TYPED = ""  # the form of what already has a type
_DAY = 86_400_000_000  # microseconds


@register("column")
@dataclass(frozen=True)
class Date(Column):
    """The days since the training rows' `center`, over their `scale`, and sines and cosines.

    Sine and cosine of 2π times the share of the year, the week and, with a `time`, the day that has
    passed. A missing date is the center, and 1 in a last feature.
    """

    form: str
    center: float  # in days since 1970
    scale: float
    time: bool

    kind: ClassVar[str] = "date"
    block: ClassVar[str] = "features"

    def __post_init__(self) -> None:
        if self.form not in (TYPED, *FORMS):
            raise unknown("form", self.form, FORMS, where="Date: form")
        if not self.scale > 0:
            raise GlassnetError(f"must be above 0, got {self.scale}.", where="Date: scale")

    @classmethod
    def fitted(cls, name: str, reason: str, form: str, values: "pl.Series") -> Self:
        """Return the column, fitted to the dates of the training rows."""
        days = _days(values.drop_nulls())
        time = bool((days != np.floor(days)).any())
        center = float(np.median(days)) if len(days) else 0.0
        scale = float(days.std()) or 1.0 if len(days) else 1.0
        return cls(name, reason, values.has_nulls(), form, center, scale, time)

    @property
    def features(self) -> tuple[str, ...]:
        parts = ("year", "week", "day") if self.time else ("year", "week")
        waves = [f"{self.name}: {wave} of the {p}" for p in parts for wave in ("sine", "cosine")]
        missing = (f"{self.name} is missing",) if self.misses else ()
        return (f"{self.name}: trend", *waves, *missing)

    def typed(self, raw: "pl.Series") -> "pl.Series":
        return dates_of(raw, self.form)

    def encoded(self, values: "pl.Series") -> np.ndarray:
        days = _days(values)
        days = np.where(np.isnan(days), self.center, days)
        year = values.dt.ordinal_day().cast(float).fill_null(1.0).to_numpy() / 365.25
        shares = [year, (days + 3) / 7, days][: 3 if self.time else 2]  # 1970 began on a Thursday
        waves = [wave(2 * math.pi * (share % 1)) for share in shares for wave in (np.sin, np.cos)]
        features = np.stack([(days - self.center) / self.scale, *waves], axis=1).astype(np.float32)
        return np.hstack([features, indicator(values)]) if self.misses else features


def dates_of(raw: "pl.Series", form: str) -> "pl.Series":
    """Return cells as dates with times, in UTC; null for what is missing or not in this form."""
    import polars as pl

    kind = pl.Datetime("us")
    if raw.dtype.is_temporal():
        zone = getattr(raw.dtype, "time_zone", None)
        return (raw.dt.convert_time_zone("UTC").dt.replace_time_zone(None) if zone else raw).cast(
            kind
        )
    texts = cells(raw)
    if form.endswith("%z"):
        texts = texts.str.replace("Z$", "+00:00")
        zoned = texts.str.to_datetime(form, strict=False, time_unit="us", time_zone="UTC")
        return zoned.dt.replace_time_zone(None)
    if "%H" in form:
        return texts.str.to_datetime(form, strict=False, time_unit="us")
    return texts.str.to_date(form, strict=False).cast(kind)


def forms_of(texts: "pl.Series") -> list[str]:
    """Return the forms in which all of the texts are dates, the likeliest first."""
    if not are_dated(texts).all():
        return []
    return [form for form in FORMS if not dates_of(texts, form).has_nulls()]


def are_dated(texts: "pl.Series") -> "pl.Series":
    """Return True for the texts that may be dates."""
    return texts.str.contains(r"\d.*[-/:. ].*\d")


def nearly(texts: "pl.Series", share: float, least: int) -> str | None:
    """Return the form in which this share of the texts, and so many, are dates; None if none."""
    needed = max(share * len(texts), least)
    if are_dated(texts).sum() < needed:
        return None
    counts = {form: len(texts) - dates_of(texts, form).null_count() for form in FORMS}
    form = max(counts, key=lambda key: counts[key])
    return form if counts[form] >= needed else None


def _days(values: "pl.Series") -> np.ndarray:
    """Return days since 1970; NaN for a missing date."""
    return values.to_physical().cast(float).fill_null(math.nan).to_numpy() / _DAY
