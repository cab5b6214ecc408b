"""`glassnet train`: train with checkpoints, evaluate on the test set, write the run's files."""

import logging
import shlex
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from glassnet.core.arrays import lowest
from glassnet.core.errors import GlassnetError
from glassnet.data import Rows
from glassnet.data.images.out_of_distribution import OutOfDistributionDetector
from glassnet.data.images.preprocessing import Preprocessing
from glassnet.data.targets import Counts, Numbers
from glassnet.doctor import Finding, symptoms
from glassnet.doctor.after_training import not_finite
from glassnet.doctor.findings import warning
from glassnet.doctor.fine_tuning import above_start, unmoved_arrays
from glassnet.engines import KERAS_ENGINES
from glassnet.evaluate.intervals import fit_intervals
from glassnet.evaluate.probabilities import fitted_temperature, scores_of
from glassnet.evaluate.tasks import TestResult
from glassnet.model.file import METRICS_FILE
from glassnet.model.model import Model
from glassnet.runs.changes import changes_of, merge_adapters
from glassnet.runs.doctor import accuracy_gap
from glassnet.runs.evaluate import evaluate_test_set
from glassnet.runs.fit import fit
from glassnet.runs.prepare import PreparedTraining, prepare
from glassnet.runs.run import CONFIG_FILE, START_FILE, HistoryFile, Run
from glassnet.runs.settings import Settings
from glassnet.training.callbacks import LambdaCallback, MaxTime, TensorBoard
from glassnet.training.callbacks.backup_and_restore import BackupAndRestore
from glassnet.training.callbacks.progress_bar import Progress
from glassnet.training.changes import Changes
from glassnet.training.divergence import DivergenceError, has_non_finite_weights
from glassnet.training.history import History
from glassnet.training.signals import Interrupted, Terminated

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainingResult:
    """A finished run and its results."""

    run: Run
    model: Model
    history: History
    validation: dict[str, float] | None
    test: TestResult
    seconds: float  # of training, without loading and evaluating
    trained_on: int  # number of training examples
    findings: tuple[Finding, ...] = ()  # of the doctor, before and after training
    time_up: str | None = None  # when --max-time ended the training, if it did
    changes: Changes | None = None  # of the weights, unless they were trained from nothing

    @property
    def best_epoch(self) -> int | None:
        """The epoch with the lowest validation loss, from 0; None without validation."""
        losses = self.history.history.get("val_loss")
        return lowest(losses) if losses else None

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
            "changes": self.changes,
            "findings": self.findings,
        }


@dataclass(frozen=True)
class Checkpoints:
    """How often a checkpoint is written: every `seconds`, or every `steps` if given."""

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
    on_prepared: Callable[[PreparedTraining], None],
    checkpoints: Checkpoints | None,
    on_start: Callable[[], None] = lambda: None,
) -> TrainingResult:
    """Train, from the run's newest checkpoint if it has one, and evaluate.

    `on_start` is called once the checkpoint was checked, before anything is written.
    """
    settings, model = training.settings, training.model
    backup = _backup(settings, run, checkpoints)

    def start(_: object) -> None:
        on_start()
        _fit_out_of_distribution_detector(training)

    callbacks = [LambdaCallback(on_train_begin=start), *training.callbacks]
    if settings.tensorboard is not None:
        folder = Path(settings.tensorboard) / run.folder.name
        callbacks.append(TensorBoard(folder, histogram_freq=1))
    callbacks += [HistoryFile(run, backup), Progress()]  # they see what others add to the logs
    if backup:
        callbacks.append(backup)
    on_prepared(training)
    try:
        history = fit(training, callbacks)
        at = settings.unfreeze_at
        unfrozen = at is not None and _epoch_of_weights(settings, history) >= at
        proof = changes_of(training.subject, model, unfrozen)
        if settings.merge_lora:
            proof = merge_adapters(model, proof)
        _calibrate(training)
        model.save(run.model)
        result = _result_of(training, run, history, proof)
        run.write(METRICS_FILE, result)
    except DivergenceError as error:
        raise _divergence_error(error, training, run, backup) from error
    except BaseException as error:
        if isinstance(error, Interrupted | Terminated):
            model.save(run.model)
            log.info(f"interrupted; the weights so far are in {run.model}")
        if backup and backup.saved:
            log.info(f"to resume: glassnet resume {shlex.quote(str(run.folder))}")
        raise
    if backup is None or settings.schedule != "constant":  # such a run can't be extended
        run.remove_checkpoints()
    return result


def _backup(
    settings: Settings, run: Run, checkpoints: Checkpoints | None
) -> BackupAndRestore | None:
    """Return the callback that writes checkpoints; None for Keras's own engines."""
    if settings.engine in KERAS_ENGINES:
        return None
    checkpoints = checkpoints or Checkpoints()
    return BackupAndRestore(
        run.folder,
        checkpoints.steps or "epoch",
        double_checkpoint=True,
        delete_checkpoint=False,  # deleted once the model is written
        seconds=None if checkpoints.steps else checkpoints.seconds,
    )


def require_resumable(engine: str, where: str) -> None:
    """Raise if a training with this engine can't be resumed."""
    if engine in KERAS_ENGINES:
        raise GlassnetError(
            f"{engine} writes no checkpoints: Keras does not save the order of the examples.",
            where=where,
            fix="Train with --engine numpy or jax.",
        )


def _fit_out_of_distribution_detector(training: PreparedTraining) -> None:
    """Fit the model's out-of-distribution detector to the training images, unless they have colors.

    Called when training starts, which resets the detector, and before the first checkpoint.
    """
    about, data = training.model.about.get("preprocessing"), training.data
    if about is not None and "channels" not in about:
        x, held_out = training.subject.train.x, training.subject.held_out
        training.model.typical = OutOfDistributionDetector.fitted(
            x, data.train.labels, held_out.x if held_out else x, data.dataset.outputs,
            Preprocessing.from_dict(about),
        )  # fmt: skip


def _calibrate(training: PreparedTraining) -> None:
    """Fit the temperature or the prediction intervals to the validation split, if there is one."""
    model, data, held_out = training.model, training.data.dataset, training.data.validation
    if held_out and isinstance(data, Rows) and isinstance(data.target, Numbers | Counts):
        predictions = data.target.decoded(model.predict(held_out.x, verbose=0))
        values = data.train.values
        fit_intervals(model, values[held_out.rows], predictions, values.min(axis=0))
    elif held_out and len(model.output_shape) == 1 and data.task == "classes":
        scores = scores_of(model, held_out.x)
        model.about["temperature"] = fitted_temperature(model, scores, held_out.labels)


def _result_of(
    training: PreparedTraining, run: Run, history: History, proof: Changes | None
) -> TrainingResult:
    validation: Any = None
    if training.validation_data:
        validation = training.model.evaluate(*training.validation_data, verbose=0, return_dict=True)
    test = evaluate_test_set(training.model, training.data)
    subject = replace(training.subject, params=training.model.params)
    restored = training.settings.early_stopping is not None
    time_up = next((c.ended for c in training.callbacks if isinstance(c, MaxTime)), None)
    findings = [
        *training.findings,
        *not_finite(_named_results(history, validation, test)),
        *symptoms(subject, history.history, restored, time_up is not None),
        *above_start(training.subject, history.history),
    ]
    if proof:
        known = {finding.where for finding in training.findings}
        moving = [layer for layer, change in proof.layers.items() if change != 0]
        unmoved = unmoved_arrays(proof.unmoved, moving)
        findings += [finding for finding in unmoved if finding.where not in known]
    findings += accuracy_gap(subject, validation, vars(test))
    unfreeze_at = training.settings.unfreeze_at
    epoch = _epoch_of_weights(training.settings, history)
    if unfreeze_at is not None and epoch < unfreeze_at:
        what = f"training ended in epoch {epoch + 1}, so frozen layers were never trained."
        fix = "Unfreeze earlier, or let it train longer."
        if history.epoch[-1] >= unfreeze_at:
            what = f"early stopping restored epoch {epoch + 1}, before frozen layers were trained."
            fix = "Train them at a lower rate: --layer-decay 0.8, or a lower --learning-rate."
        findings.append(warning(what, f"--unfreeze-at {unfreeze_at}", fix))
    if time_up and training.settings.schedule != "constant":
        findings.append(
            warning(
                f"training ended before the {training.settings.schedule} schedule had decayed the "
                f"learning rate ({time_up}): the weights have not converged.",
                "--max-time",
                "Choose fewer --epochs, so that they fit in the time, or --schedule constant.",
            )
        )
    return TrainingResult(
        run, training.model, history, validation, test, sum(history.seconds),
        len(training.data.train), tuple(findings), time_up, proof,
    )  # fmt: skip


def _epoch_of_weights(settings: Settings, history: History) -> int:
    """Return the epoch, from 0, after which the model had the weights that it has now."""
    restored = settings.early_stopping is not None
    return lowest(history.history["val_loss"]) if restored else history.epoch[-1]


def _named_results(
    history: History, validation: dict[str, float] | None, test: TestResult
) -> dict[str, float]:
    """Return the results of a training by their names in words."""
    last = {n: v[-1] for n, v in history.history.items() if v and not n.startswith("val_")}
    return {
        **{f"the training {name}": value for name, value in last.items()},
        **{f"the validation {name}": value for name, value in (validation or {}).items()},
        **{f"the test {n}": v for n, v in vars(test).items() if isinstance(v, float)},
    }


def _divergence_error(
    error: DivergenceError, training: PreparedTraining, run: Run, backup: BackupAndRestore | None
) -> DivergenceError:
    """Save the last finite weights, or remove the run if there are none; return the error."""
    if backup is None or not backup.saved:
        what = f"{run.folder} was" if run.remove() else f"its files in {run.folder} were"
        outcome = f"There was no checkpoint before it, and {what} removed."
    else:
        if has_non_finite_weights(error):
            checkpoint = backup.newest()
            assert checkpoint is not None
            training.model.take(training.model.input_shape, checkpoint.state.averaged().params)
        training.model.save(run.model)
        outcome = f"The weights before it are in {run.model}."
    return DivergenceError(
        error.what, where=error.where, kind=error.kind, array=error.array, weights=outcome
    )


def run_training(
    settings: Settings,
    *,
    out: str = "runs",
    name: str | None = None,
    data_dir: str | None = None,
    on_prepared: Callable[[PreparedTraining], None] = lambda training: None,
    checkpoints: Checkpoints | None = None,
    sha256: str | None = None,
    source_sha256: str | None = None,
) -> TrainingResult:
    """Train on the training split, monitor the validation split, evaluate once on the test set.

    `on_prepared` is called when data and model are ready, before the first step. Raises
    GlassnetError for anything invalid; then nothing has been written. With `sha256`, the data must
    have this hash, and with `source_sha256`, the weights of the model to start from.
    """
    training = prepare(settings, data_dir, sha256, source_sha256=source_sha256)
    if checkpoints is not None:
        require_resumable(settings.engine, "--checkpoint-seconds, --checkpoint-steps")
    run = Run.create(out, name, training.data.dataset.name)
    with run.lock(), run.removed_on_error():
        run.remove_partial_files()
        run.write(CONFIG_FILE, training.config)
        if training.data.source is not None:  # which may be gone when the run is resumed
            training.model.save(run.folder / START_FILE)
        return train_and_evaluate(training, run, on_prepared, checkpoints)
