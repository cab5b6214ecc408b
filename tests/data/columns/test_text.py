"""Texts beside other columns."""

import json
import re
from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest

from glassnet.data import Rows, load
from glassnet.data.columns.text import Text
from glassnet.data.preprocessing import Preprocessing
from glassnet.data.sources.tables import Table
from glassnet.data.text import tokenizer

WORDS = ["good", "bad"] * 20
TEXTS = [f"a {word} film that we saw at home on day {i}" for i, word in enumerate(WORDS)]
FRAME = pl.DataFrame({"n": [i / 7 for i in range(40)], "review": TEXTS, "y": ["a", "b"] * 20})


@pytest.fixture
def data() -> Rows:
    data = load(FRAME, target="y")
    assert isinstance(data, Rows)
    return data


def test_the_ids_are_those_of_the_tokenizer(data: Rows) -> None:
    column = data.preprocessing.of_their_own[0]
    assert isinstance(column, Text)
    features, ids = data.x_train
    assert (features.shape, ids.shape) == ((32, 1), (32, *column.shape))
    np.testing.assert_array_equal(ids, column.tokenizer(data.train.typed["review"].to_list())[0])


def test_it_is_the_same_after_json(data: Rows) -> None:
    again = Preprocessing.from_dict(json.loads(json.dumps(data.preprocessing.to_dict())))
    assert again == data.preprocessing


def test_options_of_the_tokenizer(data: Rows) -> None:
    rows = np.arange(32)
    column = data.fitted(rows, reading={"tokenizer": "byte", "max_length": 5}).preprocessing.read[1]
    assert (column.shape, column.vocabulary) == ((5,), 257)


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["a good film", None], "review is missing, which it is in no training row"),
        (["a good film", "Zebra quux"], r"row 1: review has no word that the network knows"),
    ],
)
def test_doubts(data: Rows, texts: Sequence[str | None], words: str, messages: list[str]) -> None:
    table = Table.numbered(pl.DataFrame({"n": [1.0, 2.0], "review": texts}), "new")
    features, ids = data.preprocessing.x(data.preprocessing.typed(table))
    assert len(features) == len(ids) == 2
    assert any(re.search(words, message) for message in messages)


@pytest.mark.parametrize("kind", ["word", "byte"])
def test_a_missing_text_is_one_unknown_token(data: Rows, kind: str) -> None:
    column = data.fitted(np.arange(32), reading={"tokenizer": kind}).preprocessing.read[1]
    ids = column.encoded(pl.Series("review", [None, "", "a good film"], pl.String))
    assert ids[:2].tolist() == [[tokenizer.UNKNOWN] + [tokenizer.PADDING] * (len(ids[0]) - 1)] * 2
    assert (ids[2] > tokenizer.UNKNOWN).sum() >= 3
