"""Predictions for raw rows of a table, in the words and units of its target."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.data.sources.frames import table_of
from glassnet.data.sources.tables import Table
from glassnet.data.targets import Classes, Counts, Labels, Numbers, Target
from glassnet.evaluate.conformal import ConformalIntervals
from glassnet.evaluate.intervals import intervals_of
from glassnet.evaluate.multi_label import THRESHOLD
from glassnet.evaluate.probabilities import answers, names_of
from glassnet.evaluate.recommendations import events_of, recommendations, recommends
from glassnet.model.model import Model
from glassnet.model.raw_rows import columns_of_texts, raw_inputs
from glassnet.model.readers import rows_of

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, eq=False)
class RowPredictions:
    """The predictions for the rows of a table."""

    table: Table
    target: Target
    outputs: np.ndarray  # probabilities of classes or labels (N, C), else values (N, K)
    intervals: Sequence[ConformalIntervals] | None = None  # of numbers and counts

    @cached_property
    def frame(self) -> "pl.DataFrame":
        """The predictions as columns.

        For classes `predicted_TARGET`, `probability` and `p(CLASS)` for each class; for labels
        `predicted_TARGET` and `p(LABEL)`; for numbers and counts `predicted_TARGET` and, if the
        model has prediction intervals, `predicted_TARGET_from` and `predicted_TARGET_to`.
        """
        import polars as pl

        names = [f"predicted_{name}" for name in self.target.columns]
        columns: dict[str, Any] = {}
        if self.target.kind == "classes":
            classes = np.array(self.target.class_names)
            columns[names[0]] = classes[self.outputs.argmax(axis=1)].tolist()
            columns["probability"] = self.outputs.max(axis=1)
        elif isinstance(self.target, Labels):
            likely = self.outputs >= THRESHOLD
            if self.target.separator:
                labels = np.array(self.target.labels)
                columns[names[0]] = [self.target.separator.join(labels[row]) for row in likely]
            else:
                columns |= {name: likely[:, k].astype(int) for k, name in enumerate(names)}
        else:
            for k, name in enumerate(names):
                columns[name] = self.outputs[:, k]
                if self.intervals:
                    ends = self.intervals[k].around(self.outputs[:, k])
                    columns[f"{name}_from"], columns[f"{name}_to"] = ends
        columns |= {
            f"p({name})": self.outputs[:, k] for k, name in enumerate(self.target.class_names)
        }
        return pl.DataFrame(columns)

    def to_dict(self) -> list[dict[str, Any]]:
        """Return one entry per row, with its line or row in the table."""
        unit, entries = self.table.unit, []
        frame = self.frame.select([n for n in self.frame.columns if not n.startswith("p(")])
        for row, (number, cells) in enumerate(
            zip(self.table.numbers.tolist(), frame.iter_rows(named=True), strict=True)
        ):
            names = self.target.class_names
            outputs = {name: float(self.outputs[row, k]) for k, name in enumerate(names)}
            entries.append({unit: number, **cells} | ({"probabilities": outputs} if names else {}))
        return entries


def predict_table(model: Model, table: Table, where: str) -> RowPredictions:
    """Return the predictions for raw rows, or for texts, which need no target.

    Doubts cells that no training row has, and columns that are missing or unknown.
    """
    x = raw_inputs(model, table, where)
    if "tokenizer" in model.about:
        classes = Classes(columns_of_texts(model)[1:], "labels of texts", names_of(model))
        return RowPredictions(table, classes, answers(model, x, where)[0])
    rows = rows_of(model, where)
    if rows.target.kind == "classes":
        return RowPredictions(table, rows.target, answers(model, x, where)[0])
    outputs = model.predict(x)
    if isinstance(rows.target, Numbers | Counts):
        outputs = rows.target.decoded(outputs)
    return RowPredictions(table, rows.target, outputs, intervals_of(model, where))


def predict_frame(model: Model, frame: Any) -> Any:
    """Return the predictions for a DataFrame as another of the same library, with its index.

    A recommender takes events, the earliest first, and returns the recommendations to their users.
    """
    import narwhals as nw

    table, of_events = table_of(frame, "x"), recommends(model)
    if of_events:
        histories = events_of(model, "the model").read(table)
        predictions = recommendations(model, *histories, "x").frame
    else:
        predictions = predict_table(model, table, "x").frame
    own = nw.from_native(frame, eager_only=True)
    columns = {column.name: column.to_list() for column in predictions}
    result = nw.from_dict(columns, backend=own.implementation).to_native()
    if own.implementation.is_pandas_like() and not of_events:
        result.index = frame.index
    return result
