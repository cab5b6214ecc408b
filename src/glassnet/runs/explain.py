"""`glassnet explain`: explain a prediction for a test row, a photo or a clip, and draw it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.tables import shortened, significant
from glassnet.data import Dataset, Rows
from glassnet.data.dataset import TRAINING_ROW
from glassnet.data.images.photo import read_photo
from glassnet.data.targets import Counts, Numbers
from glassnet.evaluate.probabilities import names_of
from glassnet.explain import Explanation
from glassnet.explain.effort import FULL, Effort
from glassnet.explain.example import Class, explain_example
from glassnet.layers.shapes import is_multi_input
from glassnet.model.model import Model
from glassnet.model.readers import preprocessing_of, rows_of
from glassnet.plots.explanation import explanation
from glassnet.plots.labels import short_names
from glassnet.plots.style import write_figure
from glassnet.runs.data import Split
from glassnet.runs.explained_columns import Columns, columns_of
from glassnet.runs.outputs import RunOutputs
from glassnet.runs.predict_rows import table_of_files


@dataclass(frozen=True, eq=False)
class ExplainedExample:
    """An explanation, and the example that it explains."""

    subject: str
    example: Array
    names: tuple[str, ...]  # of the classes
    prediction: str  # in words
    explanation: Explanation
    is_clip: bool = False  # True if the example is the spectrogram of an audio clip
    columns: Columns = field(default_factory=Columns)
    training_name: Callable[[int], str] = TRAINING_ROW  # what people call a training example

    def question(self) -> str:
        """Return the question that the explanation answers."""
        result = self.explanation
        if self.columns.unit:
            return f"Why this {self.names[result.target]}?"
        if result.against is None:
            return f"Why {self.names[result.target]}?"
        return f"Why {self.names[result.target]}, not {self.names[result.against]}?"

    def lines(self) -> list[str]:
        """Return the explanation in words."""
        result = self.explanation
        lines = [f"{self.subject}: {self.prediction}. {self.question()} ({result.method})"]
        if result.counterfactual:
            lines.append(self.edit_text())
        if result.neighbors:
            near = result.neighbors
            triples = zip(near.rows, near.labels, near.distances, strict=True)
            lines += [f"{self.training_name(row)}: {self.names[label]}, distance {distance:.4g}"
                      for row, label, distance in triples]  # fmt: skip
        lines += self.columns.lines(result.values)
        return [*lines, *result.evidence.lines(), *result.warnings]

    def edit_text(self) -> str:
        """Return the counterfactual in words."""
        if (edit := self.explanation.counterfactual) is None:
            return ""
        size = self.example.size
        return f"{self.names[edit.answer]} after {edit.changed} of {size} values change"

    def to_dict(self) -> dict[str, Any]:
        return {
            "subject": self.subject,
            "prediction": self.prediction,
            **self.columns.to_dict(self.explanation.values),
            **self.explanation.to_dict(),
        }


@dataclass(frozen=True)
class Query:
    """The method, the class to explain, and the class to contrast it with; None: the default.

    A class is given by its number or its name.
    """

    method: str | None = None
    of: Class = None
    against: Class = None


def explain_row(
    outputs: RunOutputs,
    row: int,
    query: Query = Query(),
    training_limit: int | None = None,
    effort: Effort = FULL,
) -> ExplainedExample:
    """Explain the prediction of a run's network for a row of its test set.

    Neighbors are searched among the first `training_limit` training rows.
    """
    whole = outputs.training_data
    data, test = whole.dataset, whole.test
    if not isinstance(data, Rows) or data.task == "classes":
        data, test = outputs.data, outputs.test  # raise if there are none
    require_one_input(outputs.model, str(outputs.run.folder))
    if not 0 <= row < len(test):
        raise GlassnetError(f"the test set has rows 0 to {len(test) - 1}.", where="--row")
    training = data.x_train[:training_limit], data.y_train[:training_limit]
    subject = f"{data.test_name(row)} ({_truth(data, test, row, outputs.class_names)})"
    explained = _explained(outputs.model, test.x[row], subject, query, training, effort)
    return replace(explained, training_name=data.training_name)


def require_one_input(model: Model, where: str) -> None:
    """Raise if an example is more than one array."""
    if is_multi_input(model.input_shape):
        raise GlassnetError(
            "reads several inputs; single predictions are explained for one.",
            where=where,
            fix=f"glassnet plot {where} --kind importance shows how much each column counts.",
        )


def explain_file(
    folder: str, path: str, query: Query = Query(), data_dir: str | None = None
) -> ExplainedExample:
    """Explain the prediction of a run's network for a photo or an audio clip."""
    model = Model.load(folder)
    training: tuple[Array, Array] | None = None
    training_name: Callable[[int], str] = TRAINING_ROW
    if query.method == "nearest":
        data = RunOutputs(folder, data_dir).data
        training, training_name = (data.x_train, data.y_train), data.training_name
    if model.about.get("kind") == "audio":
        rows = rows_of(model, folder)
        x = rows.x(rows.typed(table_of_files([path], rows.inputs[0])))
        explained = _explained(model, x[0], Path(path).name, query, training)
        return replace(explained, training_name=training_name)
    photo = read_photo(path, preprocessing_of(model, folder))
    explained = _explained(model, photo.pixels, Path(path).name, query, training)
    doubts = tuple(f"The photo does not look like the training data: {d}." for d in photo.doubts)
    result = explained.explanation
    result = replace(result, warnings=(*doubts, *result.warnings))
    return replace(explained, explanation=result, training_name=training_name)


def _truth(data: Dataset, test: Split, row: int, names: tuple[str, ...]) -> str:
    """Return the true class, labels or values of a test row."""
    if not isinstance(data, Rows) or data.task == "classes":
        return names[test.labels[row]]
    values = data.test.values[row]
    if data.task == "labels":
        return ", ".join(np.array(names)[values > 0]) or "no label"
    return ", ".join(significant(value) for value in values)


def _explained(
    model: Model,
    x: Array,
    subject: str,
    query: Query,
    training: tuple[Array, Array] | None,
    effort: Effort = FULL,
) -> ExplainedExample:
    rows = rows_of(model, "the model") if "rows" in model.about else None
    task, names = rows.target.kind if rows else "classes", names_of(model)
    if rows and task != "classes":
        if query.method in ("contrast", "nearest") or query.against is not None:
            what = f"compares classes, but the network predicts {task}."
            raise GlassnetError(what, where=f"--method {query.method or 'contrast'}")
        names = rows.target.names
        if isinstance(query.of, str) and not query.of.isdecimal():
            if query.of not in names:
                raise unknown("target", query.of, names, where="--of")
            query = replace(query, of=names.index(query.of))
    result = explain_example(model, x, **vars(query), training=training, effort=effort)
    answer = names[int((outputs := model.predict(x[None]))[0].argmax())]
    if rows and isinstance(rows.target, Numbers | Counts):
        value = rows.target.decoded(outputs)[0, result.target]
        answer = f"{names[result.target]} {significant(value)}"
    elif task == "labels":
        answer = f"{names[result.target]} with {outputs[0, result.target]:.1%}"
    prediction, is_clip = f"the network predicts {answer}", model.about.get("kind") == "audio"
    columns = columns_of(rows, result.target) if rows else Columns()
    x = x.astype(model.dtype)
    return ExplainedExample(subject, x, names, prediction, result, is_clip, columns)


def draw_explanation(explained: ExplainedExample, path: Path) -> Path:
    """Draw the explanation to a file; return its path."""
    write_figure(figure_of(explained), path)
    return path


def figure_of(explained: ExplainedExample, columns: int = 5) -> Figure:
    """Return the explanation as a figure with `columns` panels in a row."""
    explained = replace(explained, names=tuple(short_names(explained.names)))
    result, names = explained.explanation, explained.names
    curve, near, neighbors = result.evidence.deletion, result.neighbors, []

    def short_name(row: int) -> str:
        return shortened(explained.training_name(row).removeprefix("training "), 24)

    if near:
        neighbors = [
            (example, f"{short_name(row)}: {names[label]}")
            for example, row, label in zip(near.examples, near.rows, near.labels, strict=True)
        ]
    return explanation(
        explained.example,
        result.values,
        title=f"{explained.question()} {explained.subject}, {explained.prediction} "
        f"({result.method})",
        evidence=result.evidence.lines(),
        warnings=result.warnings,
        deletion=(curve.shares, curve.most_first, curve.at_random.mean(axis=0)) if curve else None,
        counterfactual=result.counterfactual.edited if result.counterfactual else None,
        counterfactual_title=explained.edit_text(),
        neighbors=neighbors,
        columns=columns,
        clips=explained.is_clip,
        features=explained.columns.features,
        meaning="added to the output" if explained.columns.unit else "evidence for the class",
    )
