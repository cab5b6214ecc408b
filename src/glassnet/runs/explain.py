"""Explanations of a model's answers: of an example, of a run's test row, of a photo; drawn."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError
from glassnet.data.images.photo import read_photo
from glassnet.evaluate.probabilities import names_of
from glassnet.explain import Explanation
from glassnet.explain.example import Class, explain_example
from glassnet.model.model import Model
from glassnet.model.readers import preprocessing_of
from glassnet.runs.outputs import RunOutputs

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class Explained:
    """An explanation, with what it is of."""

    subject: str
    example: Array
    names: tuple[str, ...]  # of the classes
    said: str  # what the model says of the example, in words
    explanation: Explanation

    def question(self) -> str:
        """What was asked, in words."""
        found = self.explanation
        if found.against is None:
            return f"Why {self.names[found.target]}?"
        return f"Why {self.names[found.target]}, not {self.names[found.against]}?"

    def lines(self) -> list[str]:
        """What was found, in words."""
        found = self.explanation
        lines = [f"{self.subject}: {self.said}. {self.question()} ({found.method})"]
        if found.counterfactual:
            lines.append(self.edit_said())
        if found.neighbors:
            near = found.neighbors
            triples = zip(near.rows, near.labels, near.distances, strict=True)
            lines += [f"training row {row}: {self.names[label]}, at {distance:.4g}"
                      for row, label, distance in triples]  # fmt: skip
        return [*lines, *found.evidence.lines(), *found.warnings]

    def edit_said(self) -> str:
        """The edit, in words."""
        edit = self.explanation.counterfactual
        if edit is None:
            return ""
        return (
            f"{self.names[edit.answer]} after {edit.changed} of {self.example.size} numbers change"
        )

    def to_dict(self) -> dict[str, Any]:
        return {"subject": self.subject, "said": self.said, **self.explanation.to_dict()}


@dataclass(frozen=True)
class Query:
    """What is asked: by which method, why this class, and why not another one; None: the default.

    A class is named by its number or its name.
    """

    method: str | None = None
    of: Class = None
    against: Class = None


def explain_row(
    folder: str, row: int = 0, query: Query = Query(), data_dir: str | None = None
) -> Explained:
    """Why a run's network says what it says of a row of its test set."""
    return explain_of(RunOutputs(folder, data_dir), row, query)


def explain_of(
    outputs: RunOutputs, row: int, query: Query = Query(), among: int | None = None
) -> Explained:
    """The same, from the outputs of a run; neighbors are looked for among so many training rows."""
    data, test = outputs.data, outputs.test
    if not 0 <= row < len(test):
        raise GlassnetError(f"the test set has rows 0 to {len(test) - 1}.", where="--row")
    training = data.x_train[:among], data.y_train[:among]
    subject = f"test row {row} ({outputs.class_names[test.labels[row]]})"
    return _explained(outputs.model, test.x[row], subject, query, training)


def explain_photo(
    folder: str, path: str, query: Query = Query(), data_dir: str | None = None
) -> Explained:
    """Why a run's network says what it says of a photo."""
    model = Model.load(folder)
    pixels = read_photo(path, preprocessing_of(model, folder)).pixels
    training = None
    if query.method == "nearest":
        data = RunOutputs(folder, data_dir).data
        training = data.x_train, data.y_train
    return _explained(model, pixels, Path(path).name, query, training)


def _explained(
    model: Model, x: Array, subject: str, query: Query, training: tuple[Array, Array] | None
) -> Explained:
    explanation = explain_example(model, x, **vars(query), training=training)
    names = names_of(model)
    said = f"the network says {names[int(model.predict(x[None])[0].argmax())]}"
    return Explained(subject, x.astype(model.dtype), names, said, explanation)


def draw_explanation(explained: Explained, path: Path) -> Path:
    """Draw it; where it was written."""
    from glassnet.plots.style import write_figure

    write_figure(figure_of(explained), path)
    return path


def figure_of(explained: Explained, columns: int = 5) -> "Figure":
    """The explanation as a picture, so many panels wide."""
    from glassnet.plots.explanation import explanation

    found, names = explained.explanation, explained.names
    curve, near = found.evidence.deletion, found.neighbors
    return explanation(
        explained.example,
        found.values,
        title=f"{explained.question()} {explained.subject}, {explained.said} ({found.method})",
        evidence=found.evidence.lines(),
        warnings=found.warnings,
        deletion=(curve.shares, curve.most_first, curve.at_random.mean(axis=0)) if curve else None,
        counterfactual=found.counterfactual.edited if found.counterfactual else None,
        counterfactual_title=explained.edit_said(),
        neighbors=[
            (example, f"row {row}: {names[label]}")
            for example, row, label in zip(near.examples, near.rows, near.labels, strict=True)
        ]
        if near
        else (),
        columns=columns,
    )
