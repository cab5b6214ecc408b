"""`glassnet explain`: explain a prediction for a test row, a photo or a clip, and draw it."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError
from glassnet.data.images.photo import read_photo
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

    def question(self) -> str:
        """Return the question that the explanation answers."""
        result = self.explanation
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
            lines += [f"training row {row}: {self.names[label]}, distance {distance:.4g}"
                      for row, label, distance in triples]  # fmt: skip
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
    data, test = outputs.data, outputs.test
    require_one_input(outputs.model, str(outputs.run.folder))
    if not 0 <= row < len(test):
        raise GlassnetError(f"the test set has rows 0 to {len(test) - 1}.", where="--row")
    training = data.x_train[:training_limit], data.y_train[:training_limit]
    subject = f"{data.test_name(row)} ({outputs.class_names[test.labels[row]]})"
    return _explained(outputs.model, test.x[row], subject, query, training, effort)


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
    training = None
    if query.method == "nearest":
        data = RunOutputs(folder, data_dir).data
        training = data.x_train, data.y_train
    if model.about.get("kind") == "audio":
        rows = rows_of(model, folder)
        x = rows.x(rows.typed(table_of_files([path], rows.inputs[0])))
        return _explained(model, x[0], Path(path).name, query, training)
    photo = read_photo(path, preprocessing_of(model, folder))
    explained = _explained(model, photo.pixels, Path(path).name, query, training)
    doubts = tuple(f"The photo does not look like the training data: {d}." for d in photo.doubts)
    result = explained.explanation
    return replace(explained, explanation=replace(result, warnings=(*doubts, *result.warnings)))


def _explained(
    model: Model,
    x: Array,
    subject: str,
    query: Query,
    training: tuple[Array, Array] | None,
    effort: Effort = FULL,
) -> ExplainedExample:
    result = explain_example(model, x, **vars(query), training=training, effort=effort)
    names = names_of(model)
    prediction = f"the network predicts {names[int(model.predict(x[None])[0].argmax())]}"
    is_clip = model.about.get("kind") == "audio"
    return ExplainedExample(subject, x.astype(model.dtype), names, prediction, result, is_clip)


def draw_explanation(explained: ExplainedExample, path: Path) -> Path:
    """Draw the explanation to a file; return its path."""
    write_figure(figure_of(explained), path)
    return path


def figure_of(explained: ExplainedExample, columns: int = 5) -> Figure:
    """Return the explanation as a figure with `columns` panels in a row."""
    explained = replace(explained, names=tuple(short_names(explained.names)))
    result, names = explained.explanation, explained.names
    curve, near, neighbors = result.evidence.deletion, result.neighbors, []
    if near:
        neighbors = [
            (example, f"row {row}: {names[label]}")
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
    )
