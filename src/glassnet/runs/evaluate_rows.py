"""`glassnet evaluate RUN NEW`: evaluate a model on the rows of another file or folder."""

from dataclasses import dataclass
from typing import Any

from glassnet.core.errors import GlassnetError
from glassnet.evaluate.classifier import Evaluation
from glassnet.evaluate.labeled_rows import LabeledRows, read_labeled_rows
from glassnet.evaluate.probabilities import mean_loss, scores_of, temperature_of
from glassnet.evaluate.tasks import TaskResult
from glassnet.model.model import Model
from glassnet.runs.evaluate import of_classes, of_values
from glassnet.runs.new_data import encoding_of, warn_if_trained_on


@dataclass(frozen=True)
class NewRows:
    """The results of a model on the rows of a file or folder."""

    path: str  # "stdin" for -
    rows: int  # with a target, which are evaluated
    left_out: int  # without one
    result: Evaluation | TaskResult

    def to_dict(self) -> dict[str, Any]:
        data = {"path": self.path, "rows": self.rows, "left_out": self.left_out}
        results = self.result.to_dict() if isinstance(self.result, Evaluation) else {}
        return {"data": data, **(results or {"test": self.result})}


def evaluate_rows(folder: str, path: str, top: int | None = None) -> NewRows:
    """Evaluate the model of a run or file on the rows of another file, a folder, or stdin ("-").

    They have the columns of the training data, or are files in folders of their classes, and go
    through the model's own preprocessing. Neither the training data nor its test rows are read.
    Raises GlassnetError that names the file, and the column or the row.
    """
    model = Model.load(folder)
    warn_if_trained_on(path, folder)
    rows = read_labeled_rows(model, path, folder, encoding_of(folder))
    return NewRows(rows.table.source, len(rows), rows.left_out, _of_rows(model, rows, top))


def _of_rows(model: Model, rows: LabeledRows, top: int | None) -> Evaluation | TaskResult:
    if rows.target.kind != "classes":
        if top is not None:
            raise GlassnetError(f"is for classes, not for {rows.target.kind}.", where="--top")
        loss = model.evaluate(rows.x, rows.y, verbose=0, return_dict=True)["loss"]
        return of_values(model, rows.target, model.predict(rows.x), rows.values, loss, rows.name)
    scores, temperature = scores_of(model, rows.x), temperature_of(model, "the model")
    return of_classes(
        model,
        rows.values,
        scores,
        mean_loss(model, scores, rows.x, rows.y),
        temperature=temperature,
        stored=temperature is not None,
        top=top,
        texts=rows.texts,
        files=rows.files,
        name_of=rows.name,
    )
