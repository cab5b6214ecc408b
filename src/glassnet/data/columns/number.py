"""Columns of numbers: standardized, with an indicator of missing values."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.registry import added, register
from glassnet.data.columns.base import Column, cells, indicator

if TYPE_CHECKING:
    import polars as pl

PLAIN = "."
BINS = 16  # between quantiles
_FEWEST = 2  # quantiles: a line through them is what the number itself gives
# How numbers are written: the decimal mark, then the mark between thousands.
FORMS = {
    ".": "1234.5", ".,": "1,234.5", ",": "1234,5", ",.": "1.234,5", ". ": "1 234.5",
    ", ": "1 234,5", ".'": "1'234.5",
}  # fmt: skip
_SPACES = r"[ \x{A0}\x{202F}]"
_PATTERNS = {
    form: rf"^[+-]?(\d+|[1-9]\d{{0,2}}({mark}\d{{3}})+)?({point}\d*)?([eE][+-]?\d+)?$"
    for form in FORMS
    for point in [re.escape(form[0])]
    for mark in [_SPACES if form[1:] == " " else re.escape(form[1:]) or r"[^\s\S]"]
}
# A column may have one unit, which then follows the form after a bar: ".|%", ",|€".
_BAR, _LONGEST = "|", 12
_CURRENCY = r"\p{Sc}|[A-Z]{2}\p{Sc}|USD|EUR|GBP|CHF|JPY|CNY|INR|CAD|AUD"
_UNIT = r"%|‰|°[CF]?|[mgshdlLWVKJN]|[\p{L}µ°][\p{L}µ°/²³]{1,11}"  # and not the A of "12A"
_WITH_UNIT = (
    rf"^([+-]?)\s?(?:({_CURRENCY})\s?)?([+-]?[\d.,][\d.,' \x{{A0}}\x{{202F}}]*?(?:[eE][+-]?\d+)?)"
    rf"\s?({_UNIT}|{_CURRENCY})?$"
)


@register("column")
@dataclass(frozen=True)
class Number(Column):
    """y = (x − mean) / scale, and 1 where x is missing, if a training row misses it.

    A missing x becomes the `median` of the training rows. `scale` is their standard deviation, and
    `quantiles` are those of y in shares of 1/16; fewer if values repeat, and none if there are
    hardly more than two values.
    """

    form: str  # a key of FORMS, and the unit
    mean: float
    scale: float
    median: float
    quantiles: tuple[float, ...] = added(())

    kind: ClassVar[str] = "number"
    block: ClassVar[str] = "features"

    def __post_init__(self) -> None:
        require_form(self.form, "Number")
        if not self.scale > 0:
            raise GlassnetError(f"must be above 0, got {self.scale}.", where="Number: scale")
        if not (np.diff(np.asarray(self.quantiles, np.float32)) > 0).all():
            raise GlassnetError("must rise.", where="Number: quantiles")

    @classmethod
    def fitted(cls, name: str, reason: str, form: str, values: "pl.Series") -> Self:
        """Return the column, fitted to the values of the training rows."""
        numbers = values.drop_nulls().to_numpy()
        if not len(numbers):
            return cls(name, reason, True, form, 0.0, 1.0, 0.0)
        center = float(np.median(numbers))
        mean = center + float((numbers - center).mean())  # exact for a constant
        scale = float(numbers.std()) or 1.0
        shares = np.quantile((numbers - mean) / scale, np.linspace(0, 1, BINS + 1))
        quantiles = tuple(np.unique(np.round(shares, 6).astype(np.float32)).tolist())
        misses, enough = values.has_nulls(), len(quantiles) > _FEWEST
        return cls(name, reason, misses, form, mean, scale, center, quantiles if enough else ())

    @property
    def features(self) -> tuple[str, ...]:
        return (self.name, f"{self.name} is missing") if self.misses else (self.name,)

    def typed(self, raw: "pl.Series") -> "pl.Series":
        """Return the numbers; in another form if all are in it, and no second one differs.

        They may be without their unit, but not have another one.
        """
        values = numbers_of(raw, self.form)
        texts = cells(raw).drop_nulls()
        if len(texts) == len(values) - values.null_count():
            return values
        forms = [form for form in forms_of(texts) if unit_of(form) in ("", unit_of(self.form))]
        first, *others = [numbers_of(raw, form) for form in forms] or [values]
        return first if all(first.equals(other) for other in others) else values

    def encoded(self, values: "pl.Series") -> np.ndarray:
        numbers = values.fill_null(self.median).to_numpy()
        standard = ((numbers - self.mean) / self.scale).astype(np.float32)[:, None]
        return np.hstack([standard, indicator(values)]) if self.misses else standard


def numbers_of(raw: "pl.Series", form: str = PLAIN) -> "pl.Series":
    """Return cells as float64; null for what is missing or not a finite number in this form."""
    import polars as pl

    if raw.dtype.is_numeric() or raw.dtype == pl.Boolean:
        numbers = raw.cast(pl.Float64)
    else:
        form, _, unit = form.partition(_BAR)
        decimal, thousands = form[0], form[1:]
        texts = cells(raw)
        if unit:
            texts = _without_unit(texts, unit)
        if thousands:
            space = thousands == " "
            texts = texts.str.replace_all(_SPACES if space else thousands, "", literal=not space)
        if decimal == ",":
            texts = texts.str.replace(",", ".", literal=True)
        numbers = texts.cast(pl.Float64, strict=False)
    return numbers.set(~numbers.is_finite(), None)


def numbers_in(raw: "pl.Series") -> "pl.Series":
    """Return cells as float64, in the form that their values have; null for others."""
    sample = cells(raw).drop_nulls().unique().head(1000)
    return numbers_of(raw, next(iter(forms_of(sample)), PLAIN))


def forms_of(texts: "pl.Series") -> list[str]:
    """Return the forms in which all of the texts are numbers, the likeliest first."""
    forms = [form for form, pattern in _PATTERNS.items() if texts.str.contains(pattern).all()]
    if forms or not len(texts) or not (units := units_of(texts[:1])):
        return forms
    plain = _without_unit(texts, units[0])
    return [] if plain.has_nulls() else [with_unit(form, units[0]) for form in forms_of(plain)]


def is_in(texts: "pl.Series", form: str) -> "pl.Series":
    """Return True for the texts that are numbers in a form."""
    plain, _, unit = form.partition(_BAR)
    texts = _without_unit(texts, unit) if unit else texts
    return texts.str.contains(_PATTERNS[plain]).fill_null(False)


def with_unit(form: str, unit: str) -> str:
    """Return a form whose numbers have a unit."""
    return form + _BAR + unit


def units_of(texts: "pl.Series") -> list[str]:
    """Return the different units in numbers with one, such as "12 kg", "$5" and "7%"."""
    parts = texts.str.extract_groups(_WITH_UNIT).struct
    before, after = parts.field("2"), parts.field("4")
    one = before.is_null() != after.is_null()
    return before.fill_null(after).filter(one).unique(maintain_order=True).to_list()


def _without_unit(texts: "pl.Series", unit: str) -> "pl.Series":
    """Return the numbers in texts that have this unit, and null for other texts."""
    parts = texts.str.extract_groups(_WITH_UNIT).struct
    before, after = parts.field("2"), parts.field("4")
    own = ((before == unit) & after.is_null()) | (before.is_null() & (after == unit))
    numbers = parts.field("1") + parts.field("3")
    return numbers.set(~own.fill_null(False), None)


def unit_of(form: str) -> str:
    """Return the unit in a form, or the empty text."""
    return form.partition(_BAR)[2]


def example_of(form: str) -> str:
    """Return a number in a form, as an example."""
    plain, _, unit = form.partition(_BAR)
    before = re.fullmatch(r"[A-Z]{0,2}[$€£¥₹]", unit)
    return f"{unit if before else ''}{FORMS[plain]}{'' if before or not unit else f' {unit}'}"


def require_form(form: str, where: str) -> None:
    """Raise unless numbers are written in one of the forms: model files are not trusted."""
    if form.partition(_BAR)[0] not in FORMS or len(unit_of(form)) > _LONGEST:
        raise unknown("form", form, FORMS, where=f"{where}: form")


def nearly(texts: "pl.Series", share: float, least: int) -> str | None:
    """Return the form in which this share of the texts, and so many, are numbers; None if none."""
    counts = {form: texts.str.contains(pattern).sum() for form, pattern in _PATTERNS.items()}
    form = max(counts, key=lambda key: counts[key])
    return form if counts[form] >= max(share * len(texts), least) else None


def shown(number: float) -> str:
    """Return a number as text: whole ones with all digits."""
    if number != round(number) or abs(number) >= 1e15:
        return f"{number:.6g}"
    return f"{number:,.0f}" if abs(number) >= 1e4 else f"{number:.0f}"
