"""What a run's network says of its own data: one pass, which all later commands share."""

import hashlib
import logging
from collections.abc import Mapping
from functools import cached_property

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError
from glassnet.core.tensor_file import open_tensors, write_tensors
from glassnet.data import Corpus, Dataset
from glassnet.evaluate.probabilities import names_of, probabilities_of, scores_are, scores_of
from glassnet.model.model import Model
from glassnet.runs.data import Split, TrainingData
from glassnet.runs.run import Run

log = logging.getLogger(__name__)

OUTPUTS_FILE = "outputs.safetensors"


class RunOutputs:
    """A run's model and data, and what the one says of the other; each is made when asked for.

    The outputs are kept in the run, and taken from there as long as model and data are the same.
    Raises GlassnetError for a network that does not put out one number for each class; with
    `same_data`, also for data that changed since the run, of which otherwise a note is made.
    """

    def __init__(
        self, folder: str, data_dir: str | None = None, *, same_data: bool = False
    ) -> None:
        self.run = Run(folder)
        self._data_dir, self._same_data = data_dir, same_data
        if unfinished := self.run.unfinished:
            log.warning(f"note: {folder}: {unfinished} {self.run.to_go_on}".rstrip())

    @cached_property
    def model(self) -> Model:
        """The network with its weights."""
        return Model.load(self.run.model)

    @cached_property
    def training_data(self) -> TrainingData:
        """The data, as the network reads them."""
        data = TrainingData.of_run(self.run, self.model, self._data_dir)
        if self._is_other(data.dataset):
            what = "no longer holds the data of this run"
            if self._same_data:
                raise GlassnetError(
                    f"{what}.",
                    where=data.dataset.source,
                    fix=f"Say with --data-dir where they are, or train {self.run.folder} anew.",
                )
            log.warning(f"note: {data.dataset.source} {what}")
        return data

    @property
    def data_changed(self) -> bool:
        """Whether the data are others than those that the run was trained and tested on."""
        return self._is_other(self.training_data.dataset)

    @property
    def data(self) -> Dataset:
        """The data set. Like what follows, raises if it or the network has no classes."""
        return self._with_classes.dataset

    @property
    def test(self) -> Split:
        """The test examples."""
        return self._with_classes.test

    @property
    def validation(self) -> Split:
        """The training examples that were held out; it may be empty."""
        return self._with_classes.validation

    @cached_property
    def class_names(self) -> tuple[str, ...]:
        """The names of the classes, or their numbers."""
        return names_of(self.model)

    def scores(self, part: str = "test") -> Array:
        """What the loss is computed from, (N, C): logits, unless the loss takes probabilities."""
        return self._scores[part]

    def probabilities(self, part: str = "test") -> Array:
        """The probability of each class, (N, C). Raises if `has_probabilities` is false."""
        return probabilities_of(self.model, self.scores(part), str(self.run.folder))

    @property
    def has_probabilities(self) -> bool:
        """Whether the outputs are probabilities that sum to 1, or become such by a softmax."""
        return scores_are(self.model) is not None

    def loss(self, part: str = "test") -> float:
        """The mean loss of the examples plus the weight penalties, as in training."""
        objective, split = self.model.objective(), self._split(part)
        criterion = objective.criterion.parts[0]
        checked = self.model.examples(split.x, split.y).y
        return float(criterion.loss(self.scores(part), checked, None, None)[0]) + float(
            objective.penalty(self.model.params)[0]
        )

    # -- inside ---------------------------------------------------------------------------------

    @cached_property
    def _with_classes(self) -> TrainingData:
        if isinstance(self.training_data.dataset, Corpus) or len(self.model.output_shape) != 1:
            raise GlassnetError("has no classes.", where=str(self.run.folder))
        return self.training_data

    def _split(self, part: str) -> Split:
        return self.test if part == "test" else self.validation

    def _is_other(self, dataset: Dataset) -> bool:
        return dataset.sha256 != self.run.trained_on()[3]

    @cached_property
    def _scores(self) -> Mapping[str, Array]:
        data, model = self.data, self.model
        hashes = {"model": _sha256(self.run), "data": data.sha256}
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
                pass  # damaged: made anew
        scores = {part: scores_of(model, parts[part].x) for part in kinds}
        try:
            write_tensors(path, hashes, scores)
        except GlassnetError as error:  # to be kept is a comfort, not a need
            log.warning(f"note: {error}")
        return scores


def _sha256(run: Run) -> str:
    with open(run.model, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
