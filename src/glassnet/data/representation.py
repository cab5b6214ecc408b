"""What a data set shows in a notebook: its size, some of its examples, its classes."""

from typing import TYPE_CHECKING

import numpy as np

from glassnet.core.arrays import as_tuple, shapes_of
from glassnet.core.tables import shortened
from glassnet.data.rows import Rows
from glassnet.data.text.datasets import Texts
from glassnet.pages.html import Html, data_table, join, numbers, tag
from glassnet.pages.notebook import drawn, shown
from glassnet.pages.svg import side_by_side
from glassnet.plots.classes import class_distribution
from glassnet.plots.images import is_image, sample_grid, upright

if TYPE_CHECKING:
    from glassnet.data.dataset import Dataset

_ROWS, _COLUMNS = 5, 10  # of a table that are shown
_CLASSES = 60  # more are not drawn
_EACH = 8  # examples of each class


def html_of(data: "Dataset") -> str:
    """The output of a notebook cell."""
    what = f"{len(data.class_names)} classes"
    if data.task != "classes":
        what = f"{data.outputs} {data.task}"
    sizes = [
        ("training", f"{len(data.y_train):,}", ""),
        ("test", f"{len(data.y_test):,}", ""),
        ("to predict", what, ""),
    ]
    shapes = ", ".join(str(array.shape[1:]) for array in as_tuple(data.x_train))
    note = tag("p", f"Examples of shape {shapes}. From {data.source}.", class_="soft")
    return shown(
        f"Data set {data.name}", numbers(sizes), note, side_by_side(_examples(data), _classes(data))
    )


def _examples(data: "Dataset") -> Html:
    """Some examples: images of each class, the head of a table, the first texts."""
    if isinstance(data, Texts):
        label = [data.class_names[k] for k in data.y_train[:_ROWS]]
        texts = [shortened(text, 120) for text in data.texts_train[:_ROWS]]
        rows = [["class", "text"], *(list(pair) for pair in zip(label, texts, strict=True))]
        return data_table("The first training texts.", rows, "<<")
    if isinstance(data, Rows):
        return join(_head(data), _columns(data))
    if data.task == "classes" and not isinstance(data.x_train, tuple):
        if data.kind in ("numbers", "images") and is_image(shapes_of(data.x_train)):
            return _grid(data, is_clip=False)
        if data.kind == "audio":
            return _grid(data, is_clip=True)
    return Html()


def _grid(data: "Dataset", *, is_clip: bool) -> Html:
    labels, count = data.y_train, min(len(data.class_names), 20)
    rows = np.sort(np.concatenate([np.flatnonzero(labels == k)[:_EACH] for k in range(count)]))
    x = np.asarray(data.x_train[rows])
    drawing = sample_grid(upright(x) if is_clip else x, labels[rows], data.class_names, _EACH)
    what = "spectrograms of training clips" if is_clip else "training images"
    return drawn(drawing, f"The first {what} of each class")


def _head(data: Rows) -> Html:
    frame = data.train.typed
    names = frame.columns[:_COLUMNS]
    rows = [names, *([_cell(row[name]) for name in names] for row in frame.head(_ROWS).to_dicts())]
    left_out = len(frame.columns) - len(names)
    more = f" and {left_out} more columns" if left_out else ""
    return data_table(f"The first training rows{more}.", rows, "<" * len(names))


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else shortened(str(value), 40)


def _columns(data: Rows) -> Html:
    rows = [["column", "type", "missing"]]
    rows += [[card.name, card.type, f"{card.missing:,}"] for card in data.card]
    table = data_table("The columns; missing: rows without a value.", rows, "<<>")
    return tag("details", tag("summary", f"{len(rows) - 1} columns"), table)


def _classes(data: "Dataset") -> Html:
    if data.task != "classes" or not 0 < len(data.class_names) <= _CLASSES:
        return Html()
    parts = {"training": data.y_train, "test": data.y_test}
    counts = {part: labels for part, labels in parts.items() if len(labels)}
    drawing = class_distribution(counts, data.class_names)
    return drawn(drawing, "The number of training and test examples of each class")
