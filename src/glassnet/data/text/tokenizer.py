"""Tokenizers: texts as rows of small whole numbers, 0 where a row is only filled up.

Two, because they are opposites: bytes need no vocabulary and know every text, words make short
rows that say more. Both are plain data: a model file holds them, and reading one checks them.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from glassnet.core.arrays import Array, whole_number
from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.registry import build, register

KINDS = ("word", "byte")
LONGEST = {"word": 128, "byte": 256}  # tokens in a row, unless a person says otherwise
VOCABULARY = 4000  # words, unless a person says otherwise
PADDING, UNKNOWN = 0, 1
WORD = re.compile(r"\w+|[^\w\s]")  # a run of letters and digits, or one other sign
_MOST = 65_535  # ids, so that two bytes hold one; tokens in a row: a model file is not trusted
_WORD = 1000  # letters in a word that is learned
_ROOM = 40_000  # characters in the model file's header, which has little more than 64 KB


@dataclass(frozen=True)
class Tokenizer:
    """Texts to rows of `length` ids: longer texts are cut off, shorter ones filled up with 0."""

    length: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "length", whole_number(self.length, "length", 1))
        if self.length > _MOST:
            raise GlassnetError(f"must be at most {_MOST:,}, got {self.length}.", where="length")

    @property
    def vocabulary(self) -> int:
        """The number of ids, that of padding included."""
        raise NotImplementedError

    def ids(self, text: str) -> Sequence[int]:
        """All ids of one text."""
        raise NotImplementedError

    def __call__(self, texts: Sequence[str]) -> tuple[Array, int]:
        """(ids (N, length), how many of the texts were cut off)."""
        rows, cut = np.full((len(texts), self.length), PADDING, np.uint16), 0
        for row, text in zip(rows, texts, strict=True):
            found = self.ids(text)
            cut += len(found) > self.length
            kept = found[: self.length]
            row[: len(kept)] = kept
        return rows, cut


@register("tokenizer")
@dataclass(frozen=True)
class ByteTokenizer(Tokenizer):
    """The bytes of a text in UTF-8: byte b has the id b + 1."""

    @property
    def vocabulary(self) -> int:
        return 257

    def ids(self, text: str) -> Sequence[int]:
        return [byte + 1 for byte in text.encode("utf-8", "replace")]


@register("tokenizer")
@dataclass(frozen=True)
class WordTokenizer(Tokenizer):
    """A text's words and signs in lower case: the known ones have the ids 2, 3, ..., all others 1.

    `words` holds the known ones, separated by spaces: a third of what a list takes as JSON.
    """

    words: str

    def __post_init__(self) -> None:
        super().__post_init__()
        words = self.words.split(" ")
        if not all(words) or len(set(words)) < len(words) or self.vocabulary > _MOST:
            raise GlassnetError("its words are not different words.", where="WordTokenizer")

    @cached_property
    def known(self) -> Mapping[str, int]:
        """The id of each known word."""
        return {word: number for number, word in enumerate(self.words.split(" "), UNKNOWN + 1)}

    @property
    def vocabulary(self) -> int:
        return len(self.known) + UNKNOWN + 1

    def ids(self, text: str) -> Sequence[int]:
        known = self.known
        return [known.get(word, UNKNOWN) for word in WORD.findall(text.lower())]


def fitted(
    kind: str, texts: Sequence[str], longest: int | None = None, vocabulary: int | None = None
) -> Tokenizer:
    """The tokenizer of a kind for these texts, the training split: words are learned from them.

    Rows are as long as the longest of the texts, but never longer than `longest`. Of the words,
    the most frequent are kept: `vocabulary` of them, or as many as the model file has room for.
    """
    if kind not in KINDS:
        raise unknown("tokenizer", kind, KINDS, where="--tokenizer")
    if vocabulary is not None and kind != "word":
        raise GlassnetError("is for the word tokenizer.", where="--vocabulary")
    most = whole_number(LONGEST[kind] if longest is None else longest, "--max-length", 1)
    if kind == "byte":
        counted: Tokenizer = ByteTokenizer(most)
    else:
        count = whole_number(VOCABULARY if vocabulary is None else vocabulary, "--vocabulary", 1)
        counted = WordTokenizer(most, _frequent(texts, count))
    return replace(counted, length=min(most, max(len(counted.ids(text)) for text in texts)))


def from_dict(data: Any) -> Tokenizer:
    """The tokenizer that `describe` wrote into a model file; raises if it is not just that."""
    tokenizer: Tokenizer = build("tokenizer", data, where="tokenizer")
    return tokenizer


def _frequent(texts: Sequence[str], count: int) -> str:
    """The most frequent words in alphabetical order, found by scikit-learn."""
    from sklearn.feature_extraction.text import CountVectorizer  # 1 s, so only when it is needed

    while True:
        counter = CountVectorizer(token_pattern=WORD.pattern, max_features=count)
        known = sorted(counter.fit(texts).vocabulary_)
        words = " ".join(word for word in known if len(word) <= _WORD)
        if not words:
            raise GlassnetError(
                f"there is no word of at most {_WORD:,} letters.",
                where="--tokenizer word",
                fix="Read the texts with --tokenizer byte.",
            )
        size = len(json.dumps(json.dumps(words)))  # as the header of a safetensors file has it
        if size <= _ROOM:
            return words
        count = max(1, min(len(known) - 1, int(count * _ROOM / size)))
