"""The pictures of the concepts are what the program draws."""

import re
import warnings
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parents[1] / "docs/concepts/pictures"
NAMES = sorted(path.stem for path in FOLDER.glob("*.svg"))
NUMBER, IMAGE = re.compile(r"-?\d+(?:\.\d+)?"), re.compile(r'"data:image[^"]*"')


def without_images(svg: str) -> str:
    """Pixels have no tolerance: the last bits of a training may differ between processors."""
    return IMAGE.sub('""', svg)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_drawings_are_up_to_date(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FOLDER.parents[1]))
    from drawings import DRAWINGS, draw

    assert sorted(DRAWINGS) == NAMES
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the doctor, about the small data that are shown
        drawn = without_images(draw(name))
    committed = without_images((FOLDER / f"{name}.svg").read_text(encoding="utf-8"))
    assert NUMBER.sub("0", drawn) == NUMBER.sub("0", committed), "run: python docs/drawings"
    values = [np.array(NUMBER.findall(svg), float) for svg in (drawn, committed)]
    np.testing.assert_allclose(*values, atol=1, err_msg="run: python docs/drawings")


def test_every_picture_is_shown_once() -> None:
    pages = "".join(page.read_text(encoding="utf-8") for page in FOLDER.parent.glob("*.md"))
    assert sorted(re.findall(r"\]\(pictures/([\w-]+)\.svg\)", pages)) == NAMES
