"""The text data sets made from installed packages."""

import subprocess
import sys

import numpy as np
import pytest

from glassnet.data import NAMES, Corpus, Texts, facts_of, load


@pytest.fixture(scope="module")
def docstrings() -> Texts:
    data = load("docstrings")
    assert isinstance(data, Texts)
    return data


def test_docstrings(docstrings: Texts) -> None:
    assert docstrings.class_names == ("matplotlib", "numpy", "scikit-learn", "scipy")
    both = np.bincount(docstrings.y_train) + np.bincount(docstrings.y_test)
    assert (both > 1000).all()
    assert 0.18 < len(docstrings.y_test) / both.sum() < 0.3
    texts = (*docstrings.texts_train, *docstrings.texts_test)
    assert len(set(texts)) == len(texts)
    for name in ("numpy ", "scipy "):
        assert name in docstrings.source


def test_docstrings_are_the_same_every_time(docstrings: Texts) -> None:
    code = "from glassnet.data import load; print(load('docstrings').sha256)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == docstrings.sha256


def test_the_reference_of_python() -> None:
    data = load("python-reference")
    assert isinstance(data, Corpus)
    text = (data.text_train + data.text_test).decode()
    assert "Assert statements are a convenient way" in text
    assert len(text) > 300_000
    paragraphs = [part for part in text.split("\n\n") if len(part) > 100]
    assert len(set(paragraphs)) == len(paragraphs)  # none is in both parts


def test_names_and_kinds() -> None:
    kinds = {name: facts_of(name)[0] for name in NAMES}
    assert kinds == {
        "digits": "numbers",
        "docstrings": "texts",
        "fashion-mnist": "numbers",
        "python-reference": "corpus",
    }
    assert [facts_of(f"a.{end}")[0] for end in ("csv", "TSV", "txt", "npz")] == [
        "table", "table", "corpus", "numbers",
    ]  # fmt: skip
