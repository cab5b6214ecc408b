"""What a data set is, and the checks that every one of them has passed."""

import hashlib
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

import numpy as np

from glassnet.core.arrays import checked_weights, require_finite
from glassnet.core.errors import GlassnetError

OF_NUMBERS = (
    "Number the classes 0, 1, 2, ...; data sets are for classes. To foretell numbers, write "
    'Model([...]).compile("adam", "mse") and fit(x, y) in Python.'
)


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Examples to learn from and examples to be judged by, made by `make_dataset`.

    x (N, ...) numbers as they were stored: images stay uint8; y (N,) int64 in 0..C−1, where C is
    the number of `class_names`. `source` is the path or address the data came from, and `sha256`
    the hash of the arrays (name, dtype, shape, bytes): the same hash means the same data. Training
    examples may have `weights` (N,), how much each counts, and `groups` (N,): those of one group,
    such as the photos of one person, are never parted by a split.
    """

    kind: ClassVar[str] = "numbers"  # what x holds: pictures and tables

    name: str
    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    class_names: tuple[str, ...]
    source: str
    sha256: str
    weights: np.ndarray | None = field(default=None, kw_only=True)
    groups: np.ndarray | None = field(default=None, kw_only=True)

    def held_out(self, train: Any, test: Any) -> Self:
        """The same data set, with some of its training rows in the test set's place."""
        return replace(
            self,
            **self._rows(train, test),
            y_train=self.y_train[train],
            y_test=self.y_train[test],
            weights=None if self.weights is None else self.weights[train],
            groups=None if self.groups is None else self.groups[train],
        )

    def _rows(self, train: Any, test: Any) -> dict[str, Any]:
        """The examples of two sets of training rows, under their fields' names."""
        return {"x_train": self.x_train[train], "x_test": self.x_train[test]}

    def __repr__(self) -> str:
        rows = f"{len(self.x_train):,} training and {len(self.x_test):,} test"
        shape, classes = self.x_train.shape[1:], f"{len(self.class_names)} classes"
        return f"<{type(self).__name__} {self.name}: {rows} examples of shape {shape}, {classes}>"

    @property
    def outputs(self) -> int:
        """How many probabilities a network gives for one target."""
        return len(self.class_names)

    @property
    def vocabulary(self) -> int | None:
        """How many ids there are, where x holds tokens; else None."""
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
) -> Dataset:
    """The checked data set. Raises GlassnetError naming source, array and first wrong row."""
    for split, x, y in (("train", x_train, y_train), ("test", x_test, y_test)):
        _check_examples(x, f"{source}: x_{split}")
        _check_labels(y, len(x), class_names, f"{source}: y_{split}")
    _check_alike(x_train, x_test, f"{source}: x_test")
    _check_classes(y_train, class_names, source)
    arrays = {
        "x_train": np.ascontiguousarray(x_train),
        "y_train": y_train.astype(np.int64),
        "x_test": np.ascontiguousarray(x_test),
        "y_test": y_test.astype(np.int64),
    }
    more: dict[str, Any] = {}
    if weights is not None:
        where = f"{source}: weights_train"
        more["weights"] = checked_weights(weights, len(x_train), (1,), "float64", where)
        if not more["weights"].any():
            raise GlassnetError("is 0 everywhere: no example counts.", where=where)
    if groups is not None:
        more["groups"] = _checked_groups(groups, len(x_train), f"{source}: groups_train")
    return Dataset(
        name,
        **arrays,
        **more,
        class_names=class_names,
        source=source,
        sha256=_hash(arrays | more),
    )


def _check_examples(x: np.ndarray, where: str) -> None:
    if x.dtype.kind not in "buif":
        raise GlassnetError(f"holds {x.dtype}, not numbers.", where=where)
    if x.ndim < 2:
        raise GlassnetError(
            f"has shape {x.shape}, but every row must be an example.",
            where=where,
            fix="Give it the shape (rows, features) or (rows, height, width).",
        )
    if not x.size:
        raise GlassnetError(f"is empty: its shape is {x.shape}.", where=where)
    if x.dtype.kind == "f":
        require_finite(x, where)


def _check_labels(y: np.ndarray, rows: int, class_names: tuple[str, ...], where: str) -> None:
    if y.ndim != 1:
        one_hot = y.ndim == 2 and y.dtype.kind in "buif" and ((y == 0) | (y == 1)).all()
        raise GlassnetError(
            f"has shape {y.shape}, but there is one label a row.",
            where=where,
            fix="These look one-hot: take y.argmax(axis=1)." if one_hot else OF_NUMBERS,
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
            fix="Mend the label, or add the class to class_names and to the training rows.",
        )


def _checked_groups(groups: np.ndarray, rows: int, where: str) -> np.ndarray:
    """The number of each training example's group, from 0, in the order of their names."""
    if groups.dtype.kind not in "uiUS" or groups.shape != (rows,):
        raise GlassnetError(
            f"is {groups.dtype} of shape {groups.shape}, but there are {rows} training rows.",
            where=where,
            fix="Give one whole number or text for each: rows with the same one stay together.",
        )
    names, numbers = np.unique(groups, return_inverse=True)
    if len(names) < 2:
        raise GlassnetError("names one group only; there is nothing to part.", where=where)
    return numbers.astype(np.int64)


def _check_alike(x_train: np.ndarray, x_test: np.ndarray, where: str) -> None:
    if x_test.shape[1:] != x_train.shape[1:]:
        raise GlassnetError(
            f"has rows of shape {x_test.shape[1:]}, x_train has {x_train.shape[1:]}.",
            where=where,
            fix="Give both the same shape.",
        )
    if (x_test.dtype.kind == "f") != (x_train.dtype.kind == "f"):
        # Bytes beside floats nearly always means that one was divided by 255 and the other not.
        raise GlassnetError(
            f"holds {x_test.dtype}, x_train holds {x_train.dtype}.",
            where=where,
            fix="Scale both in the same way, or neither.",
        )


def _check_classes(y_train: np.ndarray, class_names: tuple[str, ...], source: str) -> None:
    odd = [name for name in class_names if not name.strip() or not name.isprintable()]
    if odd or len(set(class_names)) < len(class_names):
        what = f"{odd[0]!r} is not a readable name." if odd else "two classes have the same name."
        raise GlassnetError(
            what, where=f"{source}: class_names", fix="Give each class a name of its own."
        )
    if len(class_names) < 2:
        raise GlassnetError(
            "has only one class; there is nothing to tell apart.", where=f"{source}: y_train"
        )
    counts = np.bincount(y_train, minlength=len(class_names))
    if not counts.all():
        missing = int(counts.argmin())
        raise GlassnetError(
            f"class {missing} ({class_names[missing]}) does not occur among the training labels.",
            where=f"{source}: y_train",
            fix="Labels count from 0: subtract 1 from them."
            if missing == 0
            else "Labels count from 0 without gaps; every class needs a training row.",
        )


def _hash(arrays: dict[str, np.ndarray]) -> str:
    digest = hashlib.sha256()
    for name, array in arrays.items():
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(array.data)
    return digest.hexdigest()
