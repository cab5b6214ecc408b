"""Likely label errors: confident learning says how many, the label's own probability says which.

Source: Northcutt, Jiang & Chuang, "Confident learning: estimating uncertainty in dataset labels",
2021. Why not with cleanlab: docs/decisions/0009.
"""

import logging

import numpy as np

from glassnet.data.splits import folds
from glassnet.layers import Dense, Dropout, Flatten, Normalization, Rescaling, Sequential
from glassnet.model.model import Model

log = logging.getLogger(__name__)

_FOLDS = 5
_EPOCHS = 5  # few: a network that is trained for long learns wrong labels by heart
_BATCH = 64
_HIDDEN = 128
_DROPOUT = 0.2


def out_of_fold(x: np.ndarray, labels: np.ndarray, classes: int, seed: int) -> np.ndarray:
    """The probabilities (N, C) that small networks give to examples that they did not train on."""
    count = int(min(_FOLDS, np.bincount(labels).min()))
    found = np.empty((len(x), classes), np.float32)
    for number, (train, judged) in enumerate(folds(labels, count, seed)):
        log.info(f"looking for wrong labels: network {number + 1} of {count}")
        # A table's columns have units of their own, the numbers of a picture have one.
        scaling = Normalization() if x.ndim == 2 else Rescaling.fitted(x[train])
        layers = Flatten(), scaling, Dense(_HIDDEN, "relu"), Dropout(_DROPOUT)
        model = Model(Sequential((*layers, Dense(classes, "softmax"))), x.shape[1:], seed=seed)
        model.compile("adam", "sparse_categorical_crossentropy")
        model.fit(x[train], labels[train], _BATCH, _EPOCHS, verbose=0)
        found[judged] = model.predict(x[judged])
    return found


def suspects(labels: np.ndarray, probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(rows whose label is likely wrong, the label suggested for each), the likeliest first.

    t_c = mean of p(c) over the examples labelled c. As many are suspect as there are examples whose
    label is not the likeliest of the classes with p(c) ≥ t_c; and it is those with the lowest
    p(label), as long as another class is likelier. Why not those examples: docs/decisions/0009.
    """
    classes = probabilities.shape[1]
    given = probabilities[np.arange(len(labels)), labels]
    counts = np.bincount(labels, minlength=classes)
    thresholds = np.bincount(labels, given, minlength=classes) / np.maximum(counts, 1)
    confident = np.where(probabilities >= thresholds, probabilities, -1.0)
    sure = confident.max(axis=1) >= 0
    number = np.count_nonzero(sure & (confident.argmax(axis=1) != labels))
    suggested = probabilities.argmax(axis=1)
    rows = np.flatnonzero(suggested != labels)
    rows = rows[np.argsort(given[rows], kind="stable")][:number]
    return rows, suggested[rows]
