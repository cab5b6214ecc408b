"""Checks of columns of words and texts: errors of programs, and one thing in several spellings."""

from typing import TYPE_CHECKING

from glassnet.core.errors import GlassnetError
from glassnet.data.checks.reports import doubt_column, rows_in_words
from glassnet.data.class_names import groups_text, same_names
from glassnet.data.sources.tables import Table
from glassnet.data.targets import FALSE, TRUE

if TYPE_CHECKING:
    import polars as pl

_ERROR = r"^#(DIV/0!|VALUE!|REF!|NAME\?|NUM!|NULL!|SPILL!|CALC!|ERROR!?|#+)$"  # of spreadsheets
_MOJIBAKE = r"Ã[\x{80}-\x{BF}ƒ‚©¨¼¶¤±]|â€|Â[\x{A0}-\x{BF}]|ï»¿|ï¿½|\x{FFFD}"
_TAG = (
    r"(?i)</?(p|br|div|span|a|b|i|em|strong|td|tr|li|ul|h\d|script|font|table|img)\b[^<>]*>"
    r"|&(nbsp|amp|lt|gt|quot|#\d+);"
)
_LIMITS = (100, 128, 200, 250, 255, 256, 500, 512, 1000, 1024, 2000, 4000, 4096, 8000, 32767, 65535)
_CUT, _CUT_SHARE = 5, 0.01  # texts, and share of them, of the greatest length
_TAGGED = 0.005  # share of the texts with tags
_NAMES = 10_000  # different values that are compared
_SHOWN = 3  # groups of spellings in a message


def require_no_errors(table: Table, name: str, texts: "pl.Series") -> None:
    """Raise if a spreadsheet wrote an error instead of a value."""
    if not texts.str.starts_with("#").any():
        return
    wrong = texts.str.contains(_ERROR).fill_null(False)
    if wrong.any():
        row = int(wrong.arg_max() or 0)
        others = f" ({wrong.sum() - 1:,} more such cells)" if wrong.sum() > 1 else ""
        raise GlassnetError(
            f"{name} is {texts[row]!r:.40}, which a spreadsheet writes if it has no value to "
            f"show{others}.",
            where=table.place(row),
            fix="Widen or correct the cell there and export the table again, or leave it empty.",
        )


def check_spelling(table: Table, name: str, texts: "pl.Series") -> None:
    """Doubt categories that are probably one: yes and Y, Lyon and LYON, 01 and 1."""
    names = texts.drop_nulls().unique(maintain_order=True)
    if len(names) > _NAMES:
        return
    check_characters(table, name, names, texts)
    words = names.to_list()
    if truths := _same_truths(words):
        what = " ".join(f"{' and '.join(map(repr, group))} mean the same." for group in truths)
    elif alike := same_names(words):
        what = groups_text(alike[:_SHOWN], "categories")
        what += f" There are {len(alike) - _SHOWN:,} more such groups." * (len(alike) > _SHOWN)
    else:
        return
    counts = dict(texts.value_counts().iter_rows())
    rare = min((word for group in truths or alike for word in group), key=counts.__getitem__)
    rows = rows_in_words(table, (texts == rare).fill_null(False))
    fix = "If they are one, write them in one way."
    doubt_column(table, name, f"{what} {rare!r:.60} is in {rows}.", fix)


def _same_truths(words: list[str]) -> list[list[str]]:
    """Return the ways to write yes, and those to write no, if there are no other words."""
    lowered = {word: word.lower() for word in words}
    if not {*lowered.values()} <= {*TRUE, *FALSE}:
        return []
    groups = [sorted(w for w in words if lowered[w] in truth) for truth in (TRUE, FALSE)]
    return [group for group in groups if len(group) > 1]


def check_texts(table: Table, name: str, texts: "pl.Series") -> None:
    """Doubt texts that are cut off, or that hold the tags of web pages."""
    check_characters(table, name, texts, texts)
    lengths = texts.str.len_chars()
    longest = int(lengths.drop_nulls().to_numpy().max(initial=0))
    cut = (lengths == longest).fill_null(False)
    if longest in _LIMITS and cut.sum() >= max(_CUT, _CUT_SHARE * len(texts)):
        doubt_column(
            table,
            name,
            f"ends after {longest} characters in {rows_in_words(table, cut)}, and no text is "
            "longer: they are probably cut off.",
            "Export the texts again without this limit.",
        )
    tagged = texts.str.contains(_TAG).fill_null(False)
    if tagged.sum() >= max(_CUT, _TAGGED * len(texts)):
        row = int(tagged.arg_max() or 0)
        example = texts[row : row + 1].str.extract(f"({_TAG})").item()
        doubt_column(
            table,
            name,
            f"has tags of web pages such as {example!r:.40} in {rows_in_words(table, tagged)}.",
            "Convert the texts to plain text first, or the tags are read as words.",
        )


def check_characters(table: Table, name: str, some: "pl.Series", texts: "pl.Series") -> None:
    """Doubt characters that come from a wrong encoding; `some` are different ones of the texts."""
    if not some.str.contains(_MOJIBAKE).any():
        return
    wrong = texts.str.contains(_MOJIBAKE).fill_null(False)
    row = int(wrong.arg_max() or 0)
    example = texts[row : row + 1].str.extract(rf"(\S*(?:{_MOJIBAKE})\S*)").item()
    doubt_column(
        table,
        name,
        f"has characters of a wrong encoding, such as {example!r:.40}, in "
        f"{rows_in_words(table, wrong)}.",
        "Export the table again as UTF-8, and read it as UTF-8 wherever it was converted.",
    )
