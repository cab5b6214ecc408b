"""The style of the pages: its colors are those of the drawings, and legible."""

import re
from importlib.resources import files
from pathlib import Path

import pytest

from glassnet.plots.colors import ON_DARK, ON_LIGHT, TOKENS

CSS = (files("glassnet.pages") / "style.css").read_text(encoding="utf-8")
LIGHT, DARK, PRINT = (
    dict(re.findall(r"--(\w+): (#\w{6});", block))
    for block in re.findall(r":root \{(.*?)\}", CSS, re.S)
)
WORDS = ("ink", "soft", "accent", "warn", "orange", "blue", "gray")  # colors of text
SHAPES = ("green", "pink")  # of lines and points; sky and amber also differ in shape


def luminance(color: str) -> float:
    """Relative luminance; WCAG 2.2."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(a: str, b: str) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_formula_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == 21
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_light_pages_have_the_colors_of_drawings() -> None:
    for name, color in TOKENS.items():
        assert LIGHT[name] == color.lower(), name


def test_the_page_on_the_look_has_these_colors() -> None:
    look = (Path(__file__).parents[2] / "docs/look.md").read_text(encoding="utf-8")
    for row in re.findall(r"^\| (`--.*) \|$", look, re.M):
        names, _, light, dark = row.split(" | ")
        for colors, shown in ((LIGHT, light), (DARK, dark)):
            assert [colors[name] for name in re.findall(r"--(\w+)", names)] == shown.split(", ")


def test_dark_and_printed_pages_have_all_colors() -> None:
    assert set(LIGHT) == set(DARK) == set(PRINT)


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
def test_contrast(colors: dict[str, str]) -> None:
    for name in WORDS:
        for ground in ("paper", "panel"):
            assert contrast(colors[name], colors[ground]) >= 4.5, (name, ground)
    for name in SHAPES:
        assert contrast(colors[name], colors["paper"]) >= 3, name


def test_words_on_heat_maps() -> None:
    assert contrast(ON_LIGHT, "#6aaed6") >= 4.5  # half of Blues
    assert contrast(ON_DARK, "#2070b4") >= 4.5
