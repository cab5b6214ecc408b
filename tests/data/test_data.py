"""`load`, the entry point to all data sets, and its import cost."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.data import Dataset, load


def test_names(fashion: Dataset) -> None:
    assert load("fashion_mnist").sha256 == fashion.sha256
    assert load("digits").name == "digits"


def test_a_file(tmp_path: Path) -> None:
    x, y = np.eye(4), np.array([0, 1, 0, 1])
    np.savez(tmp_path / "mine.npz", x_train=x, y_train=y, x_test=x, y_test=y)
    assert load(tmp_path / "mine.npz").name == "mine"
    assert load(str(tmp_path / "mine.npz")).source == str(tmp_path / "mine.npz")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("fashion-mnsit", "unknown data set .* Did you mean 'fashion-mnist'"),
        ("digit", "Did you mean 'digits'"),
        ("", "unknown data set"),
        ("nowhere/data", "nowhere/data: no such file"),
        ("mine.npz", "mine.npz: no such file"),
        ("a\0b.npz", "no such file"),
        (__file__, "is not a complete .npz file"),
    ],
)
def test_wrong_names(name: str, words: str) -> None:
    with pytest.raises(GlassnetError, match=words):
        load(name)


def test_importing_needs_only_numpy() -> None:
    heavy = "sklearn scipy pooch requests PIL platformdirs matplotlib http.client"
    code = f"import sys, glassnet.data; print(*[m for m in '{heavy}'.split() if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_digits_do_not_import_scikit_learn() -> None:
    code = (
        "import sys; from glassnet.data import load; load('digits')\n"
        "print('sklearn' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("name", ["photo.jpg", "PHOTO.PNG", "a b.webp"])
def test_a_picture_is_for_prediction(tmp_path: Path, name: str) -> None:
    with pytest.raises(GlassnetError, match="no such file"):
        load(tmp_path / name)
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(GlassnetError, match=r"is a picture, not a data set.*glassnet predict RUN"):
        load(tmp_path / name)
