"""A run's data: loaded, split, and brought to the form that its network reads."""

import logging
import os
from typing import Any

import numpy as np

from glassnet import losses
from glassnet.core.errors import GlassnetError
from glassnet.data import Corpus, Dataset, Texts, load
from glassnet.data.splits import folds, grouped_split, stratified_split, tail_split
from glassnet.data.text import tokenizer
from glassnet.model.model import Model
from glassnet.model.readers import tokenizer_of
from glassnet.runs.run import Run, settings_of
from glassnet.runs.settings import Reading, Settings, require_readable
from glassnet.training.checks.targets import to_categorical

log = logging.getLogger(__name__)

TABLE = ("text_column", "label_column", "test_file")  # what settings say of a table of texts


def loaded(settings: Settings, data_dir: str | None) -> Dataset:
    """The data set of the settings; of a fold, with that part of the training rows to judge on."""
    reading = settings.of(Reading)
    table = {key: reading.get(key) for key in TABLE}
    data = load(settings.data, data_dir, **table)
    return folded(data, settings.folds, settings.fold, settings.seed)


def folded(data: Dataset, count: int | None, fold: int | None, seed: int) -> Dataset:
    """The data, a fold of the training rows (from 1) in the test set's place if one is named."""
    if count is None or fold is None:
        return data
    if isinstance(data, Corpus):
        raise GlassnetError("a long text has no examples to share out.", where="--folds")
    if not 1 <= fold <= count:
        raise GlassnetError(f"there is no fold {fold} of {count}.", where="--folds")
    return data.held_out(*folds(data.y_train, count, seed, data.groups)[fold - 1])


def data_record(data: Dataset, folder: str | None) -> dict[str, Any]:
    """What a run's configuration says of its data."""
    return {
        "name": data.name,
        "source": data.source,
        "folder": os.path.abspath(folder) if folder else None,
        "sha256": data.sha256,
        "train": len(data.x_train),
        "test": len(data.x_test),
    }


def prepared(settings: Settings, data: Dataset) -> tuple[Dataset, Any, Any]:
    """(the data as the network reads them, rows to train on, rows held out).

    Of texts, the tokenizer is fitted to the rows that are trained on, and to no others.
    """
    require_readable(settings.network, data.kind, data.name)
    reading = settings.of(Reading)
    chosen = [name for name in ("tokenizer", "max_length", "vocabulary") if name in reading]
    if isinstance(data, Corpus):
        if reading.get("tokenizer", "byte") != "byte" or "vocabulary" in reading:
            raise GlassnetError("a long text is read as bytes.", where=f"--{chosen[0]}")
        if "max_length" in reading:
            data = data.tokenized(tokenizer.ByteTokenizer(reading["max_length"]))
    elif not isinstance(data, Texts) and chosen:
        option = f"--{chosen[0].replace('_', '-')}"
        raise GlassnetError(f"is for texts; {data.name} holds numbers.", where=option)
    rows, held_out = rows_of(settings, data)
    if isinstance(data, Texts):
        kind = reading.get("tokenizer", tokenizer.KINDS[0])
        learned = [data.texts_train[row] for row in rows]
        sizes = reading.get("max_length"), reading.get("vocabulary")
        data = data.tokenized(tokenizer.fitted(kind, learned, *sizes))
        if data.cut:
            total = len(data.texts_train) + len(data.texts_test)
            log.info(
                f"{data.cut:,} of {total:,} texts are cut off after {data.tokenizer.length} {kind}s"
            )
    return data, rows, held_out


def rows_of(settings: Settings, data: Dataset) -> tuple[Any, Any]:
    """Rows to train on, and of each class its share of rows to watch; of a long text, its end."""
    if not settings.validation_split:
        return np.arange(len(data.x_train)), np.arange(0)
    if isinstance(data, Corpus):
        return tail_split(len(data.x_train), settings.validation_split)
    if data.groups is not None:
        return grouped_split(data.y_train, data.groups, settings.validation_split, settings.seed)
    return stratified_split(data.y_train, settings.validation_split, settings.seed)


def targets_for(loss: str, data: Dataset) -> tuple[Any, Any]:
    """The labels as the loss takes them: as they are, or one-hot."""
    if losses.get(loss).labels:
        return data.y_train, data.y_test
    if isinstance(data, Corpus):
        raise GlassnetError(
            f"{loss} wants {data.outputs} numbers for every byte of {data.name}.",
            where="--loss",
            fix="sparse_categorical_crossentropy takes the bytes themselves.",
        )
    return to_categorical(data.y_train, data.outputs), to_categorical(data.y_test, data.outputs)


def data_of(run: Run, model: Model, data_dir: str | None) -> Dataset:
    """The data set of a run, from the folder given now or the one given then, as its model reads
    it.
    """
    _, folder, _, _ = run.trained_on()
    data = loaded(settings_of(run), data_dir or folder)
    if isinstance(data, Texts | Corpus):
        return data.tokenized(tokenizer_of(model, str(run.folder)))
    return data
