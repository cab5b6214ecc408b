"""Prepare a training: data and model loaded, checked and examined before the first step."""

import logging
import os
from dataclasses import asdict, dataclass
from typing import Any

from glassnet import engines
from glassnet.core.errors import GlassnetError, unknown
from glassnet.data import Dataset
from glassnet.doctor import Finding, Subject, examine, stop
from glassnet.engines import KERAS_ENGINES
from glassnet.model.model import Model
from glassnet.networks import options_of
from glassnet.runs.build import callbacks_for, class_weights, new_model
from glassnet.runs.data import data_record, loaded, prepared
from glassnet.runs.diagnose import subject_of
from glassnet.runs.manifest import manifest
from glassnet.runs.settings import Settings
from glassnet.training.callbacks import Callback
from glassnet.training.checks.augmentation import checked_augmentation

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class PreparedTraining:
    """Data and model, checked and prepared: what a training starts from."""

    settings: Settings
    data: Dataset
    model: Model
    config: dict[str, Any]
    x: Any
    y: Any
    validation_data: tuple[Any, Any] | None
    y_test: Any
    subject: Subject
    findings: list[Finding]  # of the doctor
    callbacks: list[Callback]  # that were chosen
    class_weight: dict[int, float] | None
    sample_weight: Any

    @property
    def held_out(self) -> int:
        """The number of examples to watch."""
        return len(self.validation_data[1]) if self.validation_data else 0


def prepare(
    settings: Settings,
    data_dir: str | None,
    sha256: str | None = None,
) -> PreparedTraining:
    """Load the data, which are to have this hash if one is given, split them, make the model."""
    _require_engine(settings.engine)
    data = loaded(settings, data_dir)
    if sha256 not in (None, data.sha256):
        raise GlassnetError(
            f"{data.name} is not what it was when the run began.",
            where=data.source,
            fix="Bring the data back as they were, or train anew.",
        )
    data, train_rows, held_out = prepared(settings, data)
    chosen = callbacks_for(settings, watched=bool(len(held_out)))
    x = data.x_train[train_rows]
    model = new_model(settings, data, x)
    _require_trainable(settings, model)
    subject = subject_of(settings, data, model, x, train_rows, held_out)
    found = stop(examine(subject))
    for finding in found:
        log.warning(f"warning: {finding}")
    watched, train = subject.held_out, subject.train
    validation_data = (watched.x, watched.y) if watched else None
    assert subject.test is not None
    config = _config(settings, data, data_dir)
    return PreparedTraining(
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
