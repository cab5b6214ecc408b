"""How a text is cut into words, the same way for training and for prediction.

A word is a run of letters, digits and their combining marks, so vowel signs and accents stay with
their letter. Scripts that are written without spaces (Chinese, Japanese, Thai, Lao, Khmer, Burmese)
would make a word of each sentence: in them, each character is a word. Any other character, such as
a punctuation mark or an emoji with all its parts, is a word too.
"""

import unicodedata
from collections.abc import Sequence

import regex

# Complex_Context: the letters of Thai, Lao, Khmer, Burmese and others that need a dictionary.
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Line_Break=Complex_Context}"
_PART = r"\p{L}\p{N}\p{M}_\u200C\u200D"  # of a word; joiners stand inside words of Persian, Hindi
_SPACE = r"\s\x1C-\x1F"  # as str.isspace
# \X is a character as people see it, with marks, joiners and modifiers (Unicode's UAX #29). One of
# the class Prepend could take the space after it along.
WORD = regex.compile(
    rf"[[{_PART}]--[{_UNSPACED}]]+|(?=[{_UNSPACED}])\X|(?![{_SPACE}\p{{GCB=Prepend}}])\X|[^{_SPACE}]",
    regex.VERSION1,
)
_UNSPACED_CHARACTER = regex.compile(rf"[{_UNSPACED}]")
_SAMPLE = 1000  # texts


def words_of(text: str) -> list[str]:
    """Return the words of a text, normalized."""
    return WORD.findall(normalized(text))


def normalized(text: str) -> str:
    """Return the text without distinction of case, and of the ways to encode one character.

    É is one character, or E with a combining accent: both become é (Unicode's form NFC). Cases are
    folded: ß becomes ss, a final ς becomes σ, and the Turkish İ becomes i. Soft hyphens, which only
    show where a line may break, are removed from words.
    """
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode())
    text = unicodedata.normalize("NFC", text.casefold().replace("i\u0307", "i"))
    return regex.sub(r"(?<=\w)\u00AD(?=\w)", "", text) if "\u00ad" in text else text


def unspaced_share(texts: Sequence[str]) -> float:
    """Return the share of the characters of texts that are of scripts without spaces."""
    sample = "".join(texts[:: -(-len(texts) // _SAMPLE) or 1])
    return len(_UNSPACED_CHARACTER.findall(sample)) / max(len(sample), 1)
