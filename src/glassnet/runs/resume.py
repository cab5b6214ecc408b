"""An interrupted run goes on: from its folder alone, and as if nothing had happened."""

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
from glassnet.runs.run import CONFIG_FILE, HISTORY_FILE, Run, settings_in
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
    before: Callable[[PreparedTraining], None] = lambda training: None,
    checkpoints: Checkpoints | None = None,
) -> TrainingResult | None:
    """Train a run to its end, or to another number of epochs; None if it is there already.

    Raises GlassnetError where what comes of it would not be what an uninterrupted run gives.
    """
    run = Run(folder)
    config, settings = _begun(run)
    return _go_on(run, config, settings, epochs, before, checkpoints)


def _begun(run: Run) -> tuple[dict[str, Any], Settings]:
    """What the run was told, checked."""
    config = run.read(CONFIG_FILE)
    settings = settings_of_training(config, run)
    require_resumable(settings.engine, str(run.folder))
    return config, settings


def _go_on(
    run: Run,
    config: dict[str, Any],
    settings: Settings,
    epochs: int | None,
    before: Callable[[PreparedTraining], None] = lambda training: None,
    checkpoints: Checkpoints | None = None,
) -> TrainingResult | None:
    where = str(run.folder)
    finished = run.ended
    longer = epochs is not None and epochs != settings.epochs
    if longer:
        assert epochs is not None
        settings = _longer(settings, epochs, run, finished)
    elif finished:
        return None
    with run.alone():
        data, was = config["data"], config.get("manifest")
        training = prepare(settings, data.get("folder"), data.get("sha256"))
        now = training.config["manifest"]
        changed = changes(was, now) if isinstance(was, dict) else []
        for change in changed:
            log.warning(f"{change}: the last bits may differ from one long run's")
        if not any((run.folder / name).exists() for name in FILES):
            _require_nothing_learned(run)
            log.info(f"{where} holds no checkpoint: training begins anew")
        run.sweep()
        told = config
        if longer:
            told = told | {"settings": told["settings"] | {"epochs": epochs}}
        if changed:  # so that `repeat` can name it
            told = told | {"resumed": [*told.get("resumed", []), now]}

        def begins() -> None:
            if longer:
                (run.folder / METRICS_FILE).unlink(missing_ok=True)
            if told is not config:
                run.write(CONFIG_FILE, told)

        return train_and_evaluate(training, run, before, checkpoints, begins)


def train_or_resume(
    settings: Settings, *, out: str, name: str | None, data_dir: str | None, **options: Any
) -> TrainingResult | None:
    """The run of this name goes on, if it is there; else it begins. None: it has ended already."""
    if name is None:
        raise GlassnetError("needs the --name of the run.", where="--resume")
    require_resumable(settings.engine, "--resume")
    run = Run(Path(out) / name)
    if not (run.folder / CONFIG_FILE).exists():
        return run_training(settings, out=out, name=name, data_dir=data_dir, again=True, **options)
    config, begun = _begun(run)
    said = as_json(configuration(settings))
    for key in sorted(said.keys() | config["settings"].keys()):
        was, now = config["settings"].get(key), said.get(key)
        if was != now:
            longer = ""
            if key == "epochs" and begun.schedule == "constant" and now > was:
                folder = shlex.quote(str(run.folder))
                longer = f" To train longer: glassnet resume {folder} --epochs {now}."
            raise GlassnetError(
                f"was begun with {key} {was}, not {now}.",
                where=str(run.folder),
                fix=f"Give the options it was begun with, or another --name.{longer}",
            )
    return _go_on(run, config, begun, None, **options)


def settings_of_training(config: Mapping[str, Any], run: Run) -> Settings:
    """What the run was told, with every name and value checked."""
    where = str(run.folder / CONFIG_FILE)
    said, data = config.get("settings"), config.get("data")
    if not isinstance(said, dict) or not isinstance(data, dict) or "engine" not in said:
        raise GlassnetError(
            "is not of a training.", where=where, fix="An imported model has none to go on with."
        )
    if not isinstance(data.get("folder"), str | None) or not isinstance(data.get("sha256"), str):
        raise run.altered(CONFIG_FILE)
    if not isinstance(config.get("resumed", []), list):
        raise run.altered(CONFIG_FILE)
    return settings_in(config, where)


def _longer(settings: Settings, epochs: int, run: Run, finished: bool) -> Settings:
    """The settings with another number of epochs; raises if that would be another training."""
    if settings.schedule != "constant":
        raise GlassnetError(
            f"its {settings.schedule} schedule leads the learning rate to 0 in "
            f"{settings.epochs} epochs; for {epochs}, each step would have had another rate.",
            where=f"{run.folder}: --epochs",
            fix=f"Train anew with --epochs {epochs}; what may become longer, with --schedule "
            "constant.",
        )
    done = run.read(METRICS_FILE).get("epochs") if finished else None
    if finished and done != settings.epochs:
        raise GlassnetError(
            f"--early-stopping or --max-time ended it after epoch {done}; more epochs change "
            "nothing.",
            where=str(run.folder),
        )
    return replace(settings, epochs=epochs)


def _require_nothing_learned(run: Run) -> None:
    """Raise if a run without checkpoints has epochs behind it, which training would overwrite.

    One epoch may be told, or half told, before the first checkpoint is written.
    """
    history = run.folder / HISTORY_FILE
    if history.is_file() and history.read_bytes().count(b"\n") > 1:
        raise GlassnetError(
            "has epochs behind it, but no checkpoint to go on from.",
            where=str(run.folder),
            fix="Bring the checkpoints back, or train anew under another --name.",
        )
