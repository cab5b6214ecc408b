"""A training's data: loaded, split, and brought to the form that its network reads."""

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np

from glassnet import losses
from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError, unknown
from glassnet.data import Corpus, Dataset, Texts, load
from glassnet.data.splits import folds, grouped_split, stratified_split, tail_split
from glassnet.data.text import tokenizer
from glassnet.model.model import Model
from glassnet.model.readers import tokenizer_of
from glassnet.runs.run import CONFIG_FILE, Run, settings_of
from glassnet.runs.settings import Reading, Settings, require_readable
from glassnet.training.checks.targets import to_categorical

log = logging.getLogger(__name__)

TABLE = ("text_column", "label_column", "test_file")  # what settings say of a table of texts


@dataclass(frozen=True, eq=False)
class Split:
    """Some examples of a data set: to train on, held out, or to test on."""

    x: Array
    labels: Array
    y: Array  # the labels as the loss takes them: as they are, or one-hot
    texts: Sequence[str] = ()  # what x was made of, if it was texts
    rows: Array | None = None  # in the training set; None of the test set

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class TrainingData:
    """A data set as the network of the settings reads it, and its splits."""

    settings: Settings
    dataset: Dataset
    folder: str | None = None  # where the data set was looked for, if a folder was named

    @classmethod
    def load(cls, settings: Settings, folder: str | None = None, sha256: str | None = None) -> Self:
        """The data that the settings name, which are to have this hash if one is given."""
        dataset = load_dataset(settings, folder)
        if sha256 not in (None, dataset.sha256):
            raise GlassnetError(
                f"{dataset.name} is not what it was when the run began.",
                where=dataset.source,
                fix="Bring the data back as they were, or train anew.",
            )
        return cls(settings, dataset, folder).tokenized()

    @classmethod
    def of_run(cls, run: Run, model: Model, folder: str | None = None) -> Self:
        """A run's data, from the folder given now or the one given then, as its model reads them.

        Nothing was held out from an imported model.
        """
        folder, settings = folder or run.trained_on()[1], settings_of(run)
        if "imported" in run.read(CONFIG_FILE):
            settings = replace(settings, validation_split=0.0)
        dataset = load_dataset(settings, folder)
        if isinstance(dataset, Texts | Corpus):
            dataset = dataset.tokenized(tokenizer_of(model, str(run.folder)))
        return cls(settings, dataset, folder)

    def tokenized(self) -> Self:
        """The same, texts read as the settings say; words are learned from the training split."""
        data = self.dataset
        require_readable(self.settings.network, data.kind, data.name)
        reading = self.settings.of(Reading)
        chosen = [name for name in ("tokenizer", "max_length", "vocabulary") if name in reading]
        if isinstance(data, Corpus):
            if reading.get("tokenizer", "byte") != "byte" or "vocabulary" in reading:
                raise GlassnetError("a long text is read as bytes.", where=f"--{chosen[0]}")
            if "max_length" in reading:
                data = data.tokenized(tokenizer.ByteTokenizer(reading["max_length"]))
        elif isinstance(data, Texts):
            kind = reading.get("tokenizer", tokenizer.KINDS[0])
            learned = [data.texts_train[row] for row in self._rows[0]]
            sizes = reading.get("max_length"), reading.get("vocabulary")
            data = data.tokenized(tokenizer.fitted(kind, learned, *sizes))
            if data.cut:
                cut = f"{data.cut:,} of {len(data.texts_train) + len(data.texts_test):,}"
                log.info(f"{cut} texts are cut off after {data.tokenizer.length} {kind}s")
        elif chosen:
            option = f"--{chosen[0].replace('_', '-')}"
            raise GlassnetError(f"is for texts; {data.name} holds numbers.", where=option)
        return replace(self, dataset=data)

    @cached_property
    def train(self) -> Split:
        """The examples to train on."""
        return self._training_rows(self._rows[0])

    @cached_property
    def validation(self) -> Split:
        """The examples held out from the training set; it may be empty."""
        return self._training_rows(self._rows[1])

    @cached_property
    def test(self) -> Split:
        """The examples to test on; of a fold, that part of the training set."""
        data = self.dataset
        texts = data.texts_test if isinstance(data, Texts) else ()
        return Split(data.x_test, data.y_test, self._targets(data.y_test), texts)

    @property
    def class_weight(self) -> dict[int, float] | None:
        """How much an example of each class counts, if classes count differently."""
        return class_weights(self.settings, self.train.labels)

    @property
    def sample_weight(self) -> Array | None:
        """How much each example of the training split counts, if the data set says so."""
        weights = self.dataset.weights
        return None if weights is None else weights[self.train.rows]

    def record(self) -> dict[str, Any]:
        """What a run's configuration says of its data."""
        return data_record(self.dataset, self.folder)

    @cached_property
    def _rows(self) -> tuple[Array, Array]:
        """Rows to train on, and of each class its share of rows to hold out; of a long text, its
        end.
        """
        data, share = self.dataset, self.settings.validation_split
        if not share:
            return np.arange(len(data.x_train)), np.arange(0)
        if isinstance(data, Corpus):
            return tail_split(len(data.x_train), share)
        if data.groups is not None:
            return grouped_split(data.y_train, data.groups, share, self.settings.seed)
        return stratified_split(data.y_train, share, self.settings.seed)

    def _training_rows(self, rows: Array) -> Split:
        data = self.dataset
        labels = data.y_train[rows]
        texts = [data.texts_train[row] for row in rows] if isinstance(data, Texts) else ()
        return Split(data.x_train[rows], labels, self._targets(labels), texts, rows)

    def _targets(self, labels: Array) -> Array:
        data, loss = self.dataset, self.settings.loss
        if losses.get(loss).labels:
            return labels
        if isinstance(data, Corpus):
            raise GlassnetError(
                f"{loss} wants {data.outputs} numbers for every byte of {data.name}.",
                where="--loss",
                fix="sparse_categorical_crossentropy takes the bytes themselves.",
            )
        return to_categorical(labels, data.outputs)


def load_dataset(settings: Settings, folder: str | None = None) -> Dataset:
    """The data set that the settings name; of a fold, with that part of the training rows as test
    set.
    """
    reading = settings.of(Reading)
    data = load(settings.data, folder, **{key: reading.get(key) for key in TABLE})
    count, fold = settings.folds, settings.fold
    if count is None or fold is None:
        return data
    if isinstance(data, Corpus):
        raise GlassnetError("a long text has no examples to share out.", where="--folds")
    if not 1 <= fold <= count:
        raise GlassnetError(f"there is no fold {fold} of {count}.", where="--folds")
    return data.held_out(*folds(data.y_train, count, settings.seed, data.groups)[fold - 1])


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


def class_weights(settings: Settings, y: Array) -> dict[int, float] | None:
    """How much an example of each class counts: with "balanced", each class as much as the others.

    N / (C · n_c), as scikit-learn.
    """
    if settings.class_weight is None:
        return None
    if settings.class_weight != "balanced":
        raise unknown("weighting", settings.class_weight, ("balanced",), where="--class-weight")
    if y.ndim > 1:
        raise GlassnetError("is for examples with one label.", where="--class-weight")
    counts = np.bincount(y)
    return {label: len(y) / (len(counts) * int(n)) for label, n in enumerate(counts) if n}
