"""Prepare a training: load the data, build the model and run the doctor before the first step."""

import logging
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from glassnet import engines
from glassnet.core.doubts import collected_doubts
from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.strict_json import as_json, require_unicode
from glassnet.data import Dataset
from glassnet.doctor import Finding, Subject, examine, stop
from glassnet.engines import KERAS_ENGINES
from glassnet.model.model import Model
from glassnet.networks import options_of
from glassnet.runs.build import callbacks_for, new_model
from glassnet.runs.changes import frozen_hash
from glassnet.runs.data import TrainingData, data_record
from glassnet.runs.doctor import findings_of, subject_of
from glassnet.runs.manifest import manifest
from glassnet.runs.settings import Settings
from glassnet.runs.source import Transfer
from glassnet.training.callbacks import Callback

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class PreparedTraining:
    """The checked data, model and callbacks from which a training starts."""

    settings: Settings
    data: TrainingData
    model: Model
    config: dict[str, Any]
    subject: Subject  # for the doctor; its parts hold the arrays that are trained on
    findings: list[Finding]  # of the doctor
    callbacks: list[Callback]  # that the settings name

    @property
    def validation_data(self) -> tuple[Any, Any] | None:
        """The validation split (x, y); None if there is none."""
        held_out = self.subject.held_out
        return (held_out.x, held_out.y) if held_out else None


def prepare(
    settings: Settings,
    data_dir: str | None = None,
    sha256: str | None = None,
    *,
    start: Path | None = None,
    source_sha256: str | None = None,
    dataset: Dataset | None = None,
) -> PreparedTraining:
    """Load and split the data, build the model, run the doctor.

    Raises if the data or the weights of the model to start from don't have these hashes. `start`
    is the folder of a run to be resumed; a `dataset` was loaded before.
    """
    _require_engine(settings.engine)
    with collected_doubts() as doubts:
        data = TrainingData.load(settings, data_dir, sha256, start, dataset)
    if data.source is not None and source_sha256 is not None:
        data.source.require_weights(source_sha256)
    callbacks = callbacks_for(settings, has_validation=bool(data.validation))
    model = new_model(data)
    _require_trainable(settings, model, data.weighted)
    subject = subject_of(data, model, callbacks)
    findings = [*findings_of(doubts), *stop(examine(subject))]
    for finding in findings:
        log.warning(f"warning: {finding}")
    config: dict[str, Any] = {
        "settings": configuration(replace(settings, batch_size=data.batch_size)),
        "data": data_record(data.dataset, data_dir),
        "manifest": manifest(settings.seed, data.dataset.sha256),
    }
    if (transfer := Transfer.of(model)) is not None:
        config["from"] = as_json(transfer)
    if frozen := frozen_hash(subject):
        config["frozen"] = frozen
    require_unicode(config, "config.json")
    return PreparedTraining(settings, data, model, config, subject, findings, callbacks)


def _require_engine(name: str) -> None:
    """Raise if the engine is unknown or not installed."""
    if name in KERAS_ENGINES:
        from glassnet.interop.keras.backend import use_backend

        use_backend(name.partition(":")[2])
    elif name not in engines.NAMES:
        raise unknown("engine", name, (*engines.NAMES, *KERAS_ENGINES), where="--engine")
    else:
        engines.require(name)


def _require_trainable(settings: Settings, model: Model, weighted: bool) -> None:
    """Raise if the engine can't train the model with these settings."""
    if settings.engine not in KERAS_ENGINES:
        model.objective(settings.augment).check_mixing(weighted)
        return
    if settings.augment:
        raise GlassnetError(
            "Keras's engines don't augment the images.",
            where="--augment",
            fix="Choose --engine numpy or jax.",
        )
    if settings.layer_decay is not None:
        raise GlassnetError(
            "Keras's engines have one learning rate for all layers.",
            where="--layer-decay",
            fix="Choose --engine numpy or jax.",
        )
    if settings.unfreeze_at is not None:
        raise GlassnetError(
            "Keras's engines train the same layers from the first step to the last.",
            where="--unfreeze-at",
            fix="Choose --engine numpy or jax.",
        )
    from glassnet.interop.keras.running import fit

    fit.require_trainable(model, settings.engine.partition(":")[2])


def configuration(settings: Settings) -> dict[str, Any]:
    """Return all settings with their values, defaults included, as `config.json` stores them."""
    values = {key: value for key, value in asdict(settings).items() if value is not None}
    if settings.from_ is None:
        options = options_of(settings.network) | values  # written out: defaults may change
    else:  # the source decides on the scaling
        options = {key: value for key, value in values.items() if key != "scaling"}
    for key in (
        "data",
        "test_file",
        "from_",
    ):  # absolute paths: later commands may run in any folder
        if os.path.exists(options.get(key, "")):
            options[key] = os.path.abspath(options[key])
    return options
