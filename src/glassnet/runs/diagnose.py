"""The doctor on a data set and settings, and on a run: what `glassnet doctor` does."""

from collections.abc import Callable, Mapping
from typing import Any

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError
from glassnet.data import Corpus, Dataset, Texts
from glassnet.data.text.tokenizer import WordTokenizer
from glassnet.doctor import Finding, Part, Subject, examine, symptoms
from glassnet.doctor.findings import warning
from glassnet.evaluate.classification import interval
from glassnet.model.file import METRICS_FILE
from glassnet.model.model import Model
from glassnet.runs.build import new_model
from glassnet.runs.data import loaded, prepared, targets_for
from glassnet.runs.run import Run, history_of, settings_of
from glassnet.runs.settings import Settings
from glassnet.training.loop import Plan

_APART = 0.1  # between the accuracies' intervals


def subject_of(
    settings: Settings, data: Dataset, model: Model, x: Any, rows: Array, held_out: Array
) -> Subject:
    """Model and prepared data, as the doctor sees them: x, of the rows to train on; rows held out.

    Its parts hold what training takes, checked.
    """
    y_train, y_test = targets_for(settings.loss, data)
    optimizer, _ = model._require_compiled()
    assert model.loss is not None  # recipes have one output

    def part(x: Any, y: Any, split: str, chosen: Any = None) -> Part:
        texts = getattr(data, f"texts_{split}", ())
        if chosen is not None:
            y, texts = y[chosen], [texts[row] for row in chosen if texts]
        checked = model.examples(x, y)
        kept = " (held out)" if chosen is held_out else ""
        name, labels = (f"{data.source}: {letter}_{split}{kept}" for letter in "xy")
        return Part(checked.x, checked.targets, name, labels, chosen, texts)

    train = part(x, y_train, "train", rows)
    tokens = ""
    if isinstance(data, Texts | Corpus):
        tokens = "word" if isinstance(data.tokenizer, WordTokenizer) else "byte"
    return Subject(
        model.network,
        model.loss,
        model._objective(),
        model._adapted(train.x),
        optimizer,
        Plan(settings.epochs, settings.batch_size, seed=settings.seed),
        train,
        part(data.x_train[held_out], y_train, "train", held_out) if len(held_out) else None,
        part(data.x_test, y_test, "test"),
        class_names=model.class_names,
        tokens=tokens,
        weighted=settings.class_weight is not None or data.weights is not None,
        seed=settings.seed,
    )


def apart(
    subject: Subject, validation: Mapping[str, float] | None, test: Mapping[str, Any]
) -> list[Finding]:
    """Test examples that are judged far worse than held-out ones are not of their kind.

    `validation` and `test` are what metrics.json says of them.
    """
    held_out, most = subject.held_out, test.get("accuracy_interval", (0, 1))[1]
    if held_out is None or subject.test is None or "accuracy" not in (validation or {}):
        return []
    assert validation is not None
    right = round(validation["accuracy"] * len(held_out))
    if most >= interval(right, len(held_out))[0] - _APART:
        return []
    return [
        warning(
            f"the accuracy is {test['accuracy']:.1%}; on held-out examples it is "
            f"{validation['accuracy']:.1%}: the two are not of one kind.",
            subject.test.name,
            "Look whether the test labels are numbered, and the columns ordered and scaled, as in "
            "training.",
        )
    ]


def examined(
    settings: Settings,
    data_dir: str | None = None,
    report: Callable[[str], None] = lambda line: None,
) -> list[Finding]:
    """What the doctor finds in data and model before a training, without one."""
    try:
        data, rows, held_out = prepared(settings, loaded(settings, data_dir, report), report)
        x = data.x_train[rows]
        model = new_model(settings, data, x)
        return examine(subject_of(settings, data, model, x, rows, held_out))
    except GlassnetError as error:
        return [Finding.of(error)]


def examined_run(
    folder: str, data_dir: str | None = None, report: Callable[[str], None] = lambda line: None
) -> list[Finding]:
    """What the doctor finds in a run: in its data and weights, and in how its training went."""
    run = Run(folder)
    try:
        settings = settings_of(run)
        where = data_dir or run.trained_on()[1]
        data, rows, held_out = prepared(settings, loaded(settings, where, report), report)
        model, x = Model.load(run.model), data.x_train[rows]
        subject = subject_of(settings, data, model, x, rows, held_out)
        found = examine(subject, first_step=False)
        if unfinished := run.unfinished:
            found.append(warning(unfinished, folder, run.to_go_on))
        if run.has_history:
            kept = settings.early_stopping is not None
            found += symptoms(subject, history_of(run), best_is_kept=kept)
        if run.ended:
            said = run.read(METRICS_FILE)
            found += apart(subject, said.get("validation"), said.get("test", {}))
        return found
    except GlassnetError as error:
        return [Finding.of(error)]
