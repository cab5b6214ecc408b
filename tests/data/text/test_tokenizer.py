"""Tokenizers: the ids of texts, and checks of what a file contains."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.core.errors import GlassnetError
from glassnet.core.registry import describe
from glassnet.data.text import tokenizer
from glassnet.data.text.tokenizer import ByteTokenizer, WordTokenizer, fitted, from_dict
from glassnet.layers import Dense, Embedding, Flatten
from glassnet.model.model import Model

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

    cut = CountVectorizer(token_pattern=r"\w+|[^\w\s]").build_analyzer()
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


@pytest.mark.parametrize("letter", ["a", "я", "字"])
def test_a_model_file_holds_a_large_vocabulary(tmp_path: Path, letter: str) -> None:
    words = [letter * (letter != "字") + chr(0xAC00 + i // 200) + chr(0xAC00 + i % 200)
             for i in range(20_000)]  # fmt: skip
    learned = fitted("word", [" ".join(words)], vocabulary=20_000)
    assert learned.vocabulary == 20_002
    model = Model([Embedding(20_002, 1), Flatten(), Dense(2)], (learned.length,))
    model.about["tokenizer"] = describe(learned)
    model.save(tmp_path / "model.safetensors")
    loaded = Model.load(tmp_path / "model.safetensors")
    assert from_dict(loaded.about["tokenizer"]) == learned
    assert list(loaded.about) == list(model.about)
    loaded.save(tmp_path / "again.safetensors")
    files = [(tmp_path / f"{name}.safetensors").read_bytes() for name in ("model", "again")]
    assert files[0] == files[1]


def test_more_words_than_a_model_file_holds_are_announced(messages: list[str]) -> None:
    words = [f"{i:06}" + "x" * 900 for i in range(3000)]
    learned = fitted("word", [" ".join(words)], vocabulary=3000)
    assert learned.vocabulary < 3000
    assert messages == [
        f"warning: --vocabulary: only {learned.vocabulary - 2:,} words fit in a model file; the "
        "others are unknown. Choose a smaller one, or --tokenizer byte."
    ]


def test_files_of_before_are_read_by_their_own_rules() -> None:
    old = from_dict({"class": "WordTokenizer", "length": 4, "words": "\u092b \u094d"})
    assert old.ids("\u092b\u094d") == [2, 3]
    assert fitted("word", ["\u092b\u094d"]).ids("\u092b\u094d") == [2]


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
        {"class": "WordTokenizer", "length": 4, "words": "a", "rules": 3},
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
        (("word", TEXTS, None, 70_000), "--vocabulary: must be at most 65,533, got 70,000"),
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


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_pieces_cover_all_ids(text: str) -> None:
    """Each id belongs to one piece, in order; the pieces of bytes are the text."""
    words = fitted("word", ["a lovely film", "é à"], 9)
    assert [count for _, count in words.pieces(text)] == [1] * len(words.ids(text))
    pieces = ByteTokenizer(9).pieces(text)
    assert "".join(piece for piece, _ in pieces) == text
    assert sum(count for _, count in pieces) == len(ByteTokenizer(9).ids(text))
