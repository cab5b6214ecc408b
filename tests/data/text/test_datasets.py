"""Labeled texts and long texts as data sets."""

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.data.text.datasets import make_corpus, make_texts
from glassnet.data.text.tokenizer import ByteTokenizer, WordTokenizer

TRAIN = [("one", 0), ("three", 1), ("five", 1)]
TEST = [("eleven", 0)]


def test_texts_carry_ids_and_the_texts() -> None:
    data = make_texts("n", TRAIN, TEST, ("a", "b"), "here", ByteTokenizer(4))
    assert data.x_train.shape == (3, 4)
    assert data.y_train.tolist() == [0, 1, 1]
    assert data.cut == 2  # three, eleven
    assert (data.kind, data.outputs, data.vocabulary) == ("texts", 2, 257)
    other = data.tokenized(WordTokenizer(2, "one three"))
    assert other.x_train.tolist() == [[2, 0], [3, 0], [1, 0]]
    assert (other.vocabulary, other.cut, other.sha256) == (4, 0, data.sha256)


def test_the_hash_is_that_of_texts_and_labels() -> None:
    def digest(train: list[tuple[str, int]]) -> str:
        return make_texts("n", train, TEST, ("a", "b"), "here", ByteTokenizer(4)).sha256

    assert digest(TRAIN) == digest(list(TRAIN))
    assert digest([*TRAIN[:2], ("five!", 1)]) != digest(TRAIN)
    assert digest([*TRAIN[:2], ("five", 0)]) != digest(TRAIN)


@pytest.mark.parametrize(
    ("train", "words"),
    [
        ([("one", 0), (" \n", 1)], "here: train: row 1 has no text"),
        ([], "here: train: holds no texts"),
        ([("one", 0)], "class 1 .b. does not occur"),
    ],
)
def test_wrong_texts(train: list[tuple[str, int]], words: str) -> None:
    with pytest.raises(GlassnetError, match=words):
        make_texts("n", train, TEST, ("a", "b"), "here", ByteTokenizer(4))


def test_the_target_of_each_byte_is_the_next_one() -> None:
    data = make_corpus("n", bytes(range(10)), bytes(range(100, 105)), "here", window=3)
    assert data.x_train.tolist() == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    assert data.y_train.tolist() == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]  # an id is its byte + 1
    assert data.y_test.tolist() == [[101, 102, 103]]
    assert (data.kind, data.outputs, data.vocabulary) == ("corpus", 256, 257)
    assert data.x_train.dtype == np.uint16
    assert data.tokenized(ByteTokenizer(4)).x_train.shape == (2, 4)
    assert data.tokenized(ByteTokenizer(4)).sha256 == data.sha256


def test_a_text_that_fills_no_window() -> None:
    with pytest.raises(GlassnetError, match="test part: has 3 bytes, but one example needs 4"):
        make_corpus("n", bytes(10), bytes(3), "here", window=3)


def test_texts_are_shown_in_one_line() -> None:
    data = make_texts("n", TRAIN, TEST, ("a", "b"), "here", ByteTokenizer(4))
    assert repr(data) == "<Texts n: 3 training and 1 test examples of shape (4,), 2 classes>"
