"""Plots of runs are written to files."""

from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from glassnet.core.errors import GlassnetError
from glassnet.report.figures.draw import draw
from glassnet.report.figures.kinds import KINDS

Runs = dict[str, Path]


@pytest.mark.parametrize("kind", ["overview", "confusion", "network", "pca", "predictions"])
def test_the_same_run_gives_the_same_file(runs: Runs, tmp_path: Path, kind: str) -> None:
    folder = str(runs["mlp"])
    a, b = (draw([folder], kind, str(tmp_path / f"{name}.svg")).read_bytes() for name in "ab")
    assert a == b
    assert ElementTree.fromstring(a).tag.endswith("svg")


def test_plots_are_written_to_the_first_run_by_default(runs: Runs) -> None:
    assert draw([str(runs["mlp"])]) == runs["mlp"] / "overview.png"
    assert draw([str(runs["mlp"])], "network") == runs["mlp"] / "network.svg"
    assert draw([str(runs["seed"]), str(runs["mlp"])], "seeds") == runs["seed"] / "seeds.png"


def test_files_say_what_they_show(runs: Runs, tmp_path: Path) -> None:
    for kind in ("curves", "network"):
        svg = ElementTree.fromstring(
            draw([str(runs["mlp"])], kind, str(tmp_path / "a.svg")).read_bytes()
        )
        assert svg.find("{http://www.w3.org/2000/svg}title") is not None
    with Image.open(draw([str(runs["mlp"])], "curves", str(tmp_path / "a.png"))) as picture:
        assert picture.info["Title"] == "Training curves"
        assert picture.info["Description"] == KINDS["curves"].caption


def test_what_cannot_be_drawn(runs: Runs, tmp_path: Path) -> None:
    with pytest.raises(GlassnetError, match="Did you mean 'confusion'"):
        draw([str(runs["mlp"])], "confusoin")
    with pytest.raises(GlassnetError, match=r"drawn as \.svg"):
        draw([str(runs["mlp"])], "network", str(tmp_path / "a.png"))
    with pytest.raises(GlassnetError, match=r"\.png or \.svg"):
        draw([str(runs["mlp"])], "curves", str(tmp_path / "a.pdf"))
    assert not list(tmp_path.iterdir())
