"""Data: loading, checking and splitting data sets.

`load` is the single entry point: every data set that it returns has passed the checks of
`dataset.py`.
"""

import os
import shlex
from collections.abc import Mapping
from pathlib import Path

from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.files import require_utf8
from glassnet.core.functions import functions, reserve
from glassnet.data.dataset import Dataset, make_dataset
from glassnet.data.sources.digits import digits as _digits
from glassnet.data.sources.fashion_mnist import fashion_mnist as _fashion_mnist
from glassnet.data.sources.labelled_texts import read_labelled
from glassnet.data.sources.npz import read_npz
from glassnet.data.sources.tables import TABLES
from glassnet.data.sources.text_files import TEXTS, read_corpus
from glassnet.data.text.datasets import Corpus, Texts

__all__ = ["NAMES", "Corpus", "Dataset", "Texts", "kind_of", "load", "make_dataset"]

NAMES: Mapping[str, str] = {  # the built-in data sets and their descriptions
    "digits": "1,797 handwritten digits, 8×8 pixels, 10 classes",
    "docstrings": "6,000 docstrings of the installed libraries; which of the 4 is each from?",
    "fashion-mnist": "70,000 images of clothes, 28×28 pixels, 10 classes",
    "python-reference": "0.4 MB of Python's language reference, for predicting the next byte",
}

reserve("data", NAMES)

_PICTURES = (".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".heic")
_KINDS = {"docstrings": "texts", "python-reference": "corpus"}


def kind_of(name: str | Path) -> str:
    """Return the kind of data ("numbers", "texts" or "corpus") of a name or file."""
    lowered = str(name).lower()
    if lowered.endswith((*TABLES, *TEXTS)):
        return "texts" if lowered.endswith(TABLES) else "corpus"
    return _KINDS.get(str(name), "numbers")


def load(
    name: str | Path,
    data_dir: str | Path | None = None,
    *,
    text_column: str | None = None,
    label_column: str | None = None,
    test_file: str | Path | None = None,
) -> Dataset:
    """Return a built-in data set, or one from a file: `.npz` arrays, `.csv` or `.tsv` texts, a
    `.txt` text.

    `data_dir` is the folder with Fashion-MNIST's files, if no other folder is to be searched. The
    columns and the test file apply to a table of texts. Raises GlassnetError.
    """
    name = str(name)
    for path in (name, data_dir, test_file):
        require_utf8(path)
    if name.lower().endswith(_PICTURES) and os.path.isfile(name):
        raise GlassnetError(
            "is a picture, not a data set.",
            where=name,
            fix=f"To classify it: glassnet predict RUN {shlex.quote(name)}. To train on pictures, "
            "save them as the arrays of a .npz file.",
        )
    table = os.path.isfile(name) and name.lower().endswith(TABLES)
    options = {"text-column": text_column, "label-column": label_column, "test-file": test_file}
    for option, value in options.items():
        if value is not None and not table:
            raise GlassnetError(
                f"is for a table of texts, which {name} is not.", where=f"--{option}"
            )
    if name in functions("data") and name not in NAMES:
        return _own(name, data_dir)
    if name.replace("_", "-") == "fashion-mnist":
        return _fashion_mnist(data_dir)
    if data_dir is not None and (name in NAMES or os.path.isfile(name)):
        raise GlassnetError(f"is for fashion-mnist; {name} does not need it.", where="--data-dir")
    if name == "digits":
        return _digits()
    if name in ("docstrings", "python-reference"):
        from glassnet.data.sources import corpora

        return corpora.docstrings() if name == "docstrings" else corpora.python_reference()
    if table:
        test = None if test_file is None else str(test_file)
        return read_labelled(name, text_column, label_column, test)
    if os.path.isdir(name):
        raise GlassnetError("is a folder.", where=name, fix="Give the path of a file in it.")
    if os.path.lexists(name):  # what is not a file is refused by the reader
        return read_corpus(name) if name.lower().endswith(TEXTS) else read_npz(name)
    files = (".npz", *TABLES, *TEXTS, *_PICTURES)
    if name.lower().endswith(files) or "/" in name or os.sep in name:
        raise GlassnetError("no such file.", where=name, fix="Check the path.")
    names = (*NAMES, *functions("data"))
    raise unknown("data set", name, (*names, "FILE.npz", "FILE.csv", "FILE.tsv", "FILE.txt"))


def _own(name: str, data_dir: str | Path | None) -> Dataset:
    """Return the data set of a function with `@register("data")`."""
    if data_dir is not None:
        raise GlassnetError(f"is for fashion-mnist, not for {name}.", where="--data-dir")
    data = functions("data")[name]()
    if not isinstance(data, Dataset):
        raise GlassnetError(
            f"returned {type(data).__name__}, not a data set.",
            where=f"data set {name}",
            fix="Return glassnet.data.make_dataset(...), which checks the arrays.",
        )
    return data
