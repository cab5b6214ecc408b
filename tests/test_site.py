"""The site's own converters, and the site itself: built without a warning, complete, offline."""

import re
import runpy
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).parents[1]
CONCEPTS = sorted((ROOT / "docs/concepts").glob("*.md"))


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function from the name of a module of docs/site to its names."""
    monkeypatch.syspath_prepend(str(ROOT / "docs/site"))
    return lambda name: runpy.run_path(str(ROOT / f"docs/site/{name}.py"))


class Page:
    """What a converter of pages needs of Sphinx."""

    srcdir = str(ROOT / "docs")


def lines_of_source() -> Iterator[tuple[Path, str, str, str]]:
    pattern = runpy.run_path(str(ROOT / "docs/site/sources.py"))["LINES"]
    for page in CONCEPTS:
        for first, last, file in pattern.findall(page.read_text()):
            yield page, first, last or first, file


@pytest.mark.parametrize(("page", "first", "last", "file"), list(lines_of_source()))
def test_lines_of_source_are_there_and_few(page: Path, first: str, last: str, file: str) -> None:
    lines = (page.parent / file).read_text().splitlines()
    starts = [i for i, line in enumerate(lines) if first in line]
    assert starts, first
    count = next(i for i, line in enumerate(lines[starts[0] :], 1) if last in line)
    assert count <= 20
    assert "'" not in first + last  # their quotes in the directive


def test_each_concept_has_a_formula_a_picture_and_lines_of_source() -> None:
    listed = re.findall(r"\]\((\w[\w-]+\.md)\) \|", (ROOT / "docs/concepts/index.md").read_text())
    assert sorted(listed) == sorted(page.name for page in CONCEPTS if page.name != "index.md")
    sections = [s for name in listed for s in concept_sections(ROOT / "docs/concepts" / name)]
    assert sections
    pattern = runpy.run_path(str(ROOT / "docs/site/sources.py"))["LINES"]
    for section in sections:
        assert "$$" in section, section
        assert "](pictures/" in section, section
        assert pattern.search(section), section


def concept_sections(page: Path) -> list[str]:
    """A page's sections; what explains one concept in two sections is one."""
    _, *sections = page.read_text().split("\n## ")
    return ["\n".join(sections)] if page.name == "backpropagation.md" else sections


def test_a_link_to_source_becomes_its_lines(site: Any) -> None:
    text = [
        "before\n\n[`y = x` … `return y`](../../src/glassnet/ops/linear.py)\n\nafter [`x`](x.py)"
    ]
    site("sources")["_include"](Page, "concepts/x", text)
    assert text[0].startswith(
        "before\n\n```{literalinclude} ../../src/glassnet/ops/linear.py\n:language: python\n"
        ":caption: '[glassnet/ops/linear.py](../../src/glassnet/ops/linear.py)'\n"
        ":start-at: 'y = x'\n:end-at: 'return y'\n:dedent:\n```\n\nafter [`x`](x.py)"
    )


def test_links_out_of_docs_lead_to_the_repository(site: Any) -> None:
    text = [
        "[a](look.md#type) [b](../src/glassnet) [c](../README.md#x) [d](https://x.org) [e](#f) "
        "[g](../CHANGELOG.md) [h](../pyproject.toml)"
    ]
    site("links")["_outside"](Page, "plots", text)
    home = "https://github.com/glassnet/glassnet"
    assert text[0] == (
        f"[a](look.md#type) [b]({home}/tree/main/src/glassnet) [c](index.md) [d](https://x.org) "
        f"[e](#f) [g](changelog.md) [h]({home}/blob/main/pyproject.toml)"
    )


@pytest.mark.parametrize(
    ("docstring", "converted"),
    [
        (["Text with `code`."], ["Text with ``code``.", ""]),
        (["w ← w − η g;   v ← μ v"], ["::", "", "    w ← w − η g;", "    v ← μ v", ""]),
        (["    model.fit(x)"], ["::", "", "        model.fit(x)", ""]),
        (["- one", "- two *"], ["- one", "- two \\*", ""]),
    ],
)  # fmt: skip
def test_docstrings(site: Any, docstring: list[str], converted: list[str]) -> None:
    site("docstrings")["_convert"](None, "function", "f", None, None, docstring)
    assert docstring == converted


def test_notebooks_become_pages(site: Any, tmp_path: Path) -> None:
    outputs: list[dict[str, Any]] = [
        {"output_type": "stream", "text": ["3\n"]},
        {"output_type": "display_data", "data": {"image/png": "aGk=", "text/plain": "<Figure>"}},
        {"output_type": "execute_result", "data": {"text/html": "<b>x</b>", "text/plain": "x"}},
    ]
    cells = [
        {"cell_type": "markdown", "source": ["# One\n", "[two](02.ipynb)"]},
        {"cell_type": "code", "source": "print(3)", "outputs": outputs},
        {"cell_type": "code", "source": "", "outputs": []},
    ]
    parts = list(site("notebooks")["page"]({"cells": cells}, tmp_path / "01"))
    assert parts == [
        "# One\n[two](../../notebooks/02.ipynb)", "```ipython3\nprint(3)\n```", "```text\n3\n```",
        "![An output of the code above](01-2.png)", "```{raw} html\n<b>x</b>\n```",
    ]  # fmt: skip
    assert (tmp_path / "01-2.png").read_bytes() == b"hi"


def test_the_theme_has_the_colors_of_the_look(site: Any) -> None:
    light, dark = site("look")["variables"]()
    assert light["color-background-primary"] == "#ffffff"
    assert dark["color-background-primary"] == "#14171a"
    assert light["color-brand-content"] == "#0062a3"


class Links(HTMLParser):
    """The links, what a page loads, and its anchors."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.links, self.loads, self.anchors = list[str](), list[str](), set[str]()
        self.feed(page.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.anchors |= {values.get("id", "")}
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        elif values.get("rel") != "canonical":
            self.loads += [values[name] for name in ("href", "src") if values.get(name)]


@pytest.mark.slow
def test_the_site_builds_without_warnings_and_links_lead_somewhere(tmp_path: Path) -> None:
    for module in ("sphinx", "furo", "myst_parser", "sphinx_copybutton", "latex2mathml"):
        pytest.importorskip(module)
    out = tmp_path / "site"
    done = subprocess.run(
        [
            sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", "--keep-going",
            "--nitpicky", "-d", str(tmp_path / "doctrees"), str(ROOT / "docs"), str(out),
        ],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    pages = {page: Links(page) for page in sorted(out.rglob("*.html"))}
    assert len(pages) > 100
    for page, html in pages.items():
        for link in html.loads:
            assert not urlsplit(link).netloc, (page.name, link)  # nothing from the network
        for link in (*html.links, *html.loads):
            parts = urlsplit(link)
            if parts.scheme:
                assert parts.scheme in ("https", "mailto", "data"), (page.name, link)
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            assert target.is_file(), (page.name, link)
            if parts.fragment and target in pages:
                assert unquote(parts.fragment) in pages[target].anchors, (page.name, link)
    for style in out.rglob("*.css"):
        assert not re.search(r"(url\(|@import)\s*[\"']?(https?:)?//", style.read_text()), style
    assert (out / "searchindex.js").read_text().startswith("Search.setIndex(")  # no request needed
