"""Tokenizers: the ids of texts, and checks of what a file contains."""

import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.core.errors import GlassnetError
from glassnet.core.registry import describe
from glassnet.data.text import tokenizer
from glassnet.data.text.tokenizer import ByteTokenizer, WordTokenizer, fitted, from_dict

TEXTS = ["The cat sat.", "the dog sat, too!", "É naïve"]


def test_bytes_by_hand() -> None:
    rows, cut = ByteTokenizer(4)(["Aé", "abcdef"])
    assert rows.tolist() == [[66, 0xC3 + 1, 0xA9 + 1, 0], [98, 99, 100, 101]]
    assert rows.dtype == np.uint16
    assert cut == 1
    assert ByteTokenizer(4).vocabulary == 257


def test_words_by_hand() -> None:
    words = WordTokenizer(6, ". cat the")
    assert words.vocabulary == 5
    rows, cut = words(["The cat, THE cat.", "cat " * 9])
    assert rows.tolist() == [[4, 3, 1, 4, 3, 2], [3] * 6]
    assert cut == 1


@given(st.text(max_size=40))
def test_any_text_has_its_bytes_back(text: str) -> None:
    row = ByteTokenizer(200)([text])[0][0]
    back = bytes(int(i) - 1 for i in row if i)
    assert back == text.encode("utf-8", "replace")


@given(st.lists(st.text(min_size=1, max_size=20).filter(str.strip), min_size=1, max_size=5))
def test_what_was_learned_is_known(texts: list[str]) -> None:
    learned = fitted("word", texts)
    rows, cut = learned(texts)
    assert not cut
    assert (rows != tokenizer.UNKNOWN).all()
    assert (rows < learned.vocabulary).all()
    assert (rows[:, 0] != tokenizer.PADDING).all()


def test_the_words_are_scikit_learns() -> None:
    from sklearn.feature_extraction.text import CountVectorizer

    cut = CountVectorizer(token_pattern=tokenizer.WORD.pattern).build_analyzer()
    learned = fitted("word", TEXTS)
    known = dict(learned.known)  # type: ignore[attr-defined]
    for text in TEXTS:
        assert learned.ids(text) == [known[word] for word in cut(text)]


def test_the_most_frequent_words_are_kept() -> None:
    learned = fitted("word", ["a a a b b c", "a b d"], vocabulary=2)
    assert learned == WordTokenizer(6, "a b")


def test_rows_are_no_longer_than_the_longest_text() -> None:
    assert fitted("byte", ["abc", "a"]).length == 3
    assert fitted("byte", ["abc" * 999]).length == tokenizer.LONGEST["byte"]
    assert fitted("word", ["a b c", "a"], longest=2).length == 2


def test_the_vocabulary_leaves_room_in_the_model_file() -> None:
    words = [chr(0x4E00 + i // 90) * 6 + chr(0x4E00 + i % 90) for i in range(4000)]
    learned = fitted("word", [" ".join(words)])
    size = len(json.dumps(json.dumps(describe(learned))))
    assert 20_000 < size < 41_000


@pytest.mark.parametrize("made", [ByteTokenizer(7), WordTokenizer(5, 'a b "')])
def test_through_json_and_back(made: tokenizer.Tokenizer) -> None:
    assert from_dict(json.loads(json.dumps(describe(made)))) == made


@pytest.mark.parametrize(
    "data",
    [
        None,
        {"class": "Tokenizer", "length": 4},
        {"class": "ByteTokenizer", "length": 0},
        {"class": "ByteTokenizer", "length": 10**9},
        {"class": "ByteTokenizer", "length": True},
        {"class": "WordTokenizer", "length": 4},
        {"class": "WordTokenizer", "length": 4, "words": ""},
        {"class": "WordTokenizer", "length": 4, "words": "a a"},
        {"class": "WordTokenizer", "length": 4, "words": " ".join(map(str, range(70_000)))},
        {"class": "WordTokenizer", "length": 4, "words": ["a"]},
        {"class": "WordTokenizer", "length": 4, "words": "a", "pattern": "(a+)+$"},
    ],
)
def test_a_file_can_only_say_what_glassnet_writes(data: object) -> None:
    with pytest.raises(GlassnetError, match="tokenizer"):
        from_dict(data)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("wrd", TEXTS), "Did you mean 'word'"),
        (("byte", TEXTS, None, 10), "--vocabulary: is for the word tokenizer"),
        (("word", TEXTS, 0), "--max-length: must be"),
        (("word", TEXTS, None, 0), "--vocabulary: must be"),
    ],
)
def test_wrong_choices(arguments: tuple, words: str) -> None:
    with pytest.raises(GlassnetError, match=words):
        fitted(*arguments)


def test_only_learning_words_imports_scikit_learn() -> None:
    code = (
        "import sys; from glassnet.data.text.tokenizer import *\n"
        "fitted('byte', ['a']); WordTokenizer(3, 'a b')(['b a'])\n"
        "print('sklearn' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_words_too_long_for_a_model_file_are_not_learned() -> None:
    made = fitted("word", ["x" * 70_000 + " short"])
    assert isinstance(made, WordTokenizer)
    assert made.words == "short"
    with pytest.raises(GlassnetError, match="no word of at most 1,000 characters"):
        fitted("word", ["x" * 70_000])
