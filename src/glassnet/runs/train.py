"""A prepared training is carried out: with checkpoints, to its end or as far as it comes."""

import logging
import shlex
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from glassnet.core.arrays import lowest
from glassnet.core.errors import GlassnetError
from glassnet.data.images.out_of_distribution import OutOfDistributionDetector
from glassnet.data.images.preprocessing import Preprocessing
from glassnet.doctor import Finding, skip_glance, symptoms
from glassnet.doctor.after_training import not_finite
from glassnet.doctor.findings import warning
from glassnet.engines import KERAS_ENGINES
from glassnet.evaluate.classification import Classification
from glassnet.evaluate.language_model import NextByte
from glassnet.evaluate.probabilities import fitted_temperature, scores_of
from glassnet.model.file import METRICS_FILE
from glassnet.model.model import Model
from glassnet.runs.diagnose import apart
from glassnet.runs.evaluate import evaluate_test_set
from glassnet.runs.prepare import PreparedTraining, prepare
from glassnet.runs.run import CONFIG_FILE, HistoryFile, Run
from glassnet.runs.settings import Settings
from glassnet.training.callbacks import Callback, LambdaCallback, MaxTime, TensorBoard
from glassnet.training.callbacks.backup_and_restore import BackupAndRestore
from glassnet.training.callbacks.progress_bar import Progress
from glassnet.training.divergence import DivergenceError, has_non_finite_weights
from glassnet.training.loop import History
from glassnet.training.signals import Interrupted, Terminated

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainingResult:
    """A finished run and its numbers."""

    run: Run
    model: Model
    history: History
    validation: dict[str, float] | None
    test: Classification | NextByte
    seconds: float  # of training, without loading and judging
    trained_on: int  # examples
    findings: tuple[Finding, ...] = ()  # the doctor's, from before and after training
    time_up: str | None = None  # where --max-time ended the training, if it did

    @property
    def best_epoch(self) -> int | None:
        """The epoch with the lowest validation loss, from 0; None without validation."""
        losses_seen = self.history.history.get("val_loss")
        return lowest(losses_seen) if losses_seen else None

    def to_dict(self) -> dict[str, Any]:
        return {
            "run": self.run.folder,
            "parameters": self.model.count_params(),
            "epochs": len(self.history.epoch),
            "best_epoch": None if self.best_epoch is None else self.best_epoch + 1,
            "test": self.test,
            "validation": self.validation,
            "temperature": self.model.about.get("temperature"),
            "seconds": round(self.seconds, 3),
            "time_up": self.time_up,
            "findings": self.findings,
        }


@dataclass(frozen=True)
class Checkpoints:
    """How often a training is written down: every so many seconds, or steps if they are given."""

    seconds: float = 10.0
    steps: int | None = None

    def __post_init__(self) -> None:
        if not self.seconds >= 0:
            raise GlassnetError(f"must be ≥ 0, got {self.seconds}.", where="--checkpoint-seconds")
        if self.steps is not None and self.steps < 1:
            raise GlassnetError(f"must be ≥ 1, got {self.steps}.", where="--checkpoint-steps")


def train_and_evaluate(
    training: PreparedTraining,
    run: Run,
    before: Callable[[PreparedTraining], None],
    checkpoints: Checkpoints | None,
    begins: Callable[[], None] = lambda: None,
) -> TrainingResult:
    """Train, from the run's newest checkpoint if it has one, and judge.

    `begins` is called when the checkpoint is known to fit, and before anything is written.
    """
    settings, model = training.settings, training.model
    backup = _backup(settings, run, checkpoints)
    callbacks = [*training.callbacks]
    if settings.tensorboard is not None:
        folder = Path(settings.tensorboard) / run.folder.name
        callbacks.append(TensorBoard(folder, histogram_freq=1))
    callbacks += [HistoryFile(run, backup), Progress()]  # they see what the others add

    def begin(_: object) -> None:
        begins()
        _look_at_pictures(training)

    first = LambdaCallback(on_train_begin=begin)
    before(training)
    try:
        history = fit(training, [first, *callbacks, *([backup] if backup else [])])
        _calibrate(training)
        model.save(run.model)
        outcome = _result_of(training, run, history)
        run.write(METRICS_FILE, outcome)
    except DivergenceError as error:
        raise _told(error, training, run, backup) from error
    except BaseException as error:
        if isinstance(error, Interrupted | Terminated):
            model.save(run.model)
            log.info(f"interrupted; what was learned so far is in {run.model}")
        if backup and backup.saved:
            log.info(f"to go on: glassnet resume {shlex.quote(str(run.folder))}")
        raise
    if backup and settings.schedule != "constant":  # no other number of epochs can follow
        backup.delete()
    return outcome


def _backup(settings: Settings, run: Run, chosen: Checkpoints | None) -> BackupAndRestore | None:
    """What writes the checkpoints; Keras's own engines have none."""
    if settings.engine in KERAS_ENGINES:
        return None
    often = chosen or Checkpoints()
    return BackupAndRestore(
        run.folder,
        often.steps or "epoch",
        double_checkpoint=True,
        delete_checkpoint=False,  # only once the model is written
        seconds=None if often.steps else often.seconds,
    )


def require_resumable(engine: str, where: str) -> None:
    """Raise if what this engine trains can't go on after an interruption."""
    if engine in KERAS_ENGINES:
        raise GlassnetError(
            f"{engine} writes no checkpoints: Keras does not keep the order of the examples.",
            where=where,
            fix="Train with --engine numpy or jax.",
        )


def _look_at_pictures(training: PreparedTraining) -> None:
    """Let the model know what its pictures look like, if they are such, to tell others apart.

    Once training began, which forgets those before, and before the first checkpoint.
    """
    about, data = training.model.about.get("preprocessing"), training.data
    if about is not None:
        x, held_out = training.subject.train.x, training.subject.held_out
        training.model.typical = OutOfDistributionDetector.fitted(
            x, data.train.labels, held_out.x if held_out else x, data.dataset.outputs,
            Preprocessing.from_dict(about),
        )  # fmt: skip


def _calibrate(training: PreparedTraining) -> None:
    """Let the model know the temperature that suits the held-out examples, if there are any."""
    model, held_out = training.model, training.data.validation
    if held_out and len(model.output_shape) == 1:
        scores = scores_of(model, held_out.x)
        model.about["temperature"] = fitted_temperature(model, scores, held_out.labels)


def _result_of(training: PreparedTraining, run: Run, history: History) -> TrainingResult:
    validation = None
    if training.validation_data:
        found = training.model.evaluate(*training.validation_data, verbose=0, return_dict=True)
        assert isinstance(found, dict)
        validation = found
    test = evaluate_test_set(training.model, training.data)
    subject = replace(training.subject, params=training.model.params)
    kept = training.settings.early_stopping is not None
    time_up = next((c.ended for c in training.callbacks if isinstance(c, MaxTime)), None)
    findings = [
        *training.findings,
        *not_finite(_by_place(history, validation, test)),
        *symptoms(subject, history.history, best_is_kept=kept),
    ]
    findings += apart(subject, validation, vars(test))
    if time_up and training.settings.schedule != "constant":
        findings.append(
            warning(
                f"ended before its {training.settings.schedule} schedule brought the learning rate "
                f"down ({time_up}): the weights did not settle.",
                "--max-time",
                "Take as many --epochs as fit into the time, or --schedule constant.",
            )
        )
    return TrainingResult(
        run, training.model, history, validation, test, sum(history.seconds),
        len(training.data.train), tuple(findings), time_up,
    )  # fmt: skip


def _by_place(
    history: History, validation: dict[str, float] | None, test: Classification | NextByte
) -> dict[str, float]:
    """What a training came to, each number by words that say which it is."""
    last = {n: v[-1] for n, v in history.history.items() if v and not n.startswith("val_")}
    return {
        **{f"the training {name}": value for name, value in last.items()},
        **{f"the validation {name}": value for name, value in (validation or {}).items()},
        **{f"the test {n}": v for n, v in vars(test).items() if isinstance(v, float)},
    }


def _told(
    error: DivergenceError, training: PreparedTraining, run: Run, backup: BackupAndRestore | None
) -> DivergenceError:
    """The error with what is left: the weights before it, or no folder if nothing was learned."""
    if backup is None or not backup.saved:
        what = f"{run.folder} was" if run.remove() else f"its files in {run.folder} were"
        kept = f"Nothing was learned before it, and {what} removed."
    else:
        if has_non_finite_weights(error):
            position = backup.newest()
            assert position is not None
            training.model.take(training.model.input_shape, position.state.averaged().params)
        training.model.save(run.model)
        kept = f"What was learned before it is in {run.model}."
    return DivergenceError(
        error.what, where=error.where, kind=error.kind, array=error.array, weights=kept
    )


def fit(training: PreparedTraining, callbacks: list[Callback]) -> History:
    """Train with one of our engines, or with Keras's own fit."""
    settings, model, train = training.settings, training.model, training.subject.train
    size, epochs = settings.batch_size, settings.epochs
    options: Any = {
        "callbacks": callbacks,
        "validation_data": training.validation_data,
        "class_weight": training.data.class_weight,
        "sample_weight": training.data.sample_weight,
    }
    if settings.engine in KERAS_ENGINES:
        from glassnet.interop.keras.running.fit import fit

        backend = settings.engine.partition(":")[2]
        return fit(
            model, train.x, train.y, backend=backend, batch_size=size, epochs=epochs, **options
        )
    with skip_glance():
        return model.fit(
            train.x, train.y, size, epochs, verbose=0, augment=settings.augment,
            engine=settings.engine, **options,
        )  # fmt: skip


def run_training(
    settings: Settings,
    *,
    out: str = "runs",
    name: str | None = None,
    data_dir: str | None = None,
    before: Callable[[PreparedTraining], None] = lambda training: None,
    checkpoints: Checkpoints | None = None,
    again: bool = False,
    sha256: str | None = None,
) -> TrainingResult:
    """Train on the training split, watch the validation split, judge once on the test set.

    `before` is called when data and model stand and before the first step. Raises GlassnetError
    for anything that does not fit; then nothing has been written. With `again`, the folder may be
    there already, if it holds nothing. With `sha256`, the data must be those that have this hash.
    """
    training = prepare(settings, data_dir, sha256)
    if checkpoints is not None:
        require_resumable(settings.engine, "--checkpoint-seconds, --checkpoint-steps")
    run = Run.create(out, name, training.data.dataset.name, again)
    with run.alone():
        run.sweep()
        run.write(CONFIG_FILE, training.config)
        return train_and_evaluate(training, run, before, checkpoints)
