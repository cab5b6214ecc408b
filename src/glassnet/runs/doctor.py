"""`glassnet doctor`: find problems in data and settings before training, or in a run."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from glassnet.core.doubts import collected_doubts
from glassnet.core.errors import GlassnetError
from glassnet.data import Corpus, Interactions, Rows, Texts
from glassnet.data.ratings import Ratings
from glassnet.data.text.tokenizer import WordTokenizer
from glassnet.doctor import Finding, Part, Subject, examine, symptoms
from glassnet.doctor.findings import warning
from glassnet.evaluate.classification import interval
from glassnet.model.file import METRICS_FILE
from glassnet.model.model import Model
from glassnet.runs.build import callbacks_for, new_model
from glassnet.runs.data import Split, TrainingData
from glassnet.runs.run import Run, history_of
from glassnet.runs.settings import Settings
from glassnet.runs.source import Transfer
from glassnet.training.callbacks import Callback
from glassnet.training.source import Plan

_GAP = 0.1  # between the confidence intervals of the two accuracies


def subject_of(data: TrainingData, model: Model, callbacks: Sequence[Callback] = ()) -> Subject:
    """Return data and model as the doctor's subject; its parts hold the checked arrays."""
    settings, dataset = data.settings, data.dataset
    assert model.loss is not None  # recipes have one output

    def part(split: Split, name: str, note: str = "") -> Part:
        checked = model.examples(split.x, split.y)
        names = [f"{letter}_{name}{note}" for letter in "xy"]
        rows, (unit, numbers) = split.rows, dataset.numbering(name)
        if numbers is not None:
            rows = numbers if rows is None else numbers[rows]
            words = (
                "validation rows" if note else f"{'test' if name == 'test' else 'training'} rows"
            )
            names = [words, f"targets of the {words}"]
        x_name, y_name = (f"{dataset.source}: {part_name}" for part_name in names)
        return Part(checked.x, checked.targets, x_name, y_name, rows, split.texts, unit)

    train = part(data.train, "train")
    weights = model.training_data(
        data.train.x, data.train.y, data.sample_weight, class_weight=data.class_weight
    )[0].weights
    tokens = ""
    if isinstance(dataset, Texts | Corpus):
        tokens = "word" if isinstance(dataset.tokenizer, WordTokenizer) else "byte"
    return Subject(
        model.network,
        model.loss,
        model.objective(),
        model.adapted(train.x),
        model.compiled.optimizer,
        Plan(settings.epochs, data.batch_size, seed=settings.seed),
        train,
        part(data.validation, "train", " (held out)") if data.validation else None,
        part(data.test, "test"),
        class_names=model.class_names,
        tokens=tokens,
        source=dataset.source,
        features=dataset.preprocessing.features.names if isinstance(dataset, Rows) else (),
        weights=weights,
        recurs=isinstance(dataset, Interactions | Ratings),
        pictures=dataset.kind in ("numbers", "images") and np.ndim(data.train.x) in (3, 4),
        callbacks=callbacks,
        seed=settings.seed,
        origin=transfer.origin_of(model) if (transfer := Transfer.of(model)) else None,
    )


def accuracy_gap(
    subject: Subject, validation: Mapping[str, float] | None, test: Mapping[str, Any]
) -> list[Finding]:
    """Return a warning if the accuracy on the test set is far below that on the validation split.

    `validation` and `test` are the metrics as in metrics.json.
    """
    held_out, most = subject.held_out, test.get("accuracy_interval", (0, 1))[1]
    if held_out is None or subject.test is None or "accuracy" not in (validation or {}):
        return []
    assert validation is not None
    right = round(validation["accuracy"] * len(held_out))
    if most >= interval(right, len(held_out))[0] - _GAP:
        return []
    return [
        warning(
            f"the test accuracy is {test['accuracy']:.1%}, but the validation accuracy is "
            f"{validation['accuracy']:.1%}: the two sets have different distributions.",
            subject.test.name,
            "Check that the labels are numbered, and the columns ordered and scaled, as in the "
            "training set.",
        )
    ]


def diagnose_settings(settings: Settings, data_dir: str | None = None) -> list[Finding]:
    """Return the doctor's findings for data and model, before any training."""

    def examined() -> list[Finding]:
        data = TrainingData.load(settings, data_dir)
        callbacks = callbacks_for(settings, has_validation=bool(data.validation))
        return examine(subject_of(data, new_model(data), callbacks))

    return _diagnosed(examined)


def diagnose_run(folder: str, data_dir: str | None = None) -> list[Finding]:
    """Return the doctor's findings for a run: its data, its weights and its training history."""
    return _diagnosed(lambda: _examined_run(folder, data_dir))


def _diagnosed(examined: Callable[[], list[Finding]]) -> list[Finding]:
    """Return the findings, after what was doubted while the data were read; errors are findings."""
    with collected_doubts() as doubts:
        try:
            findings = examined()
        except GlassnetError as error:
            findings = [Finding.of(error)]
    return [*findings_of(doubts), *findings]


def findings_of(doubts: Iterable[GlassnetError]) -> list[Finding]:
    """Return doubts about the data as findings that don't stop training."""
    return [warning(error.what, error.where, error.fix) for error in doubts]


def _examined_run(folder: str, data_dir: str | None) -> list[Finding]:
    run = Run(folder)
    model = Model.load(run.model)
    data = TrainingData.of_run(run, model, data_dir)
    subject = subject_of(data, model)
    findings = examine(subject, first_step=False)
    if unfinished_note := run.unfinished_note:
        findings.append(warning(unfinished_note, folder, run.resume_hint))
    metrics = run.read(METRICS_FILE) if run.ended else {}
    if run.has_history:
        restored, time_up = data.settings.early_stopping is not None, metrics.get("time_up")
        findings += symptoms(subject, history_of(run), restored, time_up is not None)
    if run.ended:
        findings += accuracy_gap(subject, metrics.get("validation"), metrics.get("test", {}))
    return findings
