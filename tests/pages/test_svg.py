"""Drawings on a page."""

import re

from matplotlib.figure import Figure

from glassnet.pages.svg import side_by_side, svg_of
from glassnet.plots.colors import BLUE, PAPER, tint


def test_ids_are_those_of_the_drawing_and_unused_ones_are_removed() -> None:
    svg = '<?xml?><svg><path id="a"/><path id="b"/><use href="#a"/></svg>'
    assert svg_of(svg, "x") == '<svg><path id="x-a"/><path/><use href="#x-a"/></svg>'


def test_text_stays_as_it_is() -> None:
    assert svg_of('<svg><text>1.23456 id="a"</text></svg>', "x") == (
        '<svg><text>1.23456 id="a"</text></svg>'
    )


def test_coordinates_of_figures_have_two_decimals() -> None:
    figure = Figure()
    figure.subplots().plot([1, 2, 5], [3, 1, 2])
    svg = svg_of(figure, "x")
    assert svg.startswith("<svg")
    paths = "".join(re.findall(r' d="([^"]+)"', svg))
    assert re.search(r"\d+\.\d\d\b", paths)
    assert not re.search(r"\b[1-9]\d*\.\d{3,}", paths)


def test_empty_parts_take_no_space() -> None:
    assert side_by_side("a", "", "b") == '<div class="pair"><div>a</div><div>b</div></div>'


def test_colors_become_those_of_the_page() -> None:
    figure = Figure(facecolor=PAPER)
    figure.subplots().plot([1, 2], color=BLUE)
    svg = svg_of(figure, "x")
    assert "stroke: var(--blue)" in svg
    assert "fill: var(--paper)" in svg
    assert BLUE.lower() not in svg.lower()


def test_attributes_with_colors_become_a_style() -> None:
    svg = (
        f'<svg><rect fill="{tint(BLUE)}" stroke="{BLUE}"/><text fill="#123456">{BLUE}</text></svg>'
    )
    assert svg_of(svg, "x") == (
        '<svg><rect style="fill: color-mix(in srgb, var(--blue) 12%, var(--paper)); '
        f'stroke: var(--blue)"/><text style="fill: #123456">{BLUE}</text></svg>'
    )
