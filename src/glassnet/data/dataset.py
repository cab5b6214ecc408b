"""The `Dataset` class, and the checks that every data set passes."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from glassnet.core.arrays import checked_weights, require_finite, shapes_of, take
from glassnet.core.errors import GlassnetError
from glassnet.core.names import is_blank, is_readable
from glassnet.core.terminal import printable
from glassnet.data.class_names import is_missing, warn_of_same_names

OF_NUMBERS = (
    "Number the classes 0, 1, 2, ...; data sets are for classification. For regression, write "
    'Model([...]).compile("adam", "mse") and fit(x, y) in Python.'
)

TEST_ROW, TRAINING_ROW = "test row {}".format, "training row {}".format  # names without others


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Training and test examples, made by `make_dataset`.

    x (N, ...) keeps the dtype it was stored with: images stay uint8; y (N,) is int64 in 0..C−1,
    where C is the number of `class_names`. `source` is the path or address of the data, and
    `sha256` the hash of the arrays (name, dtype, shape, bytes): equal hashes mean equal data.
    Training examples may have sample `weights` (N,) and `groups` (N,): examples of one group, such
    as the photos of one person, always stay on the same side of a split. `validation_rows` are the
    training rows that the data hold out for validation; None leaves it to the training. If the
    images show `objects` on a plain background, photos are brought to that form.
    """

    name: str
    x_train: Any  # an array, or a tuple of arrays
    y_train: np.ndarray
    x_test: Any
    y_test: np.ndarray
    class_names: tuple[str, ...]
    source: str
    sha256: str
    weights: np.ndarray | None = field(default=None, kw_only=True)
    groups: np.ndarray | None = field(default=None, kw_only=True)
    validation_rows: np.ndarray | None = field(default=None, kw_only=True)
    objects: bool = field(default=False, kw_only=True)

    def held_out(self, train: Any, test: Any) -> Self:
        """Return the data set with some of its training rows in place of the test set."""
        return replace(
            self,
            **self._rows(train, test),
            y_train=self.y_train[train],
            y_test=self.y_train[test],
            weights=None if self.weights is None else self.weights[train],
            groups=None if self.groups is None else self.groups[train],
            validation_rows=self._validation_rows_in(train),
        )

    def _validation_rows_in(self, train: Any) -> np.ndarray | None:
        """Return the validation rows by their places among some training rows."""
        if self.validation_rows is None:
            return None
        rows = np.arange(len(self.y_train))[train]
        return np.flatnonzero(np.isin(rows, self.validation_rows))

    def _rows(self, train: Any, test: Any) -> dict[str, Any]:
        """Return the examples of two sets of training rows, by field name."""
        return {"x_train": take(self.x_train, train), "x_test": take(self.x_train, test)}

    def __repr__(self) -> str:
        rows = f"{len(self.y_train):,} training and {len(self.y_test):,} test"
        shape, classes = shapes_of(self.x_train), f"{len(self.class_names)} classes"
        if self.task != "classes":
            classes = f"{self.outputs} {self.task}"
        name = printable(self.name)
        return f"<{type(self).__name__} {name}: {rows} examples of shape {shape}, {classes}>"

    def _repr_html_(self) -> str:
        from glassnet.data.representation import html_of

        return html_of(self)

    @property
    def kind(self) -> str:
        """The kind of x, a key of `runs.defaults.KINDS`."""
        return "numbers"

    @property
    def task(self) -> str:
        """What is predicted: "classes", or of tables also "labels", "numbers" or "counts"."""
        return "classes"

    @property
    def outputs(self) -> int:
        """The number of values that a network outputs for each target."""
        return len(self.class_names)

    @property
    def in_order(self) -> bool:
        """True if the training rows have an order that a split must keep."""
        return False

    @property
    def strata(self) -> np.ndarray:
        """The class of each training row, of which splits preserve the shares."""
        return self.y_train

    def numbering(self, part: str) -> tuple[str, np.ndarray | None]:
        """Return what people call the rows of "train" or "test": ("line", their numbers), ("file",
        their paths), or ("row", None) if they are counted from 0.
        """
        return "row", None

    @property
    def files_test(self) -> Sequence[str]:
        """The files that the test examples are from, if each is one; otherwise ()."""
        return ()

    def test_name(self, row: int) -> str:
        """Return what people call a test example: its file, or its row and where the data have it:
        "test row 3, line 12".
        """
        if files := self.files_test:
            return files[row]
        return self._row_name(TEST_ROW(row), "test", row)

    def training_name(self, row: int) -> str:
        """Return what people call a training example, likewise."""
        return self._row_name(TRAINING_ROW(row), "train", row)

    def _row_name(self, name: str, part: str, row: int) -> str:
        unit, numbers = self.numbering(part)
        if numbers is None:
            return name
        if unit == "file":
            return str(numbers[row])
        return f"{name}, {unit} {numbers[row]}{' of the data' * (unit == 'row')}"

    @property
    def vocabulary(self) -> int | None:
        """The number of token ids, if x holds tokens; otherwise None."""
        return None


def make_dataset(
    name: str,
    x_train: np.ndarray,
    y_train: np.ndarray,
    x_test: np.ndarray,
    y_test: np.ndarray,
    class_names: tuple[str, ...],
    source: str,
    *,
    weights: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    objects: bool = False,
) -> Dataset:
    """Return the checked data set. Errors name the source, the array and the first wrong row."""
    for split, x, y in (("train", x_train, y_train), ("test", x_test, y_test)):
        _check_examples(x, f"{source}: x_{split}")
        _check_labels(y, len(x), class_names, f"{source}: y_{split}")
    _check_alike(x_train, x_test, f"{source}: x_test")
    check_classes(y_train, class_names, source)
    arrays: dict[str, Any] = {
        "x_train": np.ascontiguousarray(x_train),
        "y_train": y_train.astype(np.int64),
        "x_test": np.ascontiguousarray(x_test),
        "y_test": y_test.astype(np.int64),
    }
    if weights is not None:
        where = f"{source}: weights_train"
        arrays["weights"] = checked_weights(weights, len(x_train), (1,), "float64", where)
        if not arrays["weights"].any():
            raise GlassnetError("is 0 everywhere: no example counts.", where=where)
    if groups is not None:
        arrays["groups"] = _checked_groups(groups, len(x_train), f"{source}: groups_train")
    return Dataset(
        name, **arrays, class_names=class_names, source=source, sha256=_hash(arrays),
        objects=objects,
    )  # fmt: skip


def _check_examples(x: np.ndarray, where: str) -> None:
    if x.dtype.kind not in "buif":
        raise GlassnetError(f"holds {x.dtype}, not numbers.", where=where)
    if x.ndim < 2:
        raise GlassnetError(
            f"has shape {x.shape}, but every row must be an example.",
            where=where,
            fix="Use the shape (rows, features) or (rows, height, width).",
        )
    if not x.size:
        raise GlassnetError(f"is empty: its shape is {x.shape}.", where=where)
    if x.dtype.kind == "f":
        require_finite(x, where)


def _check_labels(y: np.ndarray, rows: int, class_names: tuple[str, ...], where: str) -> None:
    if y.ndim != 1:
        one_hot = y.ndim == 2 and y.dtype.kind in "buif" and ((y == 0) | (y == 1)).all()
        raise GlassnetError(
            f"has shape {y.shape}, but every row must have one label.",
            where=where,
            fix="These look one-hot: use y.argmax(axis=1)." if one_hot else OF_NUMBERS,
        )
    if y.dtype.kind not in "ui":
        raise GlassnetError(
            f"holds {y.dtype}, not whole numbers.",
            where=where,
            fix="Number the classes 0, 1, 2, ...",
        )
    if len(y) != rows:
        raise GlassnetError(
            f"has {len(y)} labels for {rows} rows of {where[-7:].lstrip(': ').replace('y', 'x')}.",
            where=where,
            fix="Every row needs one label.",
        )
    wrong = (y < 0) | (y >= len(class_names))
    if wrong.any():
        row = wrong.argmax()
        raise GlassnetError(
            f"row {row} has label {y[row]}, but the {len(class_names)} classes are 0 to "
            f"{len(class_names) - 1}.",
            where=where,
            fix="Fix the label, or add the class to class_names and to the training rows.",
        )


def _checked_groups(groups: np.ndarray, rows: int, where: str) -> np.ndarray:
    """Return the group number of each training example, from 0, in the order of the names."""
    if groups.dtype.kind not in "uiUS" or groups.shape != (rows,):
        raise GlassnetError(
            f"is {groups.dtype} of shape {groups.shape}, but there are {rows} training rows.",
            where=where,
            fix="Give each row a whole number or text: rows with the same value stay together.",
        )
    names, numbers = np.unique(groups, return_inverse=True)
    if len(names) < 2:
        raise GlassnetError("has only one group, which can't be split.", where=where)
    return numbers.astype(np.int64)


def _check_alike(x_train: np.ndarray, x_test: np.ndarray, where: str) -> None:
    if x_test.shape[1:] != x_train.shape[1:]:
        raise GlassnetError(
            f"has rows of shape {x_test.shape[1:]}, x_train has {x_train.shape[1:]}.",
            where=where,
            fix="Use the same row shape in both.",
        )
    if (x_test.dtype.kind == "f") != (x_train.dtype.kind == "f"):
        # Bytes and floats nearly always mean that only one of the two was divided by 255.
        raise GlassnetError(
            f"holds {x_test.dtype}, x_train holds {x_train.dtype}.",
            where=where,
            fix="Scale both in the same way, or neither.",
        )


def check_classes(y_train: np.ndarray, class_names: tuple[str, ...], source: str) -> None:
    """Raise unless the names are distinct and readable, and each class has a training row."""
    unreadable = [name for name in class_names if is_blank(name) or not is_readable(name)]
    if unreadable or len(set(class_names)) < len(class_names):
        what = (
            f"{unreadable[0]!r} is not a readable name."
            if unreadable
            else "two classes have the same name."
        )
        raise GlassnetError(
            what, where=f"{source}: class_names", fix="Give each class a unique, printable name."
        )
    if unnamed := [name for name in class_names if is_missing(name)]:
        raise GlassnetError(
            f"{unnamed[0]!r} stands for a missing value.",
            where=f"{source}: class_names",
            fix="Remove the rows without a label, or rename the class.",
        )
    warn_of_same_names(class_names, f"{source}: class_names")
    if len(class_names) < 2:
        raise GlassnetError(
            "has only one class; classification needs at least two.", where=f"{source}: y_train"
        )
    counts = np.bincount(y_train, minlength=len(class_names))
    if not counts.all():
        missing = int(counts.argmin())
        raise GlassnetError(
            f"class {missing} ({class_names[missing]}) does not occur among the training labels.",
            where=f"{source}: y_train",
            fix="Labels start at 0: subtract 1 from them."
            if missing == 0
            else "Labels start at 0, without gaps; every class needs a training row.",
        )


def _hash(arrays: dict[str, np.ndarray]) -> str:
    digest = hashlib.sha256()
    for name, array in arrays.items():
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(array.data)
    return digest.hexdigest()
