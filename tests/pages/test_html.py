"""Text is shown as it is and never taken for markup."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.core.terminal import printable
from glassnet.pages.html import Html, bullets, data_table, definitions, figure, join, section, tag

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)


class Read(HTMLParser):
    """The texts and the tags of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@given(texts, texts)
def test_texts_come_out_as_they_went_in(text: str, value: str) -> None:
    read = Read(tag("p", text, tag("b", text), class_=value))
    assert "".join(read.texts) == printable(text) * 2  # which leaves all but controls as they are
    assert read.tags == [("p", {"class": printable(value)}), ("b", {})]


@pytest.mark.parametrize("control", ["\x1b[31m", "\u202e", "\r", "\x07", "\u2066", "\udc80", "\0"])
def test_control_characters_are_shown_as_escapes(control: str) -> None:
    escaped = printable(control)
    read = Read(
        join(
            tag("p", control, title=control),
            section(control),
            data_table(control, [(control, control)], "<<"),
            definitions([(control, control)]),
            bullets([control]),
            figure("<svg></svg>", control, control),
        )
    )
    shown = "".join(read.texts) + "".join(str(value) for _, values in read.tags for value in values)
    assert control not in shown
    assert read.texts.count(escaped) == 9
    read.rawdata.encode()


def test_markup_stays_markup() -> None:
    assert tag("p", Html("<b>a</b>"), "<b>") == "<p><b>a</b>&lt;b&gt;</p>"
    assert join("&", Html("&amp;")) == "&amp;&amp;"
    assert tag("p", aria_label="a", class_=None) == '<p aria-label="a"></p>'


def test_a_table_is_accessible() -> None:
    read = Read(data_table("What it is.", [("class", "n"), ("<coat>", "3")], "<>"))
    assert [t for t in read.texts if t.strip()] == ["What it is.", "class", "n", "<coat>", "3"]
    scopes = [attributes.get("scope") for name, attributes in read.tags if name == "th"]
    assert scopes == ["col", "col", "row"]
    around = dict(read.tags)["div"]
    assert around["aria-label"] == "What it is."
    assert around["tabindex"] == "0"  # a wide table is scrolled with the keys


def test_sections_lists_and_figures_have_names() -> None:
    read = Read(section("Its data & more", bullets(["a", "b"]), definitions([("c", "d")])))
    assert dict(read.tags)["section"] == {"aria-labelledby": "its-data-more"}
    assert dict(read.tags)["h2"] == {"id": "its-data-more"}
    assert read.texts == ["Its data & more", "a", "b", "c", "d"]
    plot = Read(figure('<?xml?>\n<svg width="1"></svg>', 'A "curve".', "It falls."))
    assert dict(plot.tags)["svg"] == {"role": "img", "aria-label": 'A "curve".', "width": "1"}
    assert plot.texts == ["It falls."]
