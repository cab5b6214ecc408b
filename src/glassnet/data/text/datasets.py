"""Text data sets: labeled texts for classification, and one long text for language models."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from glassnet.core.arrays import whole_number
from glassnet.core.errors import GlassnetError
from glassnet.data.dataset import Dataset, make_dataset
from glassnet.data.text.tokenizer import ByteTokenizer, Tokenizer, fitted

WINDOW = 128  # bytes of a long text in one example, by default


@dataclass(frozen=True, eq=False, repr=False)
class Texts(Dataset):
    """Labeled texts; x holds the ids that the `tokenizer` gives them.   x (N, T), y (N,).

    `cut` is the number of texts, in both splits, that were longer than a row. The hash covers the
    texts and labels and does not depend on the tokenizer.
    """

    texts_train: tuple[str, ...]
    texts_test: tuple[str, ...]
    tokenizer: Tokenizer
    cut: int
    unit: str = "row"  # what the numbers of rows are: of a "line", or the path of a "file"
    numbers: tuple[np.ndarray, ...] = ()  # of the training rows, and of the test rows
    columns: tuple[str, str] = ("text", "label")  # the names of the columns in the table

    @property
    def kind(self) -> str:
        return "texts"

    @property
    def vocabulary(self) -> int | None:
        return self.tokenizer.vocabulary

    def numbering(self, part: str) -> tuple[str, np.ndarray | None]:
        return (
            (self.unit, self.numbers[part == "test"]) if self.numbers else super().numbering(part)
        )

    def _rows(self, train: Any, test: Any) -> dict[str, Any]:
        parts: dict[str, Any] = {
            f"texts_{part}": tuple(self.texts_train[row] for row in rows)
            for part, rows in (("train", train), ("test", test))
        }
        if self.numbers:
            parts["numbers"] = self.numbers[0][train], self.numbers[0][test]
        return super()._rows(train, test) | parts

    def tokenized(self, tokenizer: Tokenizer) -> Self:
        """Return the data set with the ids of another tokenizer."""
        x_train, cut_train = tokenizer(self.texts_train)
        x_test, cut_test = tokenizer(self.texts_test)
        return replace(
            self, tokenizer=tokenizer, x_train=x_train, x_test=x_test, cut=cut_train + cut_test
        )


@dataclass(frozen=True, eq=False, repr=False)
class Corpus(Dataset):
    """A long text in windows of T bytes; the target of each byte is the next byte.

    x (N, T) ids of a `ByteTokenizer`, y (N, T) bytes 0 to 255. Windows are consecutive, without
    overlap; the remainder at the end of a split is not used.
    """

    text_train: bytes
    text_test: bytes
    tokenizer: Tokenizer

    @property
    def kind(self) -> str:
        return "corpus"

    @property
    def outputs(self) -> int:
        return 256

    @property
    def in_order(self) -> bool:
        return True

    @property
    def vocabulary(self) -> int | None:
        return self.tokenizer.vocabulary

    def tokenized(self, tokenizer: Tokenizer) -> Self:
        """Return the text in windows of the tokenizer's row length."""
        train = _windows(self.text_train, tokenizer.length, f"{self.source}: training part")
        test = _windows(self.text_test, tokenizer.length, f"{self.source}: test part")
        return replace(
            self, tokenizer=tokenizer, x_train=train[0], y_train=train[1], x_test=test[0],
            y_test=test[1],
        )  # fmt: skip


def make_texts(
    name: str,
    train: Sequence[tuple[str, int]],
    test: Sequence[tuple[str, int]],
    class_names: tuple[str, ...],
    source: str,
    tokenizer: Tokenizer | None = None,
) -> Texts:
    """Return the checked data set of (text, label) pairs. Errors name the first wrong row.

    Without a tokenizer, x holds the texts' bytes.
    """
    texts: dict[str, tuple[str, ...]] = {}
    labels: dict[str, Any] = {}
    for split, pairs in (("train", train), ("test", test)):
        texts[split] = tuple(text for text, _ in pairs)
        labels[split] = np.array([label for _, label in pairs], np.int64)
        empty = [i for i, text in enumerate(texts[split]) if not text.strip()]
        if empty:
            raise GlassnetError(f"row {empty[0]} has no text.", where=f"{source}: {split}")
        if not pairs:
            raise GlassnetError("holds no texts.", where=f"{source}: {split}")
    tokenizer = tokenizer or fitted("byte", texts["train"])
    (x_train, cut_train), (x_test, cut_test) = tokenizer(texts["train"]), tokenizer(texts["test"])
    checked = make_dataset(
        name, x_train, labels["train"], x_test, labels["test"], class_names, source
    )
    contents = [texts["train"], labels["train"].tolist(), texts["test"], labels["test"].tolist()]
    digest = hashlib.sha256(json.dumps([*contents, class_names]).encode()).hexdigest()
    return Texts(
        **vars(checked) | {"sha256": digest},
        texts_train=texts["train"],
        texts_test=texts["test"],
        tokenizer=tokenizer,
        cut=cut_train + cut_test,
    )


def make_corpus(name: str, train: bytes, test: bytes, source: str, window: int = WINDOW) -> Corpus:
    """Return the data set of a long text, with its training and test parts."""
    digest = hashlib.sha256(b"%d\n" % len(train) + train + test).hexdigest()
    no_rows: Any = np.zeros((0, 0), np.uint16)
    empty = Corpus(
        name, no_rows, no_rows, no_rows, no_rows, (), source, digest, train, test, ByteTokenizer(1)
    )
    return empty.tokenized(ByteTokenizer(window))


def _windows(text: bytes, length: int, where: str) -> tuple[Any, Any]:
    """Return (ids, next bytes), each (N, length)."""
    whole_number(length, "--max-length", 1)
    values = np.frombuffer(text, np.uint8)
    count = (len(values) - 1) // length
    if count < 1:
        raise GlassnetError(
            f"has {len(values)} bytes, but one example needs {length + 1}.",
            where=where,
            fix="Use a longer text, or a smaller --max-length.",
        )
    used = count * length
    ids = values[:used].astype(np.uint16) + np.uint16(1)
    return ids.reshape(count, length), values[1 : used + 1].astype(np.int64).reshape(count, length)
