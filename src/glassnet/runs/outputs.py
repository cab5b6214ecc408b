"""The outputs of a run's network on its own data, computed once and shared by all commands."""

import hashlib
import logging
from collections.abc import Mapping
from functools import cached_property

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError
from glassnet.core.tensor_file import open_tensors, write_tensors
from glassnet.data import Corpus, Dataset
from glassnet.evaluate.probabilities import (
    mean_loss,
    names_of,
    probabilities_of,
    scores_are,
    scores_of,
)
from glassnet.model.model import Model
from glassnet.runs.data import Split, TrainingData
from glassnet.runs.run import Run

log = logging.getLogger(__name__)

OUTPUTS_FILE = "outputs.safetensors"


class RunOutputs:
    """A run's model and data, and the model's outputs on them; each is loaded on first access.

    The outputs are stored in the run, and read from there if model and data are unchanged. Raises
    GlassnetError for a network without one output per class and, with `same_data`, for data that
    have changed since the run; else a note is logged.
    """

    def __init__(
        self, folder: str, data_dir: str | None = None, *, same_data: bool = False
    ) -> None:
        self.run = Run(folder)
        self._data_dir, self._same_data = data_dir, same_data
        self.run.warn_if_unfinished()

    @cached_property
    def model(self) -> Model:
        """The trained model."""
        return Model.load(self.run.model)

    @cached_property
    def training_data(self) -> TrainingData:
        """The run's data, as the network reads them."""
        data = TrainingData.of_run(self.run, self.model, self._data_dir)
        if self._differs(data.dataset):
            what = "has changed since this run was trained"
            if self._same_data:
                raise GlassnetError(
                    f"{what}.",
                    where=data.dataset.source,
                    fix="Give the folder of the original data with --data-dir, or train a new run.",
                )
            log.warning(f"note: {data.dataset.source} {what}")
        return data

    @property
    def data_changed(self) -> bool:
        """True if the data have changed since the run was trained and tested."""
        return self._differs(self.training_data.dataset)

    @property
    def data(self) -> Dataset:
        """The data set. Like the properties below, raises if data or network have no classes."""
        return self._with_classes.dataset

    @property
    def test(self) -> Split:
        """The test set."""
        return self._with_classes.test

    @property
    def validation(self) -> Split:
        """The validation split; it may be empty."""
        return self._with_classes.validation

    @cached_property
    def class_names(self) -> tuple[str, ...]:
        """The names of the classes, or their numbers as text."""
        return names_of(self.model)

    def scores(self, part: str = "test") -> Array:
        """Return the inputs of the loss, (N, C): logits, unless the loss takes probabilities."""
        return self._scores[part]

    def probabilities(self, part: str = "test") -> Array:
        """Return the probability of each class, (N, C). Raises if `has_probabilities` is false."""
        return probabilities_of(self.model, self.scores(part), str(self.run.folder))

    @property
    def has_probabilities(self) -> bool:
        """True if the outputs are probabilities that sum to 1, or their logits."""
        return scores_are(self.model) is not None

    def loss(self, part: str = "test") -> float:
        """Return the mean loss of the examples plus the weight penalties, as in training."""
        split = self._split(part)
        return mean_loss(self.model, self.scores(part), split.x, split.y)

    # -- inside ---------------------------------------------------------------------------------

    @cached_property
    def _with_classes(self) -> TrainingData:
        if isinstance(self.training_data.dataset, Corpus) or len(self.model.output_shape) != 1:
            raise GlassnetError("has no classes.", where=str(self.run.folder))
        if (task := self.training_data.dataset.task) != "classes":
            raise GlassnetError(
                f"predicts {task}; this is for classes.",
                where=str(self.run.folder),
                fix="glassnet evaluate and predict take runs of every kind.",
            )
        return self.training_data

    def _split(self, part: str) -> Split:
        return self.test if part == "test" else self.validation

    def _differs(self, dataset: Dataset) -> bool:
        return dataset.sha256 != self.run.data_reference().sha256

    @cached_property
    def _scores(self) -> Mapping[str, Array]:
        data, model = self.data, self.model
        model_hash = hashlib.sha256(self.run.model.read_bytes()).hexdigest()
        hashes = {"model": model_hash, "data": data.sha256}
        shape = model.output_shape
        parts = {"test": self.test, "validation": self.validation}
        kinds = {
            part: ((len(split), *shape), model.dtype) for part, split in parts.items() if split
        }
        path = self.run.folder / OUTPUTS_FILE
        if path.exists():
            try:
                with open_tensors(path) as stored:
                    if all(stored.header.get(key) == value for key, value in hashes.items()):
                        return stored.read(kinds)
            except GlassnetError:
                pass  # damaged: computed again
        scores = {part: scores_of(model, parts[part].x) for part in kinds}
        try:
            write_tensors(path, hashes, scores)
        except GlassnetError as error:  # storing them only saves time
            log.warning(f"note: {error}")
        return scores
