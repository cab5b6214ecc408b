"""Figures as files: the same figure gives the same bytes."""

import io
from pathlib import Path
from xml.etree import ElementTree

import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from PIL import Image

from glassnet.core.errors import GlassnetError
from glassnet.core.terminal import printable
from glassnet.plots.curves import curves
from glassnet.plots.style import percent, rendered, write_figure
from tests.plots.given import HISTORY


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_the_same_picture_gives_the_same_file(tmp_path: Path, kind: str) -> None:
    found = []
    for name in ("a", "b"):
        path = tmp_path / f"{name}.{kind}"
        write_figure(curves(HISTORY), path)
        found.append(path.read_bytes())
    assert found[0] == found[1]
    if kind == "svg":
        assert ElementTree.fromstring(found[0]).tag.endswith("svg")
    else:
        assert Image.open(io.BytesIO(found[0])).size[0] == 660  # 6 inches of 110 dots


def test_what_lies_elsewhere_in_memory_has_the_same_name() -> None:
    """Matplotlib names a clip path by its memory address."""
    figures = [Figure() for _ in range(2)]
    for figure in figures:
        axes = figure.subplots()
        for radius in (0.2, 0.4):
            (line,) = axes.plot([0, 1])
            line.set_clip_path(Circle((0.5, 0.5), radius, transform=axes.transData))
    first, second = (rendered(figure, "svg") for figure in figures)
    assert first == second
    for number in range(2):
        assert b'<clipPath id="clip%d"' % number in first
        assert b'"url(#clip%d)"' % number in first


@pytest.mark.parametrize("kind", ["svg", "png"])
@pytest.mark.parametrize("control", ["\x1b[31m", "\u202e", "\r", "\x07", "\u2066", "\udc80", "\0"])
def test_control_characters_are_drawn_as_escapes(control: str, kind: str) -> None:
    """As in the name of a photo or of a run. 好 makes an SVG contain text instead of outlines."""

    def drawn(text: str) -> bytes:
        figure = Figure()
        figure.suptitle(text)
        axes = figure.subplots()
        axes.plot([0, 1], label=text)
        axes.legend()
        axes.set_yticks([0, 1], [text, "好"])
        return rendered(figure, kind, title=text, caption=text)

    hostile, escaped = drawn(f"a{control}b"), drawn(f"a{printable(control)}b")
    assert hostile == escaped
    if kind == "svg":
        text = "".join(ElementTree.fromstring(hostile).itertext())
        assert text.count(printable(control)) >= 5


def test_other_endings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(GlassnetError, match=r"\.png or \.svg"):
        write_figure(curves(HISTORY), tmp_path / "a.jpg")


def test_shares_in_few_letters() -> None:
    assert [percent(share) for share in (0, 0.004, 0.01, 0.5, 1)] == [
        "0%", "<1%", "1%", "50%", "100%",
    ]  # fmt: skip
