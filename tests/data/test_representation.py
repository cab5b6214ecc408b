"""What data sets show in a notebook."""

from pathlib import Path

import numpy as np
import pytest

from glassnet.data import load
from glassnet.data.dataset import Dataset
from tests.pages.test_html import Read


def html(data: Dataset) -> str:
    output: str = data._repr_html_()
    return output


def test_images_and_classes_are_drawn() -> None:
    output = html(load("digits"))
    labels = [a.get("aria-label") or "" for name, a in Read(output).tags if name == "svg"]
    assert [label[:9] for label in labels] == ["The first", "The numbe"]
    assert "1,438" in output


def test_a_table_shows_its_first_rows_and_its_columns(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rows = [f"{x:.3f},{'<a>' if x > 0 else ''},{'yn'[int(x > 0)]}" for x in rng.normal(size=60)]
    (tmp_path / "t.csv").write_text("\n".join(["size,color,is", *rows]))
    output = html(load(str(tmp_path / "t.csv"), target="is"))
    texts = Read(output).texts
    assert "size" in texts
    assert "color" in texts
    assert "<a>" not in output


def test_texts_are_shown(tmp_path: Path) -> None:
    rows = [f"{('an awful', 'a <b>fine</b>')[i % 2]} film {i},{'np'[i % 2]}" for i in range(60)]
    (tmp_path / "t.csv").write_text("\n".join(["text,label", *rows]))
    output = html(load(str(tmp_path / "t.csv"), text_column="text", label_column="label"))
    assert any("fine" in text for text in Read(output).texts)
    assert "<b>fine" not in output


@pytest.mark.parametrize("count", [2, 61, 1000])
def test_any_number_of_classes(count: int, tmp_path: Path) -> None:
    y = np.repeat(np.arange(count), 2)
    x = np.zeros((len(y), 3, 3), np.uint8)
    path = tmp_path / "many.npz"
    np.savez(path, x_train=x, y_train=y, x_test=x, y_test=y)
    output = html(load(str(path)))
    assert f"{count} classes" in output
    assert ("The number of training" in output) == (count <= 60)
