"""The colors of drawings."""

from glassnet.plots.colors import BLUE, COLORS, TOKENS, tint


def test_a_tint_is_mostly_white() -> None:
    assert tint("#000000") == "#E6E6E6"
    assert tint("#FFFFFF") == "#FFFFFF"
    assert tint(BLUE) == "#E6F1F7"


def test_every_color_is_one_of_the_page_and_once() -> None:
    assert set(COLORS) <= set(TOKENS.values())
    assert len({*TOKENS.values()}) == len(TOKENS)
