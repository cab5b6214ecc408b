"""`glassnet trace`: a test row or a raw input through forward, loss, backward and update."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.core.arrays import as_tuple, map_arrays, take
from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.tables import significant
from glassnet.data.targets import Counts, Numbers
from glassnet.engines.state import State
from glassnet.evaluate.labeled_rows import labeled_rows
from glassnet.evaluate.probabilities import names_of
from glassnet.evaluate.recommendations import recommends
from glassnet.model.model import Model
from glassnet.model.readers import rows_of
from glassnet.runs.outputs import RunOutputs
from glassnet.runs.raw_example import RawExample, raw_example
from glassnet.tracing.result import Trace
from glassnet.tracing.trace import trace
from glassnet.tracing.values import Values
from glassnet.training.callbacks.backup_and_restore import FILES
from glassnet.training.checkpoint import array_kinds, read_checkpoint
from glassnet.training.checks.targets import to_categorical

log = logging.getLogger(__name__)

_CALLBACKS = 64  # more than a training has, whose states are in a checkpoint


@dataclass(frozen=True, eq=False)
class TracedExample:
    """A trace, the name of its example, target and prediction in words, and notes about them."""

    subject: str
    target: str
    prediction: str
    trace: Trace
    notes: tuple[str, ...] = ()

    def save(self, path: str | Path) -> Path:
        """Write the trace as an HTML page in which any number opens; return its path."""
        lead = f"Target {self.target}, prediction {self.prediction}."
        own = [note for note in self.notes if note not in self.trace.notes]
        return self.trace.save(path, f"Trace of {self.subject}", (lead, *own))

    @property
    def predicted_class(self) -> int | None:
        """The number of the class with the largest output; None if classes are not predicted."""
        values = self.trace.prediction
        if not isinstance(values, Values) or len(values.shape) != 1:
            return None
        return int(values.value.argmax()) if len(self.trace.class_names) > 1 else None


def trace_run(
    folder: str,
    subject: str | None = None,
    row: int | None = None,
    *,
    target: str | None = None,
    training: bool = False,
    data_dir: str | None = None,
) -> TracedExample:
    """Trace a run's model on a row of its test set, or on a raw input as `glassnet predict` takes
    it: a table's row, a picture, a clip, a text, with its `target` if the row has none.

    Without a target, that of a classifier is the predicted class, which the notes say. If the run
    has a checkpoint, the optimizer's state is read from it.
    """
    if subject is None:
        if target is not None:
            raise GlassnetError("is for a raw input; a test row has one.", where="--target")
        return _trace_test_row(folder, row or 0, training, data_dir)
    model = Model.load(folder)
    _refuse_recommender(model)
    one = raw_example(model, folder, subject, row)
    y, words, notes = _target_of(model, folder, one, target)
    return _traced(model, folder, one.name, one.x, y, words, training, (*one.doubts, *notes))


def _trace_test_row(folder: str, row: int, training: bool, data_dir: str | None) -> TracedExample:
    outputs = RunOutputs(folder, data_dir)
    model = outputs.model
    _refuse_recommender(model)
    data, test = outputs.training_data, outputs.training_data.test
    if not 0 <= row < len(test):
        raise GlassnetError(f"the test set has rows 0 to {len(test) - 1}.", where="--row")
    y = take(test.y, row)
    name = data.dataset.test_name(row)
    return _traced(model, folder, name, take(test.x, row), y, _words(model, y), training, ())


def _refuse_recommender(model: Model) -> None:
    if recommends(model):
        raise GlassnetError(
            "recommends items to users, from events and not from rows.",
            where="trace",
            fix="In Python: glassnet.trace(model, x, y) takes the arrays of an example.",
        )


def _traced(
    model: Model,
    folder: str,
    subject: str,
    x: Any,
    y: Any,
    words: str,
    training: bool,
    notes: tuple[str, ...],
) -> TracedExample:
    batch = map_arrays(lambda array: np.asarray(array)[None], x)
    batch = list(batch) if isinstance(batch, tuple) else batch
    state = checkpoint_state(folder, model)
    if state is not None:
        notes = (*notes, f"weights and optimizer of the checkpoint after step {state.step:,}")
    traced = trace(model, batch, np.asarray(y)[None], training=training, optimizer_state=state)
    prediction = _predicted(model, traced)
    return TracedExample(subject, words, prediction, traced, (*notes, *traced.notes))


def _predicted(model: Model, traced: Trace) -> str:
    """Return the prediction in words: the likeliest class and its probability, or the numbers."""
    values = traced.prediction
    if not isinstance(values, Values):
        return "; ".join(map(str, values)) if isinstance(values, tuple) else str(values)
    numbers, names = np.asarray(values.value), model.class_names
    if numbers.ndim == 1 and len(names) == len(numbers) > 1:
        best = int(numbers.argmax())
        return f"{names[best]} ({numbers[best]:.4g})"
    if (unit := _in_unit(model, numbers)) is not None:
        return unit
    return str(values) if numbers.size > 4 else ", ".join(f"{n:.5g}" for n in numbers.ravel())


def checkpoint_state(folder: str, model: Model) -> State | None:
    """Return the state of the newest checkpoint of a run; None if it has none."""
    states = []
    for path in (Path(folder) / name for name in FILES):
        if path.exists():
            kinds = array_kinds(model.state_with(model.params, model.objective()))
            try:
                states.append(read_checkpoint(path, kinds, _CALLBACKS)[0].state)
            except GlassnetError as error:
                log.warning(f"note: {error} The model file is used.")
    return max(states, key=lambda state: state.step, default=None)


def _target_of(
    model: Model, folder: str, one: RawExample, target: str | None
) -> tuple[Any, str, tuple[str, ...]]:
    """Return the target of a raw example as the loss takes it, in words, and notes about it."""
    if one.table is not None and "rows" in model.about:
        columns = rows_of(model, folder).target.columns
        table = one.table
        if target is not None:
            import polars as pl

            pairs = zip(columns, _split(target, columns), strict=True)
            own = [pl.lit(text.strip()).alias(name) for name, text in pairs]
            table = type(table)(
                table.frame.with_columns(own), table.numbers, table.source, table.unit
            )
        if all(name in table.columns for name in columns):
            rows = labeled_rows(model, table, folder)
            if len(rows):
                return rows.y[0], _words(model, rows.y[0]), ()
    names = names_of(model)
    if target is not None:
        if target not in names and not (target.isdecimal() and int(target) < len(names)):
            raise unknown("class", target, names, where="--target")
        number = names.index(target) if target in names else int(target)
        return _class(model, number), names[number], ()
    batch = map_arrays(lambda array: np.asarray(array)[None], one.x)
    outputs = as_tuple(model.predict(list(batch) if isinstance(batch, tuple) else batch, verbose=0))
    if len(outputs) > 1 or outputs[0].ndim != 2 or not model.class_names:
        raise GlassnetError(
            "has no target, of which the loss is computed.",
            where=one.name,
            fix="Give it with --target.",
        )
    number = int(outputs[0][0].argmax())
    note = (
        f"no target is known: the loss is that of the predicted class, {names[number]} (--target)"
    )
    return _class(model, number), names[number], (note,)


def _split(target: str, columns: tuple[str, ...]) -> list[str]:
    values = target.split(",") if len(columns) > 1 else [target]
    if len(values) != len(columns):
        raise GlassnetError(
            f"has {len(values)} values for the columns {', '.join(columns)}.",
            where="--target",
            fix="Give one for each, with commas between them.",
        )
    return values


def _class(model: Model, number: int) -> Any:
    if model.loss is None or model.loss.labels:
        return np.int64(number)
    return to_categorical(np.array([number]), model.output_shape[-1])[0]


def _in_unit(model: Model, outputs: Any) -> str | None:
    """Return outputs or targets of a model that predicts numbers of a table, in their unit."""
    target = rows_of(model, "the model").target if "rows" in model.about else None
    if not isinstance(target, Numbers | Counts):
        return None
    values = target.decoded(np.reshape(outputs, (1, -1)))[0]
    pairs = zip(target.names, values, strict=True)
    return ", ".join(f"{name} {significant(value)}" for name, value in pairs)


def _words(model: Model, y: Any) -> str:
    """Return a target in words."""
    names, values = model.class_names, np.asarray(y)
    if (unit := _in_unit(model, values)) is not None:
        return unit
    if names and values.ndim == 0:
        return names[int(values)]
    if names and values.shape == (len(names),):
        return ", ".join(np.array(names)[values > 0]) or "no label"
    return ", ".join(f"{value:.5g}" for value in values.ravel()[:8])
