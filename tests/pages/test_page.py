"""The page is self-contained."""

from glassnet.pages.html import section
from glassnet.pages.page import page
from tests.pages.test_html import Read


def test_the_page_leads_to_its_sections() -> None:
    read = Read(page("A run & more", ["first"], [section("One", "1"), section("Two & two", "2")]))
    links = [attributes["href"] for name, attributes in read.tags if name == "a"]
    assert links == ["#main", "#one", "#two-two"]
    assert "A run & more" in read.texts
    assert dict(read.tags)["html"] == {"lang": "en"}


def test_nothing_is_fetched_and_nothing_runs() -> None:
    read = Read(page("A run", [], []))
    policies = [a["content"] for name, a in read.tags if a.get("http-equiv")]
    assert policies == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'"]
    assert "script" not in [name for name, _ in read.tags]
