"""Columns of texts beside other columns: token ids."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from glassnet.core.registry import register
from glassnet.data.columns.base import Column, Doubt, cells
from glassnet.data.text import tokenizer
from glassnet.data.text.tokenizer import Tokenizer

if TYPE_CHECKING:
    import polars as pl


@register("column")
@dataclass(frozen=True)
class Text(Column):
    """The token ids of the text, (N, length); a missing text is one unknown token.

    Padding alone would have no mean: engines disagree on what 0/0 is.
    """

    tokenizer: Tokenizer

    kind: ClassVar[str] = "text"
    block: ClassVar[str] = "text"

    @classmethod
    def fitted(
        cls, name: str, reason: str, values: "pl.Series", reading: Mapping[str, Any]
    ) -> Self:
        """Return the column, its tokenizer fitted to the texts of the training rows.

        `reading` are the options of the tokenizer: its kind, `max_length` and `vocabulary`.
        """
        fitted = tokenizer.fitted(
            reading.get("tokenizer", tokenizer.KINDS[0]), values.fill_null("").to_list(),
            reading.get("max_length"), reading.get("vocabulary"),
        )  # fmt: skip
        return cls(name, reason, values.has_nulls(), fitted)

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.tokenizer.length,)

    @property
    def vocabulary(self) -> int:
        return self.tokenizer.vocabulary

    def typed(self, raw: "pl.Series") -> "pl.Series":
        return cells(raw)

    def encoded(self, values: "pl.Series") -> np.ndarray:
        ids = self.tokenizer(values.fill_null("").to_list())[0]
        ids[(ids == tokenizer.PADDING).all(axis=1), 0] = tokenizer.UNKNOWN
        return ids

    def doubts(self, raw: "pl.Series", values: "pl.Series") -> Iterator[Doubt]:
        yield from super().doubts(raw, values)
        known = (self.encoded(values) > tokenizer.UNKNOWN).any(axis=1)
        unknown = values.is_not_null().to_numpy() & ~known
        if unknown.any():
            yield "has no word that the network knows", unknown
