"""`Column`: how one column of raw rows becomes features, the same way in training and after it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from glassnet.core.registry import register

if TYPE_CHECKING:
    import polars as pl

TYPES = ("number", "category", "date", "text", "image", "audio", "id", "constant", "dropped")
UNREAD = ("id", "constant", "dropped")  # types of columns that make no features
MISSING = (
    "", "NA", "na", "N/A", "n/a", "#N/A", "<NA>", "null", "NULL", "Null", "NaN", "nan", "NAN",
    "NaT", "None", "none", "NONE", "?", "-", "--",
)  # fmt: skip
BLOCKS = ("features", "image", "audio", "text")  # of which only the features share an array
Doubt = tuple[str, np.ndarray]  # what is doubtful in a column, and in which rows (N,)


@dataclass(frozen=True)
class Column:
    """A column that was fitted to training rows."""

    name: str
    reason: str  # why it has its type
    misses: bool  # True if a training row has no value

    kind: ClassVar[str] = ""
    block: ClassVar[str] = ""  # the kind of array that it is in, one of BLOCKS; "" if it isn't read

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of what it makes of one row."""
        return (len(self.features),)

    @property
    def vocabulary(self) -> int | None:
        """The number of token ids, if it makes tokens; otherwise None."""
        return None

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the features that it makes."""
        return ()

    def typed(self, raw: "pl.Series") -> "pl.Series":
        """Return the cells with their type; null for those that are missing or can't be read."""
        return raw

    def encoded(self, values: "pl.Series") -> np.ndarray:
        """Return the features of typed values, (N, features) in float32."""
        return np.zeros((len(values), 0), np.float32)

    def doubts(self, raw: "pl.Series", values: "pl.Series") -> Iterator[Doubt]:
        """Yield what new cells have that no training row had."""
        missing = cells(raw).is_null()
        unread = values.is_null() & ~missing
        if unread.any():
            yield f"is not a {self.kind}, and read as missing", unread.to_numpy()
        if missing.any() and not self.misses:
            yield "is missing, which it is in no training row", missing.to_numpy()


@register("column")
@dataclass(frozen=True)
class Unread(Column):
    """A column that makes no features, because of its `type`."""

    type: str

    def doubts(self, raw: "pl.Series", values: "pl.Series") -> Iterator[Doubt]:
        yield from ()


def cells(raw: "pl.Series") -> "pl.Series":
    """Return cells as texts, without spaces around them; null for what stands for missing.

    Whole numbers have no decimals, in whatever type a table has them: 1.0 is "1".
    """
    import polars as pl

    if raw.dtype.is_float() or raw.dtype.is_decimal():
        numbers = raw.cast(pl.Float64).fill_nan(None)
        whole = numbers.cast(pl.Int64, strict=False)
        texts = numbers.cast(pl.String)
        return whole.cast(pl.String).zip_with((whole == numbers).fill_null(False), texts)
    if raw.dtype == pl.Boolean:
        return raw.replace_strict({True: "True", False: "False"}, return_dtype=pl.String)
    texts = raw.cast(pl.String).str.strip_chars()
    return texts.set(texts.is_in(MISSING), None)


def indicator(values: "pl.Series") -> np.ndarray:
    """Return 1 where a value is missing, (N, 1)."""
    return values.is_null().to_numpy().astype(np.float32)[:, None]
