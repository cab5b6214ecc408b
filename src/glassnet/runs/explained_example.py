"""An explained example, in words and drawn."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from glassnet.core.tables import shortened, significant
from glassnet.data.dataset import TRAINING_ROW
from glassnet.explain import Explanation
from glassnet.plots.explanation import Bars, Picture, explanation
from glassnet.plots.labels import short_names
from glassnet.plots.style import write_figure
from glassnet.runs.explained_columns import ExplainedColumn, column_lines, columns_as_dict


@dataclass(frozen=True, eq=False)
class ExplainedExample:
    """An explanation, and the example that it explains."""

    subject: str
    example: Any  # an array, or a tuple of them
    names: tuple[str, ...]  # of the classes
    prediction: str  # in words
    explanation: Explanation
    is_clip: bool = False  # True if the example is the spectrogram of an audio clip
    columns: tuple[ExplainedColumn, ...] = ()  # of a table, or the one of a text
    unit: str = ""  # what is predicted, if numbers or counts are
    values: tuple[float, float] | None = None  # in this unit, here and for the baseline
    training_name: Callable[[int], str] = TRAINING_ROW  # what people call a training example
    in_parts: bool = False  # True if columns or words are drawn, not the example itself

    def question(self) -> str:
        """Return the question that the explanation answers."""
        result = self.explanation
        if self.unit:
            return f"Why this {self.unit}?"
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
        lines += self.baseline_lines()
        columns = column_lines(self.columns, result.method, self.unit or "score")
        lines += [*columns, *([""] if columns else [])]
        return [*lines, *result.evidence.lines(), *result.warnings]

    def sentences(self) -> list[str]:
        """Return the explanation in words, without the tables of columns and words."""
        return replace(self, columns=()).lines()

    def baseline_lines(self) -> list[str]:
        """Return what the example is compared with, in words; nothing for other methods."""
        result = self.explanation
        if result.scores is None or result.method in ("saliency", "smoothgrad", "grad-cam"):
            return []
        here, there = map(significant, self.values or result.scores)
        what = self.unit or self._score_name()
        return [f"{what}: {here}; {there} for the baseline: {result.baseline}"]

    def _score_name(self) -> str:
        result, names = self.explanation, self.names
        if result.against is None:
            return f"score of {names[result.target]} (logit)"
        return f"score of {names[result.target]} minus that of {names[result.against]} (logits)"

    def edit_text(self) -> str:
        """Return the counterfactual in words."""
        if (edit := self.explanation.counterfactual) is None:
            return ""
        size = self.example.size
        return f"{self.names[edit.answer]} after {edit.changed} of {size} values change"

    def _repr_html_(self) -> str:
        from glassnet.pages.html import bullets
        from glassnet.pages.notebook import drawn, shown
        from glassnet.pages.svg import side_by_side

        drawing = drawn(figure_of(self, 3, words=False), self.lines()[0])
        return shown(self.question(), side_by_side(drawing, bullets(self.sentences())))

    def to_dict(self) -> dict[str, Any]:
        own = {"subject": self.subject, "prediction": self.prediction}
        return own | self.explanation.to_dict() | columns_as_dict(self.columns)


def draw_explanation(explained: ExplainedExample, path: Path) -> Path:
    """Draw the explanation to a file; return its path."""
    write_figure(figure_of(explained), path)
    return path


def figure_of(explained: ExplainedExample, columns: int = 5, *, words: bool = True) -> Figure:
    """Return the explanation as a figure with `columns` panels in a row; without `words`, what is
    drawn only.
    """
    explained = replace(explained, names=tuple(short_names(explained.names)))
    result, names = explained.explanation, explained.names
    curve, near, neighbors = result.evidence.deletion, result.neighbors, []

    def short_name(row: int) -> str:
        return shortened(explained.training_name(row).removeprefix("training "), 24)

    plain, parts = not explained.in_parts, _parts(explained.columns, explained.unit)
    if near:
        labels = [
            f"{short_name(n)}: {names[k]}" for n, k in zip(near.rows, near.labels, strict=True)
        ]
        if plain:
            neighbors = [*zip(near.examples, labels, strict=True)]
        else:
            parts = [Bars("distance of training rows", labels, near.distances.tolist())]
    edit = result.counterfactual
    return explanation(
        explained.example if plain or edit else None,
        result.values if plain else None,
        title=f"{explained.question()} {explained.subject}, {explained.prediction} "
        f"({result.method})"
        if words
        else "",
        evidence=[*explained.baseline_lines(), *result.evidence.lines()] if words else (),
        warnings=result.warnings if words else None,
        deletion=(curve.shares, curve.most_first, curve.at_random.mean(axis=0)) if curve else None,
        counterfactual=edit.edited if edit else None,
        counterfactual_title=explained.edit_text(),
        neighbors=neighbors,
        columns=columns,
        clips=explained.is_clip,
        parts=() if plain else parts,
        meaning="added to the output" if explained.unit else "evidence for the class",
    )


def _parts(columns: tuple[ExplainedColumn, ...], unit: str) -> list[Bars | Picture]:
    """Return the columns of a table as bars, and the words of texts and pictures in detail."""
    added = f"added to the {unit or 'score'}"
    parts: list[Bars | Picture] = []
    if len(columns) > 1 or (columns and not columns[0].words):
        labels = [c.name if c.words else f"{c.name} = {c.cell}" for c in columns]
        parts.append(Bars(added, labels, [c.added for c in columns]))
    for column in columns:
        if column.words:
            words = sorted(column.words, key=lambda word: -abs(word[1]))
            parts.append(
                Bars(f"{column.name}: {added}", [w for w, _ in words], [v for _, v in words])
            )
        if column.picture is not None:
            parts.append(Picture(column.name, *column.picture, column.kind == "audio"))
    return parts
