"""Where texts are cut into words, in all scripts, and which spellings are one word."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.data.text.words import normalized, unspaced_share, words_of

MARKED = ("फिल्म", "ভাষা", "மொழி", "ดี", "كِتَاب", "می\u200cخواهم", "बुद्धि", "עִבְרִית", "한국어", "मैं")


@pytest.mark.parametrize(
    "word", [*MARKED, "pêché", "Ελλάδα", "e\u0301te\u0301", "２０２６", "१२३", "x²"]
)
def test_a_mark_stays_with_its_letter(word: str) -> None:
    for form in ("NFC", "NFD"):
        assert words_of(unicodedata.normalize(form, word)) == [normalized(word)]
    assert words_of(f"{word}, {word}.") == [normalized(word), ",", normalized(word), "."]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("这个电影好", ["这", "个", "电", "影", "好"]),
        ("Python编程2", ["python", "编", "程", "2"]),
        ("コーヒーです", ["コ", "ー", "ヒ", "ー", "で", "す"]),
        ("น้ำดี ๑๒", ["น้ำ", "ดี", "๑๒"]),  # NFC leaves the sign am whole
        ("ພາສາລາວ", ["ພ", "າ", "ສ", "າ", "ລ", "າ", "ວ"]),
    ],
)
def test_scripts_without_spaces_are_cut_into_characters(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("don't l'été", ["don", "'", "t", "l", "'", "été"]),
        ("well-known 3.14 snake_case", ["well", "-", "known", "3", ".", "14", "snake_case"]),
        ("👨‍👩‍👧👍🏽 🇩🇪🇫🇷 ❤️", ["👨‍👩‍👧", "👍🏽", "🇩🇪", "🇫🇷", "❤️"]),
        ("co\u00adoperate", ["cooperate"]),
        ("\u0600 a", ["\u0600", "a"]),  # a sign that Unicode attaches to what follows it
        ("\ud800", ["?"]),  # half a character, from a path or a broken program
        (" \t\n\u00a0\u3000", []),
        ("", []),
    ],
)
def test_words_by_hand(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("café", "cafe\u0301"),
        ("CAFÉ", "cafe\u0301"),
        ("STRASSE", "straße"),
        ("ΟΔΟΣ", "οδος"),
        ("ΟΔΟΣ", "οδοσ"),
        ("İstanbul", "istanbul"),
        ("I\u0307stanbul", "istanbul"),
        ("ﬁne", "fine"),
        ("Å", "Å"),
    ],
)
def test_spellings_of_one_word(one: str, other: str) -> None:
    assert words_of(one) == words_of(other)


@given(st.text(max_size=30))
def test_no_word_has_a_space_and_no_character_is_lost(text: str) -> None:
    words = words_of(text)
    assert all(not any(c.isspace() for c in word) for word in words)
    assert "".join(words) == "".join(normalized(text).split())


@given(st.text(max_size=30))
def test_forms_of_a_text_have_the_same_words(text: str) -> None:
    nfc, nfd = (words_of(unicodedata.normalize(form, text)) for form in ("NFC", "NFD"))
    assert nfc == nfd == words_of(text)


def test_the_share_of_scripts_without_spaces() -> None:
    assert unspaced_share(["好" * 3, "a"]) == 0.75
    assert unspaced_share(["фильм", "한국어"]) == unspaced_share([""]) == unspaced_share([]) == 0
