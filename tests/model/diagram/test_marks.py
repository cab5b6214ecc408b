"""Texts whose width is known before they are drawn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from glassnet.model.diagram.marks import SIZE, Line, box, text_width

LETTERS = st.text(
    st.sampled_from("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.,()×·: "),
    min_size=3, max_size=60,
)  # fmt: skip


@given(LETTERS, st.booleans())
def test_there_is_room_for_every_text(text: str, bold: bool) -> None:
    """In DejaVu Sans, the widest of the fonts that may show it; a box has its padding besides."""
    font = FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal")
    needed = TextPath((0, 0), text.strip() or "x", size=SIZE, prop=font).get_extents().width
    width, _, _ = box([Line(text, bold)], "#000000", "path", 0)
    assert needed <= width
    assert text_width(text, bold) < 2 * needed + 60


def test_names_in_wide_letters_have_room() -> None:
    assert text_width("畳み込み") >= 4 * SIZE


@pytest.mark.parametrize("text", ["a<b", 'say "x"', "R&D"])
def test_texts_are_escaped(text: str) -> None:
    from xml.etree import ElementTree

    marks = ElementTree.fromstring(box([Line(text)], "#000000", text, 0)[2])
    assert marks.get("data-path") == text
    assert [one.text for one in marks.iter("text")] == [text]
