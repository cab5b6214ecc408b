"""What objects show in a notebook."""

import re

from matplotlib.figure import Figure

from glassnet.pages.notebook import drawn, shown


def test_text_is_escaped_and_nothing_is_fetched() -> None:
    output = shown("<b>", "<script>")
    assert "&lt;b&gt;" in output
    assert "<script>" not in output
    assert "url(" not in output


def test_all_rules_are_for_its_own_element() -> None:
    style = re.search(r"<style>(.*)</style>", shown(""), re.S)
    assert style
    for rule in re.findall(r"^([^{}]+)\{", style[1], re.M):
        assert all(".glassnet" in selector for selector in rule.split(",")), rule


def test_the_colors_are_light_and_in_dark_themes_dark() -> None:
    output = shown("")
    assert ".glassnet { --ink: #1d2126;" in output
    assert '[data-jp-theme-light="false"] .glassnet' in output
    assert "--ink: #e8ebee" in output
    assert "--paper: #14171a" not in output  # the ground is the notebook's


def test_different_drawings_share_no_ids() -> None:
    def ids(values: list[int]) -> set[str]:
        figure = Figure()
        figure.subplots().plot(values)
        return set(re.findall(r' id="([^"]+)"', drawn(figure, "a line")))

    assert ids([1, 2])
    assert not ids([1, 2]) & ids([2, 1])
    assert ids([1, 2]) == ids([1, 2])
