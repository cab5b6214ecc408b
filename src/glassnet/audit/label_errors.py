"""Likely label errors: how many by confident learning, which by the probability of the label.

Source: Northcutt, Jiang & Chuang, "Confident learning: estimating uncertainty in dataset labels",
2021. Why cleanlab is not used: docs/decisions/0009.
"""

import logging

import numpy as np

from glassnet.data.splits import folds
from glassnet.layers import Dense, Dropout, Flatten, Normalization, Rescaling, Sequential
from glassnet.model.model import Model

log = logging.getLogger(__name__)

_FOLDS = 5
_EPOCHS = 5  # few: a network trained for longer memorizes wrong labels
_BATCH = 64
_HIDDEN = 128
_DROPOUT = 0.2


def out_of_fold(x: np.ndarray, labels: np.ndarray, classes: int, seed: int) -> np.ndarray:
    """The class probabilities (N, C) of each example, by small networks not trained on it."""
    count = int(min(_FOLDS, np.bincount(labels).min()))
    probabilities = np.empty((len(x), classes), np.float32)
    for number, (train, validation) in enumerate(folds(labels, count, seed)):
        log.info(f"searching for label errors: network {number + 1} of {count}")
        # The columns of a table differ in their units; the pixels of an image share one.
        scaling = Normalization() if x.ndim == 2 else Rescaling.fitted(x[train])
        layers = Flatten(), scaling, Dense(_HIDDEN, "relu"), Dropout(_DROPOUT)
        model = Model(Sequential((*layers, Dense(classes, "softmax"))), x.shape[1:], seed=seed)
        model.compile("adam", "sparse_categorical_crossentropy")
        model.fit(x[train], labels[train], _BATCH, _EPOCHS, verbose=0)
        probabilities[validation] = model.predict(x[validation])
    return probabilities


def suspects(labels: np.ndarray, probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (rows of likely label errors, suggested labels), the likeliest errors first.

    t_c = mean of p(c) over the examples labeled c. The number of suspects is the number of examples
    whose label is not the likeliest of the classes with p(c) ≥ t_c. The suspects are the examples
    with the lowest p(label) among those for which another class is likelier. Why these and not the
    counted ones: docs/decisions/0009.
    """
    classes = probabilities.shape[1]
    own = probabilities[np.arange(len(labels)), labels]
    counts = np.bincount(labels, minlength=classes)
    thresholds = np.bincount(labels, own, minlength=classes) / np.maximum(counts, 1)
    confident = np.where(probabilities >= thresholds, probabilities, -1.0)
    is_confident = confident.max(axis=1) >= 0
    number = np.count_nonzero(is_confident & (confident.argmax(axis=1) != labels))
    suggested = probabilities.argmax(axis=1)
    rows = np.flatnonzero(suggested != labels)
    rows = rows[np.argsort(own[rows], kind="stable")][:number]
    return rows, suggested[rows]
