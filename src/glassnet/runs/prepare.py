"""From a data set and settings to a judged run: what `glassnet train` does."""

import os
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from glassnet import engines
from glassnet.runs.train import (
    KERAS_ENGINES,
    Checkpoints,
    Outcome,
    Ready,
    complete,
    require_resumable,
)
from glassnet.core.errors import GlassnetError, unknown
from glassnet.data import Corpus, Dataset, load
from glassnet.data.splits import folds
from glassnet.doctor import Finding, examine, stop, symptoms
from glassnet.doctor.findings import warning
from glassnet.runs.diagnose import apart, history_of, settings_of, subject_of
from glassnet.model.file import METRICS_FILE
from glassnet.runs.manifest import manifest
from glassnet.model.model import Model
from glassnet.networks import options_of
from glassnet.runs.build import callbacks_for, class_weights, new_model, prepared
from glassnet.runs.run import CONFIG_FILE, Run
from glassnet.runs.settings import Reading, Settings
from glassnet.training.checks.augmentation import checked_augmentation

TABLE = ("text_column", "label_column", "test_file")  # what settings say of a table of texts


def run_training(
    settings: Settings,
    *,
    out: str = "runs",
    name: str | None = None,
    data_dir: str | None = None,
    report: Callable[[str], None] = lambda line: None,
    before: Callable[[Ready], None] = lambda ready: None,
    checkpoints: Checkpoints | None = None,
    again: bool = False,
    sha256: str | None = None,
) -> Outcome:
    """Train on the training split, watch the validation split, judge once on the test set.

    `before` is called when data and model stand and before the first step. Raises GlassnetError
    for anything that does not fit; then nothing has been written. With `again`, the folder may be
    there already, if it holds nothing. With `sha256`, the data must be those that have this hash.
    """
    ready = prepare(settings, data_dir, report, sha256)
    if checkpoints is not None:
        require_resumable(settings.engine, "--checkpoint-seconds, --checkpoint-steps")
    run = Run.create(out, name, ready.data.name, again)
    with run.alone():
        run.sweep()
        run.write(CONFIG_FILE, ready.config)
        return complete(ready, run, report, before, checkpoints)


def prepare(
    settings: Settings,
    data_dir: str | None,
    report: Callable[[str], None],
    sha256: str | None = None,
) -> Ready:
    """Load the data, which are to have this hash if one is given, split them, make the model."""
    _require_engine(settings.engine)
    data = loaded(settings, data_dir, report)
    if sha256 not in (None, data.sha256):
        raise GlassnetError(
            f"{data.name} is not what it was when the run began.",
            where=data.source,
            fix="Bring the data back as they were, or train anew.",
        )
    data, train_rows, held_out = prepared(settings, data, report)
    chosen = callbacks_for(settings, watched=bool(len(held_out)))
    x = data.x_train[train_rows]
    model = new_model(settings, data, x)
    _require_trainable(settings, model)
    subject = subject_of(settings, data, model, x, train_rows, held_out)
    found = stop(examine(subject))
    for finding in found:
        report(f"warning: {finding}")
    watched, train = subject.held_out, subject.train
    validation_data = (watched.x, watched.y) if watched else None
    assert subject.test is not None
    config = _config(settings, data, data_dir)
    return Ready(
        settings,
        data,
        model,
        config,
        train.x,
        train.y,
        validation_data,
        subject.test.y,
        subject,
        found,
        chosen,
        class_weights(settings, data.y_train[train_rows]),
        None if data.weights is None else data.weights[train_rows],
    )


def _require_engine(name: str) -> None:
    """Raise, before anything is done, if the engine is unknown or not installed."""
    if name in KERAS_ENGINES:
        from glassnet.interop.keras.backend import use_backend

        use_backend(name.partition(":")[2])
    elif name not in engines.NAMES:
        raise unknown("engine", name, (*engines.NAMES, *KERAS_ENGINES), where="--engine")
    else:
        engines.require(name)


def _require_trainable(settings: Settings, model: Model) -> None:
    """Raise, before anything is written, if the engine can't train the model as settings say."""
    if settings.engine not in KERAS_ENGINES:
        assert model.loss is not None
        checked_augmentation(
            settings.augment, model.network, model.input_shape, model.loss, weighted=False
        )
        return
    if settings.augment:
        raise GlassnetError(
            "Keras trains on the pictures as they are.",
            where="--augment",
            fix="Take --engine numpy or jax, which change them.",
        )
    from glassnet.interop.keras.running import fit

    fit.require_trainable(model, settings.engine.partition(":")[2])


def loaded(settings: Settings, data_dir: str | None, report: Callable[[str], None]) -> Dataset:
    """The data set of the settings; of a fold, with that part of the training rows to judge on."""
    reading = settings.of(Reading)
    table = {key: reading.get(key) for key in TABLE}
    data = load(settings.data, data_dir, report, **table)
    return folded(data, settings.folds, settings.fold, settings.seed)


def folded(data: Dataset, count: int | None, fold: int | None, seed: int) -> Dataset:
    """The data, a fold of the training rows (from 1) in the test set's place if one is named."""
    if count is None or fold is None:
        return data
    if isinstance(data, Corpus):
        raise GlassnetError("a long text has no examples to share out.", where="--folds")
    if not 1 <= fold <= count:
        raise GlassnetError(f"there is no fold {fold} of {count}.", where="--folds")
    return data.held_out(*folds(data.y_train, count, seed, data.groups)[fold - 1])


def data_record(data: Dataset, folder: str | None) -> dict[str, Any]:
    """What a run's configuration says of its data."""
    return {
        "name": data.name,
        "source": data.source,
        "folder": os.path.abspath(folder) if folder else None,
        "sha256": data.sha256,
        "train": len(data.x_train),
        "test": len(data.x_test),
    }


def configuration(settings: Settings) -> dict[str, Any]:
    """All that was chosen, written out: what a run's configuration says of its settings."""
    chosen = {key: value for key, value in asdict(settings).items() if value is not None}
    said = options_of(settings.network) | chosen  # defaults may be others one day
    for key in ("data", "test_file"):  # whole paths, so that the run can be judged from any folder
        if os.path.isfile(said.get(key, "")):
            said[key] = os.path.abspath(said[key])
    return said


def _config(settings: Settings, data: Dataset, data_dir: str | None) -> dict[str, Any]:
    return {
        "settings": configuration(settings),
        "data": data_record(data, data_dir),
        "manifest": manifest(settings.seed, data.sha256),
    }


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
