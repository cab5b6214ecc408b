"""`glassnet resume`: continue an interrupted run from its folder, with the same result."""

import logging
import shlex
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from glassnet.core.errors import GlassnetError
from glassnet.core.strict_json import as_json
from glassnet.model.file import METRICS_FILE
from glassnet.runs.manifest import changes
from glassnet.runs.prepare import PreparedTraining, configuration, prepare
from glassnet.runs.run import CONFIG_FILE, HISTORY_FILE, Run, parse_settings
from glassnet.runs.settings import Settings
from glassnet.runs.train import (
    Checkpoints,
    TrainingResult,
    require_resumable,
    run_training,
    train_and_evaluate,
)
from glassnet.training.callbacks.backup_and_restore import FILES

log = logging.getLogger(__name__)


def resume_training(
    folder: str | Path,
    *,
    epochs: int | None = None,
    on_prepared: Callable[[PreparedTraining], None] = lambda training: None,
    checkpoints: Checkpoints | None = None,
) -> TrainingResult | None:
    """Train a run to its end, or to another number of epochs; None if it has already ended.

    Raises GlassnetError if the result could differ from that of an uninterrupted run.
    """
    run = Run(folder)
    config = run.read(CONFIG_FILE)
    settings = training_settings(config, run)
    longer = epochs is not None and epochs != settings.epochs
    if run.ended and not longer:
        with run.lock():  # a process that is killed at its end leaves these
            run.remove_partial_files()
            if settings.schedule != "constant":
                run.remove_checkpoints()
        return None
    require_resumable(settings.engine, str(run.folder))
    if longer:
        assert epochs is not None
        settings = _with_epochs(settings, epochs, run)
    with run.lock():
        data, was = config["data"], config.get("manifest")
        training = prepare(
            settings, data.get("folder"), data.get("sha256"),
            start=run.folder, source_sha256=source_hash(config),
        )  # fmt: skip
        if config.get("frozen") != training.config.get("frozen"):
            raise GlassnetError(
                "its frozen weights are not those that it was started with.",
                where=str(run.folder),
                fix="Restore the network that it was started from, or train a new run.",
            )
        now = training.config["manifest"]
        changed = changes(was, now) if isinstance(was, dict) else []
        for change in changed:
            log.warning(f"{change}: the last bits may differ from an uninterrupted run")
        if not any((run.folder / name).exists() for name in FILES):
            _require_nothing_learned(run)
            log.info(f"{run.folder} has no checkpoint: training starts from the beginning")
        run.remove_partial_files()
        updated = config
        if longer:
            updated = updated | {"settings": updated["settings"] | {"epochs": epochs}}
        if changed:  # for `repeat`, which reports it
            updated = updated | {"resumed": [*updated.get("resumed", []), now]}

        def write_config() -> None:
            if longer:
                (run.folder / METRICS_FILE).unlink(missing_ok=True)
            if updated is not config:
                run.write(CONFIG_FILE, updated)

        return train_and_evaluate(training, run, on_prepared, checkpoints, write_config)


def train_or_resume(
    settings: Settings, *, out: str, name: str | None, data_dir: str | None, **options: Any
) -> TrainingResult | None:
    """Resume the run of this name if it exists, else start it; None if it has already ended."""
    if name is None:
        raise GlassnetError("needs the --name of the run.", where="--resume")
    require_resumable(settings.engine, "--resume")
    run = Run(Path(out) / name)
    if not (run.folder / CONFIG_FILE).exists():
        return run_training(settings, out=out, name=name, data_dir=data_dir, **options)
    require_same_settings(run, settings)
    return resume_training(run.folder, **options)


def require_same_settings(run: Run, settings: Settings) -> None:
    """Raise if a run was started with other settings."""
    config = run.read(CONFIG_FILE)
    stored = training_settings(config, run)
    require_resumable(stored.engine, str(run.folder))
    requested = as_json(configuration(settings))
    requested.setdefault("batch_size", config["settings"].get("batch_size"))
    for key in sorted(requested.keys() | config["settings"].keys()):
        was, now = config["settings"].get(key), requested.get(key)
        if was != now:
            longer = ""
            if key == "epochs" and stored.schedule == "constant" and now > was:
                folder = shlex.quote(str(run.folder))
                longer = f" To train longer: glassnet resume {folder} --epochs {now}."
            raise GlassnetError(
                f"was started with {key} {was}, not {now}.",
                where=str(run.folder),
                fix=f"Give the options it was started with, or another --name.{longer}",
            )


def training_settings(config: Mapping[str, Any], run: Run) -> Settings:
    """Return the settings of a run that was trained here; every name and value is checked."""
    where = str(run.folder / CONFIG_FILE)
    entries, data = config.get("settings"), config.get("data")
    if not isinstance(entries, dict) or not isinstance(data, dict) or "engine" not in entries:
        raise GlassnetError(
            "does not describe a training.",
            where=where,
            fix="Only a run that `glassnet train` made can be resumed or repeated; an imported "
            "model has no training.",
        )
    if not (
        isinstance(data.get("folder"), str | None)
        and isinstance(data.get("sha256"), str)
        and isinstance(config.get("resumed", []), list)
    ):
        raise run.invalid_file(CONFIG_FILE)
    return parse_settings(config, where)


def source_hash(config: Mapping[str, Any]) -> str | None:
    """Return the hash of the weights that a run started from; None if it started from none."""
    record = config.get("from")
    return record.get("sha256") if isinstance(record, dict) else None


def _with_epochs(settings: Settings, epochs: int, run: Run) -> Settings:
    """Return the settings with another number of epochs. Raises if all steps would change."""
    if settings.schedule != "constant":
        raise GlassnetError(
            f"its {settings.schedule} schedule decays the learning rate to 0 in "
            f"{settings.epochs} epochs; with {epochs}, every step would have another rate.",
            where=f"{run.folder}: --epochs",
            fix=f"Train a new run with --epochs {epochs}. Runs with --schedule constant can be "
            "extended.",
        )
    if run.ended and (done := run.read(METRICS_FILE).get("epochs")) != settings.epochs:
        raise GlassnetError(
            f"--early-stopping or --max-time ended it after epoch {done}; more epochs would change "
            "nothing.",
            where=str(run.folder),
        )
    return replace(settings, epochs=epochs)


def _require_nothing_learned(run: Run) -> None:
    """Raise if a run without checkpoints has trained epochs, which training would overwrite.

    One epoch may be recorded, at least partly, before the first checkpoint is written.
    """
    history = run.folder / HISTORY_FILE
    if history.is_file() and history.read_bytes().count(b"\n") > 1:
        raise GlassnetError(
            "has trained epochs, but no checkpoint to resume from.",
            where=str(run.folder),
            fix="Restore the checkpoints, or train a new run under another --name.",
        )
