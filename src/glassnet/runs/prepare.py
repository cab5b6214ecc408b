"""Prepare a training: data and model loaded, checked and examined before the first step."""

import logging
import os
from dataclasses import asdict, dataclass
from typing import Any

from glassnet import engines
from glassnet.core.errors import GlassnetError, unknown
from glassnet.doctor import Finding, Subject, examine, stop
from glassnet.engines import KERAS_ENGINES
from glassnet.model.model import Model
from glassnet.networks import options_of
from glassnet.runs.build import callbacks_for, new_model
from glassnet.runs.data import TrainingData
from glassnet.runs.diagnose import subject_of
from glassnet.runs.manifest import manifest
from glassnet.runs.settings import Settings
from glassnet.training.callbacks import Callback

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class PreparedTraining:
    """Data and model, checked and prepared: what a training starts from."""

    settings: Settings
    data: TrainingData
    model: Model
    config: dict[str, Any]
    subject: Subject  # its parts hold what training takes
    findings: list[Finding]  # of the doctor
    callbacks: list[Callback]  # that were chosen

    @property
    def validation_data(self) -> tuple[Any, Any] | None:
        """The held-out examples, if there are any."""
        held_out = self.subject.held_out
        return (held_out.x, held_out.y) if held_out else None


def prepare(
    settings: Settings, data_dir: str | None = None, sha256: str | None = None
) -> PreparedTraining:
    """Load the data, which are to have this hash if one is given, split them, make the model."""
    _require_engine(settings.engine)
    data = TrainingData.load(settings, data_dir, sha256)
    callbacks = callbacks_for(settings, watched=bool(data.validation))
    model = new_model(data)
    _require_trainable(settings, model)
    subject = subject_of(data, model)
    findings = stop(examine(subject))
    for finding in findings:
        log.warning(f"warning: {finding}")
    config = {
        "settings": configuration(settings),
        "data": data.record(),
        "manifest": manifest(settings.seed, data.dataset.sha256),
    }
    return PreparedTraining(settings, data, model, config, subject, findings, callbacks)


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
        model.objective(settings.augment)
        return
    if settings.augment:
        raise GlassnetError(
            "Keras trains on the pictures as they are.",
            where="--augment",
            fix="Take --engine numpy or jax, which change them.",
        )
    from glassnet.interop.keras.running import fit

    fit.require_trainable(model, settings.engine.partition(":")[2])


def configuration(settings: Settings) -> dict[str, Any]:
    """All that was chosen, written out: what a run's configuration says of its settings."""
    chosen = {key: value for key, value in asdict(settings).items() if value is not None}
    options = options_of(settings.network) | chosen  # defaults may be others one day
    for key in ("data", "test_file"):  # whole paths, so that later commands work in any folder
        if os.path.isfile(options.get(key, "")):
            options[key] = os.path.abspath(options[key])
    return options
