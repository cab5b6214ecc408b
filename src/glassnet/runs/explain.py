"""Explanations of a model's answers: of an example, of a run's test row, of a photo; drawn."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.trees import Array
from glassnet.data.images.photo import read_photo
from glassnet.explain import Explanation, Question, explain
from glassnet.runs.outputs import Inference
from glassnet.model.model import Model
from glassnet.model.readers import preprocessing_of
from glassnet.evaluate.probabilities import names_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Class = int | str | None  # its number or its name


def explain_example(
    model: Model,
    x: Any,
    method: str | None = None,
    *,
    of: Class = None,
    against: Class = None,
    baseline: Any = None,
    bounds: tuple[Any, Any] | None = None,
    training: tuple[Any, Any] | None = None,
) -> Explanation:
    """Why the model says what it says of one example, x without a batch axis; with evidence.

    Of the class it predicts, unless `of` names another; "why `of`, not `against`?" is the method
    "contrast". `baseline` is what counts as nothing: if not given, the background of the pictures
    that the model was trained on, the mean of the rows in `training`, or 0. An edit stays within
    `bounds`, which come from the same places. The nearest examples are looked for in `training`,
    (x, y). The methods, their equations and when not to believe them: docs/explanations.md.
    """
    if model.inputs > 1:
        raise GlassnetError("explains networks with one input.", where="explain_example")
    example = np.asarray(x)
    if example.shape != model.input_shape:
        raise GlassnetError(
            f"has shape {example.shape}, but one example has {model.input_shape}.",
            where="x",
            fix="Give one example, without a batch axis.",
        )
    found = _reference(model, training)
    question = Question(
        example, _number(model, of), _number(model, against),
        found[0] if baseline is None else baseline, bounds or found[1], training,
    )  # fmt: skip
    return explain(model.network, model.params, question, method, dtype=model.dtype)


def _reference(model: Model, training: tuple[Any, Any] | None) -> tuple[Any, Any]:
    """(baseline, bounds): of pictures the background and black and white, of rows by column."""
    if model.about.get("preprocessing") is not None:
        pictures = preprocessing_of(model, "model")
        background = pictures.low if pictures.background == "dark" else pictures.high
        return background, (pictures.low, pictures.high)
    if training is None:
        return 0.0, None
    x = np.asarray(training[0])
    if x.ndim > 2:
        return 0.0, (x.min(), x.max())
    return x.mean(axis=0), (x.min(axis=0), x.max(axis=0))


def _number(model: Model, name: Class) -> int | None:
    """A class's number."""
    if name is None or isinstance(name, int | np.integer):
        return name
    if name in model.class_names:
        return model.class_names.index(name)
    if name.isdecimal():
        return int(name)
    raise unknown("class", name, model.class_names, where="explain")


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
        if found.edit:
            lines.append(self.edit_said())
        if found.neighbours:
            near = found.neighbours
            triples = zip(near.rows, near.labels, near.distances, strict=True)
            lines += [f"training row {row}: {self.names[label]}, at {distance:.4g}"
                      for row, label, distance in triples]  # fmt: skip
        return [*lines, *found.evidence.lines(), *found.warnings]

    def edit_said(self) -> str:
        """The edit, in words."""
        edit = self.explanation.edit
        if edit is None:
            return ""
        return (
            f"{self.names[edit.answer]} after {edit.changed} of {self.example.size} numbers change"
        )

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON values."""
        return {"subject": self.subject, "said": self.said, **self.explanation.to_dict()}


def explain_row(
    folder: str,
    row: int = 0,
    method: str | None = None,
    of: Class = None,
    against: Class = None,
    data_dir: str | None = None,
    report: Callable[[str], None] = lambda line: None,
) -> Explained:
    """Why a run's network says what it says of a row of its test set."""
    return explain_of(Inference(folder, data_dir, report), row, method, of, against)


def explain_of(
    known: Inference,
    row: int,
    method: str | None = None,
    of: Class = None,
    against: Class = None,
    among: int | None = None,
) -> Explained:
    """The same of a run whose inference is at hand; neighbours among so many training rows."""
    data = known.data
    if not 0 <= row < len(data.x_test):
        raise GlassnetError(f"the test set has rows 0 to {len(data.x_test) - 1}.", where="--row")
    training = data.x_train[:among], data.y_train[:among]
    x, truth = data.x_test[row], known.class_names[data.y_test[row]]
    subject = f"test row {row} ({truth})"
    return _explained(known.model, x, subject, method, of, against, training)


def explain_photo(
    folder: str,
    path: str,
    method: str | None = None,
    of: Class = None,
    against: Class = None,
    data_dir: str | None = None,
    report: Callable[[str], None] = lambda line: None,
) -> Explained:
    """Why a run's network says what it says of a photo."""
    model = Model.load(folder)
    pixels = read_photo(path, preprocessing_of(model, folder)).pixels
    training = None
    if method == "nearest":
        data = Inference(folder, data_dir, report).data
        training = data.x_train, data.y_train
    return _explained(model, pixels, Path(path).name, method, of, against, training)


def _explained(
    model: Model, x: Array, subject: str, method: str | None, of: Class, against: Class,
    training: tuple[Array, Array] | None,
) -> Explained:  # fmt: skip
    found = explain_example(model, x, method, of=of, against=against, training=training)
    outputs = model.predict(x[None])[0]
    names = names_of(model)
    said = f"the network says {names[int(outputs.argmax())]}"
    return Explained(subject, x.astype(model.dtype), names, said, found)


def draw_explanation(explained: Explained, path: Path) -> Path:
    """Draw it; where it was written."""
    from glassnet.plots.style import write_figure

    write_figure(figure_of(explained), path)
    return path


def figure_of(explained: Explained, columns: int = 5) -> "Figure":
    """The explanation as a picture, so many panels wide."""
    from glassnet.plots.explanation import explanation

    found, names = explained.explanation, explained.names
    curve, near = found.evidence.deletion, found.neighbours
    return explanation(
        explained.example,
        found.values,
        title=f"{explained.question()} {explained.subject}, {explained.said} ({found.method})",
        evidence=found.evidence.lines(),
        warnings=found.warnings,
        deletion=(curve.shares, curve.most_first, curve.at_random.mean(axis=0)) if curve else None,
        edited=found.edit and found.edit.edited,
        edit_title=explained.edit_said(),
        neighbours=[
            (example, f"row {row}: {names[label]}")
            for example, row, label in zip(near.examples, near.rows, near.labels, strict=True)
        ]
        if near
        else (),
        columns=columns,
    )
