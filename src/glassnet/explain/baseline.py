"""The default baselines: what stands for "no information" in the inputs of a model."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.core.arrays import as_numbers, as_tuple, map_arrays
from glassnet.data.preprocessing import Input, Preprocessing
from glassnet.layers import CategoryEmbedding
from glassnet.model.model import Model
from glassnet.model.readers import preprocessing_of, rows_of
from glassnet.training.checks.inputs import embedding_inputs

_IDS = "the same tokens with vectors of 0"
_ROW = "the mean training row"


@dataclass(frozen=True, eq=False)
class Baseline:
    """The baseline of each input, the range of an edit's values, and in words what they are."""

    values: Any  # as x; None: 0, and vectors of 0 for ids
    words: str
    bounds: tuple[Any, Any] | None = None
    counts: Sequence[Any] | None = None  # of the values of the columns of a CategoryEmbedding


def default_baseline(model: Model, training: Any) -> Baseline:
    """Return the baseline of a model for which `training` are rows x, or None.

    Images: their background; of those without one, mid-gray. Tables: the mean training row; of an
    embedded category, the mean of its vectors. Tokens: vectors of 0 for those of the example.
    Clips: 0, the mean of all training clips. The bounds are the range of images and of columns.
    """
    if model.about.get("preprocessing") is not None:
        images = preprocessing_of(model, "model")
        words = "mid-gray" if images.background == "none" else "the background of the images"
        return Baseline(images.background_value, words, (images.low, images.high))
    if training is not None:
        training = map_arrays(lambda part: as_numbers(part, "training"), training)
    if isinstance(model.about.get("rows"), dict) and model.about.get("kind") != "interactions":
        rows = rows_of(model, "the model")
        if rows.of_features and not rows.means and training is not None:
            rows = rows.with_means(as_tuple(training)[0])
        return _of_rows(rows, training)
    if "tokenizer" in model.about:
        return Baseline(None, _IDS)
    ids = {number for number, _ in embedding_inputs(model.network)}
    if training is None:
        return Baseline(None, _IDS if ids else "0 everywhere")
    if model.network.inputs == 1 and not ids and training.ndim > 2:
        return Baseline(None, "0 everywhere", (training.min(), training.max()))
    means: tuple[Any, ...] = tuple(
        None if n in ids else a.mean(axis=0) for n, a in enumerate(as_tuple(training))
    )
    if model.network.inputs > 1 or ids:
        words = f"{_ROW}; of ids, {_IDS}" if ids else _ROW
        return Baseline(means if len(means) > 1 else means[0], words)
    for _, layer in model.network.walk():
        if isinstance(layer, CategoryEmbedding):
            pairs = zip(layer.columns, layer.sizes, strict=True)
            counts = [np.bincount(training[:, c].astype(int), minlength=n) for c, n in pairs]
            means[0][list(layer.columns)] = 0  # numbers of categories have no mean
            return Baseline(means[0], _ROW, counts=counts)
    return Baseline(means[0], _ROW, (training.min(axis=0), training.max(axis=0)))


def _of_rows(rows: Preprocessing, training: Any) -> Baseline:
    """Return the baseline of the columns of a table."""
    values: list[Any] = []
    words = []
    for part in rows.inputs:
        value, meaning = _of_input(part, rows)
        values.append(value)
        words.append((part.name, meaning))
    if len(values) > 1:
        texts = [f"{meaning}{f' ({name})' * (name != 'features')}" for name, meaning in words]
        return Baseline(tuple(values), "; ".join(texts), counts=rows.counts or None)
    bounds = None
    if training is not None and rows.inputs[0].kind == "features" and not rows.features.embedded:
        bounds = training.min(axis=0), training.max(axis=0)
    elif training is not None and rows.inputs[0].kind in ("image", "audio"):
        bounds = training.min(), training.max()
    return Baseline(values[0], words[0][1], bounds, rows.counts or None)


def _of_input(part: Input, rows: Preprocessing) -> tuple[Any, str]:
    """Return (the baseline of one input, what it is in words)."""
    if part.kind == "features":
        if rows.means:
            return np.array(rows.means), _ROW
        return None, "the mean of each number, no category (the model is from an older version)"
    if part.kind == "text":
        return None, _IDS
    if part.kind == "image":
        return 127.5, "mid-gray"
    return 0.0, "the mean of all training clips"
