"""Tokenizers: texts as rows of token ids, padded with 0.

There are two, with opposite strengths: bytes need no vocabulary and represent any text; words give
shorter, more informative rows. Both are plain data, stored in model files and checked on reading.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from glassnet.core.arrays import Array, whole_number
from glassnet.core.doubts import doubt
from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.registry import build, register
from glassnet.data.text.words import words_of

KINDS = ("word", "byte")
LONGEST = {"word": 128, "byte": 256}  # tokens in a row, by default
VOCABULARY = 4000  # words, by default
PADDING, UNKNOWN = 0, 1
# ids, so that one fits in two bytes, and tokens in a row: model files are not trusted
_MOST = 65_535
_WORD = 1000  # characters at most in a word of the vocabulary
_ROOM = 1_500_000  # bytes of all words: a model file has room for 2 MB of JSON
_WORDS = re.compile(r"\s*\S+(?:\s+$)?|\s+")  # with the spaces before them
_FIRST_RULES = re.compile(r"\w+|[^\w\s]")  # cuts words at combining marks


@dataclass(frozen=True)
class Tokenizer:
    """Turns texts into rows of `length` ids: longer texts are truncated, shorter ones padded."""

    length: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "length", whole_number(self.length, "length", 1))
        if self.length > _MOST:
            raise GlassnetError(f"must be at most {_MOST:,}, got {self.length}.", where="length")

    @property
    def vocabulary(self) -> int:
        """The number of ids, including padding."""
        raise NotImplementedError

    def ids(self, text: str) -> list[int]:
        """Return all ids of one text."""
        raise NotImplementedError

    def pieces(self, text: str) -> list[tuple[str, int]]:
        """Return the words of a text as they are read, and how many ids each has, in order."""
        return [(piece, len(self.ids(piece))) for piece in _WORDS.findall(text)]

    def __call__(self, texts: Sequence[str]) -> tuple[Array, int]:
        """Return (ids (N, length), the number of truncated texts)."""
        rows, cut = np.full((len(texts), self.length), PADDING, np.uint16), 0
        for row, text in zip(rows, texts, strict=True):
            ids = self.ids(text)
            cut += len(ids) > self.length
            row[: len(ids)] = ids[: self.length]
        return rows, cut


@register("tokenizer")
@dataclass(frozen=True)
class ByteTokenizer(Tokenizer):
    """The UTF-8 bytes of a text: byte b has the id b + 1."""

    @property
    def vocabulary(self) -> int:
        return 257

    def ids(self, text: str) -> list[int]:
        return [byte + 1 for byte in text.encode("utf-8", "replace")]


@register("tokenizer")
@dataclass(frozen=True)
class WordTokenizer(Tokenizer):
    """A text's words and punctuation: known ones have the ids 2, 3, ..., all others 1.

    `words` holds the known words, separated by spaces: a third of the size of a JSON list. With
    `rules` 2, texts are cut by `words_of`; 1 is for older files, whose words were cut by a pattern
    that knows no combining marks.
    """

    words: str
    rules: int = 2

    def __post_init__(self) -> None:
        super().__post_init__()
        words = self.words.split(" ")
        if not all(words) or len(set(words)) < len(words) or self.vocabulary > _MOST:
            raise GlassnetError("its words are not distinct words.", where="WordTokenizer")
        if self.rules not in (1, 2):
            raise GlassnetError(f"must be 1 or 2, got {self.rules}.", where="WordTokenizer.rules")

    @cached_property
    def known(self) -> Mapping[str, int]:
        """The id of each known word."""
        return {word: number for number, word in enumerate(self.words.split(" "), UNKNOWN + 1)}

    @property
    def vocabulary(self) -> int:
        return len(self.known) + UNKNOWN + 1

    def ids(self, text: str) -> list[int]:
        return [self.known.get(word, UNKNOWN) for word in self._words(text)]

    def pieces(self, text: str) -> list[tuple[str, int]]:
        known = self.known
        return [(w if w in known else f"{w} (unknown)", 1) for w in self._words(text)]

    def _words(self, text: str) -> list[str]:
        return words_of(text) if self.rules > 1 else _FIRST_RULES.findall(text.lower())


def fitted(
    kind: str, texts: Sequence[str], longest: int | None = None, vocabulary: int | None = None
) -> Tokenizer:
    """Return the tokenizer of a kind, fitted to these texts (the training split).

    Rows are as long as the longest text, but not longer than `longest`. The vocabulary consists of
    the `vocabulary` most frequent words.
    """
    if kind not in KINDS:
        raise unknown("tokenizer", kind, KINDS, where="--tokenizer")
    if vocabulary is not None and kind != "word":
        raise GlassnetError("is for the word tokenizer.", where="--vocabulary")
    most = whole_number(LONGEST[kind] if longest is None else longest, "--max-length", 1)
    if kind == "byte":
        tokenizer: Tokenizer = ByteTokenizer(most)
    else:
        count = whole_number(VOCABULARY if vocabulary is None else vocabulary, "--vocabulary", 1)
        if count > _MOST - UNKNOWN - 1:
            raise GlassnetError(
                f"must be at most {_MOST - UNKNOWN - 1:,}, got {count:,}.", where="--vocabulary"
            )
        tokenizer = WordTokenizer(most, _frequent(texts, count))
    return replace(tokenizer, length=min(most, max(len(tokenizer.ids(text)) for text in texts)))


def from_dict(data: Any) -> Tokenizer:
    """Return the tokenizer that `describe` wrote into a model file; raise if it is not valid."""
    if isinstance(data, Mapping) and data.get("class") == WordTokenizer.__name__:
        data = {"rules": 1, **data}  # files without rules are older than the second
    return build("tokenizer", data, where="tokenizer")


def _frequent(texts: Sequence[str], count: int) -> str:
    """Return the most frequent words in alphabetical order, counted by scikit-learn."""
    from sklearn.feature_extraction.text import CountVectorizer  # takes 1 s, so only if needed

    while True:
        counter = CountVectorizer(analyzer=words_of, max_features=count)
        vocabulary = sorted(counter.fit(texts).vocabulary_)
        words = " ".join(word for word in vocabulary if len(word) <= _WORD)
        if not words:
            raise GlassnetError(
                f"there is no word of at most {_WORD:,} characters.",
                where="--tokenizer word",
                fix="Read the texts with --tokenizer byte.",
            )
        if (size := len(words.encode())) <= _ROOM:
            return words
        count = max(1, min(len(vocabulary) - 1, int(count * _ROOM / size)))
        doubt(
            f"only {count:,} words fit in a model file; the others are unknown.",
            "--vocabulary",
            "Choose a smaller one, or --tokenizer byte.",
        )
