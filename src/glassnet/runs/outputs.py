"""What a run's network says of its own data: one pass, which all later commands share."""

import hashlib
from collections.abc import Callable, Mapping
from functools import cached_property

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError
from glassnet.core.tensor_file import open_tensors, write_tensors
from glassnet.data import Corpus, Dataset
from glassnet.evaluate.probabilities import names_of, probabilities_of, scores_are, scores_of
from glassnet.model.model import Model
from glassnet.runs.data import data_of, rows_of, targets_for
from glassnet.runs.run import CONFIG_FILE, Run, settings_of

OUTPUTS_FILE = "outputs.safetensors"


class RunOutputs:
    """A run's model and data, and what the one says of the other; each is made when asked for.

    The outputs are kept in the run, and taken from there as long as model and data are the same.
    Raises GlassnetError for a network that does not put out one number for each class; with
    `same_data`, also for data that changed since the run, of which otherwise a note is made.
    """

    def __init__(
        self,
        folder: str,
        data_dir: str | None = None,
        report: Callable[[str], None] = lambda line: None,
        *,
        same_data: bool = False,
    ) -> None:
        self.run = Run(folder)
        self._data_dir, self.report, self._same_data = data_dir, report, same_data
        if unfinished := self.run.unfinished:
            report(f"note: {folder}: {unfinished} {self.run.to_go_on}".rstrip())

    @property
    def data_dir(self) -> str | None:
        """The folder of the data: the one given now, or the one given in training."""
        return self._data_dir or self.run.trained_on()[1]

    @cached_property
    def model(self) -> Model:
        """The network with its weights."""
        return Model.load(self.run.model)

    @cached_property
    def dataset(self) -> Dataset:
        """The data set, as the network reads it."""
        dataset = data_of(self.run, self.model, self.data_dir, self.report)
        if self._is_other(dataset):
            what = "no longer holds the data of this run"
            if self._same_data:
                raise GlassnetError(
                    f"{what}.",
                    where=dataset.source,
                    fix=f"Say with --data-dir where they are, or train {self.run.folder} anew.",
                )
            self.report(f"note: {dataset.source} {what}")
        return dataset

    @property
    def data_changed(self) -> bool:
        """Whether the data are others than those that the run was trained and tested on."""
        return self._is_other(self.dataset)

    @cached_property
    def data(self) -> Dataset:
        """The same data set, after a look that it and the network have classes."""
        if isinstance(self.dataset, Corpus) or len(self.model.output_shape) != 1:
            raise GlassnetError("has no classes.", where=str(self.run.folder))
        return self.dataset

    @cached_property
    def class_names(self) -> tuple[str, ...]:
        """The names of the classes, or their numbers."""
        return names_of(self.model)

    @cached_property
    def validation_rows(self) -> Array:
        """The training rows that were held out; none of an imported model or without a split."""
        if "imported" in self.run.read(CONFIG_FILE):
            return np.arange(0)
        rows: Array = rows_of(settings_of(self.run), self.data)[1]
        return rows

    def x(self, part: str = "test") -> Array:
        """The examples, (N, ...)."""
        return self.data.x_test if part == "test" else self.data.x_train[self.validation_rows]

    def labels(self, part: str = "test") -> Array:
        """The true classes, (N,)."""
        return self.data.y_test if part == "test" else self.data.y_train[self.validation_rows]

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
        objective, settings = self.model._objective(), settings_of(self.run)
        split = targets_for(settings.loss, self.data)
        targets = split[1] if part == "test" else split[0][self.validation_rows]
        criterion = objective.criterion.parts[0]
        checked = self.model.examples(self.x(part), targets).y
        return float(criterion.loss(self.scores(part), checked, None, None)[0]) + float(
            objective.penalty(self.model.params)[0]
        )

    # -- inside ---------------------------------------------------------------------------------

    def _is_other(self, dataset: Dataset) -> bool:
        return dataset.sha256 != self.run.trained_on()[3]

    @cached_property
    def _scores(self) -> Mapping[str, Array]:
        data, model = self.data, self.model
        said = {"model": _sha256(self.run), "data": data.sha256}
        shape = model.output_shape
        parts = {"test": len(data.x_test), "validation": len(self.validation_rows)}
        kinds = {part: ((rows, *shape), model.dtype) for part, rows in parts.items() if rows}
        path = self.run.folder / OUTPUTS_FILE
        if path.exists():
            try:
                with open_tensors(path) as stored:
                    if all(stored.header.get(key) == value for key, value in said.items()):
                        return stored.read(kinds)
            except GlassnetError:
                pass  # damaged: made anew
        scores = {part: scores_of(model, self.x(part)) for part in kinds}
        try:
            write_tensors(path, said, scores)
        except GlassnetError as error:  # to be kept is a comfort, not a need
            self.report(f"note: {error}")
        return scores


def _sha256(run: Run) -> str:
    with open(run.model, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
