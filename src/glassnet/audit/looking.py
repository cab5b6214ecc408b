"""The audit of a data set, all splits in one pool: nothing that is in both goes unseen."""

from collections.abc import Callable

import numpy as np

from glassnet.audit.findings import Audit, Copy, Odd, Place, Suspect
from glassnet.audit.labels import out_of_fold, suspects
from glassnet.audit.neighbours import neighbours
from glassnet.data import Dataset
from glassnet.doctor import Part
from glassnet.errors import GlassnetError

_FAR = 3.0  # interquartile ranges above the third quartile. Source: Tukey 1977, "far out"


def audit(data: Dataset, seed: int = 0, report: Callable[[str], None] = lambda line: None) -> Audit:
    """Copies, likely wrong labels, odd examples and the classes' sizes.

    Raises GlassnetError for texts, and where a class has one example only.
    """
    if data.kind != "numbers":
        raise GlassnetError(
            f"is for pictures and tables; {data.name} holds texts.", where="--audit"
        )
    x = np.concatenate([data.x_train, data.x_test])
    labels = np.concatenate([data.y_train, data.y_test])
    places = [Place("train", i) for i in range(len(data.y_train))]
    places += [Place("test", i) for i in range(len(data.y_test))]
    names = [data.class_names[label] for label in labels]

    report("looking for copies")
    near = neighbours(x)
    first = Part(x, labels, "x").originals.tolist()
    copies = [
        Copy(places[i], places[j], names[i], names[j], 0.0)
        for i, j in enumerate(first)
        if i != j and np.array_equal(x[i], x[j])
    ]
    copies += [
        Copy(places[j], places[i], names[j], names[i], float(distance))
        for (i, j), distance in zip(near.pairs.tolist(), near.distances, strict=True)
        if first[i] == i and first[j] == j  # of equal ones, one
    ]

    flat = x.reshape(len(x), -1)
    blank = np.flatnonzero((flat == flat[:, :1]).all(axis=1))
    odd = [Odd(places[i], names[i], None) for i in blank if flat.shape[1] > 1]
    some = np.isfinite(near.nearest)
    low, high = np.quantile(near.nearest[some], (0.25, 0.75)) if some.any() else (0.0, 0.0)
    far = np.flatnonzero(some & (near.nearest > high + _FAR * (high - low)))
    odd += [
        Odd(places[i], names[i], float(near.nearest[i]))
        for i in far[np.argsort(-near.nearest[far], kind="stable")]
    ]

    p = out_of_fold(x, labels, data.outputs, seed, report)
    rows, suggested = suspects(labels, p)
    return Audit(
        data.name,
        data.sha256,
        {"train": len(data.y_train), "test": len(data.y_test)},
        _balance(data),
        tuple(copies),
        tuple(
            Suspect(
                places[i], names[i], float(p[i, labels[i]]), data.class_names[c], float(p[i, c])
            )
            for i, c in zip(rows, suggested, strict=True)
        ),
        tuple(odd),
    )


def _balance(data: Dataset) -> dict[str, dict[str, int]]:
    counts = {
        split: np.bincount(y, minlength=data.outputs).tolist()
        for split, y in (("train", data.y_train), ("test", data.y_test))
    }
    return {
        name: {split: found[c] for split, found in counts.items()}
        for c, name in enumerate(data.class_names)
    }
