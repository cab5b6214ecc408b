"""The data of a training: loaded, split and tokenized as its network reads them."""

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np

from glassnet import losses
from glassnet.core.arrays import Array, take
from glassnet.core.errors import GlassnetError
from glassnet.core.plurals import are
from glassnet.data import Corpus, Dataset, Facts, Interactions, Rows, Texts, facts_of, load
from glassnet.data.events import TASK
from glassnet.data.splits import folds, grouped_split, stratified_split, tail_split
from glassnet.data.text import tokenizer
from glassnet.data.text.words import unspaced_share
from glassnet.model.model import Model
from glassnet.model.readers import rows_of, tokenizer_of
from glassnet.runs.class_weight import class_weights
from glassnet.runs.defaults import OF_ROWS, default_batch_size, default_epochs, require_readable
from glassnet.runs.run import CONFIG_FILE, Run, settings_of
from glassnet.runs.same_outputs import require_same_outputs
from glassnet.runs.settings import Columns, Reading, Settings, choose
from glassnet.runs.source import Source
from glassnet.training.checks.targets import to_categorical

log = logging.getLogger(__name__)

_UNSPACED = 0.1  # share of characters of such scripts that is worth a message


@dataclass(frozen=True, eq=False)
class Split:
    """The training, validation or test split of a data set."""

    x: Any  # an array, or a tuple of arrays
    labels: Array
    y: Array  # the targets of the loss: the labels, or the labels one-hot
    texts: Sequence[str] = ()  # from which x was tokenized, if the data are texts
    rows: Array | None = None  # in the training set; None for the test set

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class TrainingData:
    """A data set, tokenized for the network of the settings, and its splits."""

    settings: Settings
    dataset: Dataset
    folder: str | None = None  # that was searched for the data, if one was given
    source: Source | None = None  # the model to start from, if not from random weights

    @property
    def weighted(self) -> bool:
        """True if examples have weights of their own or of their class."""
        return self.class_weight is not None or self.sample_weight is not None

    @property
    def batch_size(self) -> int:
        """The number of examples per step: that of the settings, else by the number of rows."""
        settings = self.settings
        if settings.batch_size is not None:
            return settings.batch_size
        return default_batch_size(settings.network, len(self.rows[0]))

    @classmethod
    def load(
        cls,
        settings: Settings,
        folder: str | None = None,
        sha256: str | None = None,
        start: Path | None = None,
        dataset: Dataset | None = None,
    ) -> Self:
        """Load the data that the settings name, and the model that they start from, if one.

        Raises if the data don't have this hash. `start` is the folder of a run to be resumed; a
        `dataset` was loaded before.
        """
        source = Source.of(settings, start)
        if dataset is None:
            dataset = load_dataset(settings, folder, sha256)
        return cls(settings, dataset, folder, source).read()

    @classmethod
    def of_run(cls, run: Run, model: Model, folder: str | None = None) -> Self:
        """Load a run's data, as its model reads them, from `folder` or the folder used in training.

        An imported model has no validation split.
        """
        folder, settings = folder or run.data_reference().folder, settings_of(run)
        if "imported" in run.read(CONFIG_FILE):
            settings = replace(settings, validation_split=0.0)
        dataset = load_dataset(settings, folder)
        require_same_outputs(run, model, dataset)
        if isinstance(dataset, Texts | Corpus):
            dataset = dataset.tokenized(tokenizer_of(model, str(run.folder)))
        if isinstance(dataset, Rows):
            dataset = dataset.preprocessed(rows_of(model, str(run.folder)))
        return cls(settings, dataset, folder)

    def read(self) -> Self:
        """Return the data as the network reads them.

        The vocabulary of texts and the preprocessing of tables are those of the training split, or
        of the model to start from.
        """
        data = self.dataset
        require_readable(self.settings.network, data.kind, data.name)
        if self.source is not None:
            self.source.require_kind(data.kind, data.name)
            if isinstance(data, Interactions):
                raise GlassnetError("is not for recommenders: train on all events.", where="--from")
            if isinstance(data, Texts | Corpus):
                return replace(
                    self, dataset=data.tokenized(tokenizer_of(self.source.model, self.source.path))
                )
            if isinstance(data, Rows):
                columns = rows_of(self.source.model, self.source.path).columns
                return replace(self, dataset=data.fitted(self.rows[0], columns))
        reading = self.settings.of(Reading)
        options = [name for name in ("tokenizer", "max_length", "vocabulary") if name in reading]
        if isinstance(data, Corpus):
            if reading.get("tokenizer", "byte") != "byte" or "vocabulary" in reading:
                raise GlassnetError(
                    "one long text is always read as bytes.", where=f"--{options[0]}"
                )
            if "max_length" in reading:
                data = data.tokenized(tokenizer.ByteTokenizer(reading["max_length"]))
        elif isinstance(data, Texts):
            kind = reading.get("tokenizer", tokenizer.KINDS[0])
            texts = [data.texts_train[row] for row in self.rows[0]]
            sizes = reading.get("max_length"), reading.get("vocabulary")
            data = data.tokenized(tokenizer.fitted(kind, texts, *sizes))
            if kind == "word" and unspaced_share(texts) > _UNSPACED:
                log.info(
                    "the texts are largely in a script without spaces between words, such as "
                    "Chinese, Japanese or Thai: each character is read as a word (--tokenizer byte "
                    "reads bytes)"
                )
            if data.cut:
                cut = f"{data.cut:,} of {len(data.texts_train) + len(data.texts_test):,}"
                log.info(
                    f"{cut} texts {are(data.cut)} truncated to {data.tokenizer.length} {kind}s"
                )
        elif isinstance(data, Rows) and (not options or data.has_texts):
            data = data.fitted(self.rows[0], reading=reading)
        elif options:
            option = f"--{options[0].replace('_', '-')}"
            raise GlassnetError(f"is for texts; {data.name} has none.", where=option)
        return replace(self, dataset=data)

    @cached_property
    def train(self) -> Split:
        """The training split."""
        return self._training_rows(self.rows[0])

    @cached_property
    def validation(self) -> Split:
        """The validation split, held out from the training set; it may be empty."""
        split, data = self._training_rows(self.rows[1]), self.dataset
        if isinstance(data, Interactions) and split:
            x, y = data.earlier_and_later(self.rows[1])
            return replace(split, x=x, labels=y, y=y)
        return split

    @cached_property
    def test(self) -> Split:
        """The test set; of a fold, its part of the training set."""
        data = self.dataset
        texts = data.texts_test if isinstance(data, Texts) else ()
        return Split(data.x_test, data.y_test, self._targets(data.y_test), texts)

    @property
    def class_weight(self) -> dict[int, float] | None:
        """The weight of each class in the loss; None if all classes have weight 1."""
        return class_weights(self.settings, self.train.labels)

    @property
    def sample_weight(self) -> Array | None:
        """The weight of each training example in the loss; None if the data set has no weights."""
        weights = self.dataset.weights
        return None if weights is None else weights[self.train.rows]

    @cached_property
    def rows(self) -> tuple[Array, Array]:
        """Training rows and validation rows: those of the data, or stratified by class; of what has
        an order, its end.
        """
        data, share = self.dataset, self.settings.validation_split
        count = len(data.y_train)
        if not share:
            return np.arange(count), np.arange(0)
        if data.validation_rows is not None:
            if share != Settings.validation_split:
                raise GlassnetError(
                    f"{data.name} has {len(data.validation_rows):,} validation rows of its own.",
                    where="--validation-split",
                    fix="Leave it out; 0 trains on those rows, too.",
                )
            return np.delete(np.arange(count), data.validation_rows), data.validation_rows
        if data.in_order:
            return tail_split(count, share)
        if data.groups is not None:
            return grouped_split(data.strata, data.groups, share, self.settings.seed)
        return stratified_split(data.strata, share, self.settings.seed)

    def _training_rows(self, rows: Array) -> Split:
        data = self.dataset
        labels = data.y_train[rows]
        texts = [data.texts_train[row] for row in rows] if isinstance(data, Texts) else ()
        return Split(take(data.x_train, rows), labels, self._targets(labels), texts, rows)

    def _targets(self, labels: Array) -> Array:
        data, loss = self.dataset, self.settings.loss
        takes_labels = losses.get(loss).labels
        if data.task != "classes" and takes_labels:
            what = f"{loss} is for classes; here {data.task} are predicted."
            raise GlassnetError(what, where="--loss")
        if takes_labels or data.task != "classes":
            return labels
        if isinstance(data, Corpus):
            what = f"{loss} needs {data.outputs} numbers for every byte of {data.name}."
            fix = "Choose sparse_categorical_crossentropy, which takes the bytes themselves."
            raise GlassnetError(what, where="--loss", fix=fix)
        return to_categorical(labels, data.outputs)


def chosen_settings(data: str, network: str | None = None, **options: Any) -> Settings:
    """Return the settings for a data set: these options, else the defaults for what it holds."""
    facts = facts_of(data, **choices_of({"network": network} | options))
    return settings_for(data, facts, network, **options)


def settings_for(data: str, facts: Facts, network: str | None = None, **options: Any) -> Settings:
    """Return the settings for a data set of which these facts are known."""
    kind, task, rows = facts
    settings = choose(data, kind, network, predicts=task, **options)
    if kind in OF_ROWS and rows is not None and options.get("epochs") is None:
        epochs = default_epochs(settings.network, kind, rows, settings.batch_size)
        return replace(settings, epochs=epochs)
    return settings


def choices_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options for tables among the options of a training, as `load` takes them."""
    names = [field.name for field in fields(Columns)]
    choices = {name: value for name in names if (value := options.get(name)) is not None}
    if options.get("network") == "recommender":
        choices.setdefault("task", TASK)
    if "column" in choices:
        pairs = [column.rpartition("=") for column in choices.pop("column")]
        for name, _, kind in pairs:
            if not name:
                raise GlassnetError(
                    f"must be NAME=TYPE, got {kind!r:.80}.",
                    where="--column",
                    fix="For example --column age=number.",
                )
        choices["columns"] = {name: kind for name, _, kind in pairs}
    return choices


def load_dataset(
    settings: Settings, folder: str | None = None, sha256: str | None = None
) -> Dataset:
    """Load the data set that the settings name; for a fold, its rows become the test set.

    Raises if it doesn't have this hash.
    """
    data = load(settings.data, folder, **choices_of(settings.of(Columns)))
    data = fold_of(data, settings)
    if sha256 not in (None, data.sha256):
        raise GlassnetError(
            f"{data.name} has changed since the run was started.",
            where=data.source,
            fix="Restore the original data, or train a new run.",
        )
    return data


def batch_size_of_folds(settings: Settings, data: Dataset) -> int:
    """Return the batch size of every fold of a cross-validation of the data.

    It is the same for all, so that a fold does not depend on which one is trained first. Raises
    GlassnetError if the data can't be split into the folds.
    """
    require_readable(settings.network, data.kind, data.name)
    rows, count = [], settings.folds
    assert count is not None
    for number in range(1, max(count, 1) + 1):
        fold = replace(settings, fold=number)
        parts = TrainingData(fold, fold_of(data, fold))
        if settings.batch_size is not None:
            return settings.batch_size
        rows.append(len(parts.rows[0]))
    return default_batch_size(settings.network, *rows)


def fold_of(data: Dataset, settings: Settings) -> Dataset:
    """Return the data set of the settings' fold, whose rows are the test set; the whole if none."""
    count, fold = settings.folds, settings.fold
    if count is None or fold is None:
        return data
    if data.in_order:
        what = "one long text" if isinstance(data, Corpus) else "a table in the order of time"
        raise GlassnetError(f"{what} can't be split into folds.", where="--folds")
    if not 1 <= fold <= count:
        raise GlassnetError(f"fold {fold} of {count} does not exist.", where="--folds")
    return data.held_out(*folds(data.strata, count, settings.seed, data.groups)[fold - 1])


def data_record(data: Dataset, folder: str | None) -> dict[str, Any]:
    """Return the entry `data` of a run's `config.json`."""
    return {
        "name": data.name,
        "source": data.source,
        "folder": os.path.abspath(folder) if folder else None,
        "sha256": data.sha256,
        "train": len(data.y_train),
        "test": len(data.y_test),
    }
