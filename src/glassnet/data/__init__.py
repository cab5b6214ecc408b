"""Data: loading, checking and splitting data sets.

`load` is the single entry point: every data set that it returns has passed the checks of
`dataset.py`.
"""

import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from glassnet.core.doubts import collected_doubts
from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.files import require_utf8
from glassnet.core.functions import functions, reserve
from glassnet.data.dataset import Dataset, make_dataset
from glassnet.data.from_tables import dataset_of, read_dataset
from glassnet.data.interactions import Interactions
from glassnet.data.roles import Choices
from glassnet.data.rows import Rows
from glassnet.data.sources.digits import digits as _digits
from glassnet.data.sources.fashion_mnist import fashion_mnist as _fashion_mnist
from glassnet.data.sources.frames import is_frame, table_of
from glassnet.data.sources.media import AUDIO, PICTURES
from glassnet.data.sources.npz import read_npz
from glassnet.data.sources.tables import TABLES
from glassnet.data.sources.text_files import TEXTS, read_corpus
from glassnet.data.text.datasets import Corpus, Texts

__all__ = [
    "NAMES",
    "Corpus",
    "Dataset",
    "Interactions",
    "Rows",
    "Texts",
    "facts_of",
    "load",
    "make_dataset",
]

NAMES: Mapping[str, str] = {  # the built-in data sets and their descriptions
    "digits": "1,797 handwritten digits, 8×8 pixels, 10 classes",
    "docstrings": "6,000 docstrings of the installed libraries; which of the 4 is each from?",
    "fashion-mnist": "70,000 images of clothes, 28×28 pixels, 10 classes",
    "python-reference": "0.4 MB of Python's language reference, for predicting the next byte",
}

reserve("data", NAMES)

_KINDS = {"docstrings": "texts", "python-reference": "corpus"}


class Facts(NamedTuple):
    """What is known of a data set before it is read as a network needs it."""

    kind: str  # of the data: "numbers", "texts", "corpus", "table", "interactions", "ratings", ...
    task: str  # what is predicted
    rows: int | None = None  # number of training rows, of a table or a folder


def facts_of(name: str | Path, **choices: Any) -> Facts:
    """Return the kind of data of a name or file, and what is predicted.

    What a table holds depends on these choices of its columns, as of `load`. Raises GlassnetError
    if it can't be read.
    """
    if (table := _table(name, choices)) is not None:
        return Facts(table.kind, table.task, len(table.y_train))
    lowered = str(name).lower()
    if lowered.endswith((*TABLES, *TEXTS)):
        return Facts("table" if lowered.endswith(TABLES) else "corpus", "classes")
    return Facts(_KINDS.get(str(name), "numbers"), "classes")


def _table(name: str | Path, choices: Mapping[str, Any]) -> Dataset | None:
    """Return the data set in a file or folder, if it is a table or of files."""
    if not _is_table(str(name)) and not _is_folder(str(name)):
        return None
    with collected_doubts():  # `load` repeats them
        return load(name, **choices)


def _is_table(name: str) -> bool:
    return name.lower().endswith(TABLES) and os.path.isfile(name)


def _is_folder(name: str) -> bool:
    """True for the path of a folder; a name of a data set is that, whatever folders there are."""
    names = (*NAMES, "fashion_mnist", *functions("data"))
    return os.path.isdir(name) and name not in names


def load(
    source: Any,
    data_dir: str | Path | None = None,
    *,
    target: str | Sequence[str] | None = None,
    columns: Mapping[str, str] | None = None,
    drop: str | Sequence[str] | None = None,
    task: str | None = None,
    group: str | None = None,
    time: str | None = None,
    text_column: str | None = None,
    label_column: str | None = None,
    test_file: str | Path | None = None,
    image_size: str | int | None = None,
    encoding: str | None = None,
    user: str | None = None,
    item: str | None = None,
    min_rating: float | None = None,
    sample_rate: int | None = None,
) -> Dataset:
    """Return a built-in data set, or one from a file, a folder or a table in memory.

    A folder has a folder of pictures, audio clips or `.txt` texts for each class, or folders train
    and test with such folders. Files are `.npz` arrays, `.csv`, `.tsv`, `.parquet` and `.jsonl`
    tables, and a `.txt` text; tables in memory are DataFrames of pandas and polars, and tables of
    pyarrow. All options but `data_dir`, the folder with Fashion-MNIST's files, apply to tables: the
    `target` columns and their `task`, the types of `columns` ({"age": "number"}), columns to
    `drop`, whose values keep rows together in splits (`group`) or put them in order (`time`), a
    file with the test rows. With `user` or `item`, or the task "items", each row is an event, from
    which items are recommended, if its rating is at least `min_rating`; with a `target`, that is
    predicted from the user and the item. Pictures get the `image_size`: 64, or "64x48", width and
    height; clips are resampled to the `sample_rate`, in Hz. Text files that are not UTF-8 are
    decoded by the `encoding`. Raises GlassnetError.
    """
    name = str(source) if isinstance(source, str | Path) else ""
    for path in (name, data_dir, test_file):
        require_utf8(path)
    choices = Choices(
        _names(target), tuple((columns or {}).items()), _names(drop), task, group, time,
        text_column, label_column, None if test_file is None else str(test_file),
        None if image_size is None else str(image_size), encoding, user, item,
        min_rating,
        sample_rate,
    )  # fmt: skip
    if is_frame(source):
        return dataset_of(table_of(source), choices)
    if not isinstance(source, str | Path):
        what = f"is a {type(source).__name__}, not a name, a path or a table."
        raise GlassnetError(what, where="load", fix="Arrays go into Model.fit(x, y).")
    if name.lower().endswith((*PICTURES, *AUDIO)) and os.path.isfile(name):
        what = "a picture" if name.lower().endswith(PICTURES) else "an audio clip"
        raise GlassnetError(
            f"is {what}, not a data set.",
            where=name,
            fix=f"To classify it: glassnet predict RUN {shlex.quote(name)}. To train on such "
            "files, give the folder that has a folder of them for each class.",
        )
    table, folder = _is_table(name), _is_folder(name)
    corpus = os.path.isfile(name) and name.lower().endswith(TEXTS)
    others = replace(choices, image_size=None, sample_rate=None) if folder else choices
    if folder or corpus:
        others = replace(others, encoding=None)
    if not table and (option := others.first_option):
        kinds = {"image-size": "pictures in files", "sample-rate": "audio clips in files"}
        what = kinds.get(option, "a table")
        raise GlassnetError(f"is for {what}, which {name} is not.", where=f"--{option}")
    if name in functions("data") and name not in NAMES:
        return _own(name, data_dir)
    if name.replace("_", "-") == "fashion-mnist":
        return _fashion_mnist(data_dir)
    if data_dir is not None and (name in NAMES or os.path.exists(name)):
        raise GlassnetError(f"is for fashion-mnist; {name} does not need it.", where="--data-dir")
    if name == "digits":
        return _digits()
    if name in ("docstrings", "python-reference"):
        from glassnet.data.sources import corpora

        return corpora.docstrings() if name == "docstrings" else corpora.python_reference()
    if table or folder:
        return read_dataset(name, choices)
    if os.path.lexists(name):  # what is not a file is refused by the reader
        return read_corpus(name, encoding) if name.lower().endswith(TEXTS) else read_npz(name)
    files = (".npz", *TABLES, *TEXTS, *PICTURES, *AUDIO)
    if name.lower().endswith(files) or "/" in name or os.sep in name:
        raise GlassnetError("no such file.", where=name, fix="Check the path.")
    names = (*NAMES, *functions("data"))
    raise unknown(
        "data set", name, (*names, "FOLDER", "FILE.npz", "FILE.csv", "FILE.tsv", "FILE.txt")
    )


def _names(names: str | Sequence[str] | None) -> tuple[str, ...]:
    return () if names is None else (names,) if isinstance(names, str) else tuple(names)


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
