"""The audit of a data set, with all splits pooled so that copies across splits are found."""

import logging

import numpy as np

from glassnet.audit.findings import Audit, Copy, Odd, Place, Suspect, sizes_of
from glassnet.audit.label_errors import out_of_fold, suspects
from glassnet.audit.neighbors import neighbors
from glassnet.core.errors import GlassnetError
from glassnet.data import Dataset
from glassnet.doctor import Part

log = logging.getLogger(__name__)

AUDITED = ("numbers", "table", "images", "audio")  # kinds of data
_FAR = 3.0  # interquartile ranges above the third quartile: "far out" in Tukey 1977


def audit(data: Dataset, seed: int = 0) -> Audit:
    """Find copies, likely label errors, odd examples and the class sizes.

    Near copies and odd examples are searched for among images and the spectrograms of clips only:
    the distance of two rows of a table depends on the units of the columns. Raises GlassnetError
    for texts, and if a class has only one example.
    """
    if data.kind not in AUDITED or data.task != "classes":
        others = {"corpus": "texts", "mixed": "multiple inputs"}
        contents = data.task if data.kind in AUDITED else others.get(data.kind, data.kind)
        raise GlassnetError(
            f"audits images, clips and tables with classes, but {data.name} contains {contents}.",
            where="--audit",
        )
    x = np.concatenate([data.x_train, data.x_test])
    labels = np.concatenate([data.y_train, data.y_test])
    _require_two_of_each(labels, data)
    places = [Place("train", i) for i in range(len(data.y_train))]
    places += [Place("test", i) for i in range(len(data.y_test))]
    names = [data.class_names[label] for label in labels]

    log.info("searching for copies")
    first = Part(x, labels, "x").originals
    copies = [
        Copy(places[i], places[j], names[i], names[j], True, 0.0)
        for i, j in enumerate(first.tolist())
        if i != j and np.array_equal(x[i], x[j])
    ]
    odd, pairs_left_out = [], 0
    if x.ndim > 2:
        rows, groups = np.unique(first, return_counts=True)  # one of each group of equal examples
        near = neighbors(x[rows])
        pairs_left_out = near.left_out
        copies += [
            Copy(places[j], places[i], names[j], names[i], False, float(distance))
            for (i, j), distance in zip(rows[near.pairs].tolist(), near.distances, strict=True)
        ]
        odd = [Odd(places[i], names[i], None) for i in _constant(x)]
        odd += [
            Odd(places[rows[i]], names[rows[i]], float(near.nearest[i]))
            for i in _far(near.nearest)
            if groups[i] == 1
        ]

    p = out_of_fold(x, labels, data.outputs, seed)
    rows, suggested = suspects(labels, p)
    return Audit(
        data.name,
        data.sha256,
        sizes_of(data),
        _balance(data),
        tuple(copies),
        tuple(
            Suspect(
                places[i], names[i], float(p[i, labels[i]]), data.class_names[c], float(p[i, c])
            )
            for i, c in zip(rows, suggested, strict=True)
        ),
        tuple(odd),
        pairs_left_out,
    )


def _require_two_of_each(labels: np.ndarray, data: Dataset) -> None:
    counts = np.bincount(labels)
    if counts.min() < 2:
        raise GlassnetError(
            f"class {data.class_names[counts.argmin()]} has only one example, so its label "
            "can't be checked by a network that is trained on others.",
            where=f"audit of {data.name}",
            fix="Add examples of the class, or remove it.",
        )


def _constant(x: np.ndarray) -> np.ndarray:
    """Return the rows of constant examples."""
    flat = x.reshape(len(x), -1)
    return np.flatnonzero((flat == flat[:, :1]).all(axis=1))


def _far(nearest: np.ndarray) -> np.ndarray:
    """Return the rows of examples that are far from all others, the farthest first."""
    finite = np.isfinite(nearest)
    if not finite.any():
        return np.flatnonzero(finite)
    low, high = np.quantile(nearest[finite], (0.25, 0.75))
    far = np.flatnonzero(finite & (nearest > high + _FAR * (high - low)))
    return far[np.argsort(-nearest[far], kind="stable")]


def _balance(data: Dataset) -> dict[str, dict[str, int]]:
    counts = {
        split: np.bincount(y, minlength=data.outputs).tolist()
        for split, y in (("train", data.y_train), ("test", data.y_test))
    }
    return {
        name: {split: sizes[c] for split, sizes in counts.items()}
        for c, name in enumerate(data.class_names)
    }
