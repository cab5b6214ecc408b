"""Checks of the first training step: its activations, loss, gradients and learning rate."""

import math
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from glassnet.core.arrays import Array, as_tuple
from glassnet.core.plurals import are, counted
from glassnet.core.trees import items
from glassnet.doctor.findings import Finding, warning
from glassnet.doctor.subject import Subject
from glassnet.engines.numpy import NumpyEngine, one_thread
from glassnet.engines.state import initial_state
from glassnet.layers import CallContext

DEAD = 0.75  # of a layer's units
_EXPLODED = 1e4  # times the size of the inputs
_VANISHED = 1e-6  # share of the outputs that depends on the inputs; of the last layer's gradient
_LOSSES = 5.0  # times the loss of an untrained network
STEPS = 6  # of a trial; before the last one, five were done
_WORSE, _WORSE_TUNED = (10.0, 1.0), (1.5, 0.5)  # the loss then: so many times the first, plus
_STUCK, _STUCK_TUNED = 0.01, 0.001  # share of the weights' size that changes in the training
_MANY = 100  # steps in which weights should move
_ROWS = 16  # examples in a trial step
_PENALTY = 30.0  # times the loss without it
_CUT = 1e-3  # share of the gradients' norm that clipping leaves
_CLIPPING = ("global_clipnorm", "clipnorm", "clipvalue")
_INITIAL = 0.1  # share of the first weights in an average


class StepTrace:
    """The layer outputs, loss and gradients of one step on at most 64 examples, on NumPy.

    It is the first step of a training, or the next one of a trained network.
    """

    def __init__(self, subject: Subject) -> None:
        self.record: dict[str, Array] = {}
        updates: dict[str, Any] = {}
        context = CallContext(
            True, subject.seed, 0, wrt_x=False, record=self.record, updates=updates
        )
        objective, params = subject.objective, subject.params
        with np.errstate(all="ignore"), one_thread():
            loss, _, grads = objective.value_and_gradients(params, *subject.batch, context)
            self.loss = float(loss)
        self.gradients: dict[str, Array] = dict(items(grads))
        self.statistics = tuple(updates)  # the paths of the weights that follow the data
        self.subject, self.network = subject, objective.network

    def outputs(self) -> Iterator[tuple[str, Any, Array]]:
        """Yield (path, layer, output) in the order of computation."""
        for path, output in self.record.items():
            yield path, self.network.at(path), output

    def kernels(self) -> dict[str, float]:
        """Return the root mean square of each trained kernel's gradient, first layer first."""
        kernels = [path for path in self.subject.objective.trained if path.endswith("kernel")]
        return {path: _size(self.gradients[path]) for path in kernels if path in self.gradients}


def dead_units(trace: StepTrace, when: str) -> Iterator[Finding]:
    """Warn about dead relu units: 0 for every example, so they get no gradient."""
    for path, layer, output in trace.outputs():
        if getattr(layer, "activation", None) != "relu" or layer.parts or output.ndim < 2:
            continue
        if trace.subject.is_frozen(path):  # what it computes was decided before this training
            continue
        dead = (output <= 0).reshape(-1, output.shape[-1]).all(axis=0)
        if dead.size >= 4 and dead.mean() >= DEAD:
            yield warning(
                f"{dead.sum()} of {dead.size} units are dead {when}: their relu outputs 0 for "
                "every example.",
                f"layer {path}",
                "Scale the inputs, lower the learning rate, or use leaky_relu, elu or gelu.",
            )
            return


def activations(subject: Subject, trace: StepTrace) -> Iterator[Finding]:
    """Warn about outputs that explode, or that no longer depend on the inputs."""
    input_size = _size(subject.first_trainable[2] if subject.first_trainable else subject.batch[0])
    output = np.zeros(1)
    for path, layer, output in trace.outputs():
        if layer.learns and not _size(output) < _EXPLODED * max(input_size, 1):
            yield warning(
                f"has outputs with a root mean square of {_size(output):.3g}: activations explode.",
                f"layer {path}",
                'Start with smaller weights ("he_normal", "glorot_uniform"), or use normalization.',
            )
            return
    if len(output) > 1 and output.ndim > 1 and _size(output) > 0:
        variation = _size(output - output.mean(axis=0))
        if variation < _VANISHED * _size(output):
            yield warning(
                "the outputs are the same for all inputs: the network loses its inputs on the way.",
                f"layer {path}",
                "Use fewer layers, relu instead of sigmoid and tanh, residual connections, or "
                "normalization.",
            )


def gradients(trace: StepTrace, when: str) -> Iterator[Finding]:
    """Warn about gradients that vanish or explode between the last layer and the first."""
    sizes = {path: size for path, size in trace.kernels().items() if size > 0}
    if len(sizes) < 2:
        return
    (first, small), *_, (last, large) = sizes.items()
    if small < _VANISHED * large:
        yield warning(
            f"gets gradients {large / small:.1g} times smaller than {last} {when}: gradients "
            "vanish on the way back.",
            f"weight {first}",
            "Use relu instead of sigmoid and tanh, normalization, residual connections, or fewer "
            "layers.",
        )
    elif small * _VANISHED > large:
        yield warning(
            f"gets gradients {small / large:.1g} times larger than {last} {when}: gradients "
            "explode on the way back.",
            f"weight {first}",
            "Clip them (global_clipnorm=1.0, --clip 1), and start with smaller weights.",
        )


def first_loss(subject: Subject, trace: StepTrace) -> Iterator[Finding]:
    """Warn if the first loss is far above log(classes), that of an untrained network."""
    if subject.classes < 2 or subject.weighted:
        return
    loss, uniform = trace.loss - subject.penalty, math.log(subject.classes)
    if not loss < _LOSSES * uniform:
        fix = "Scale the inputs, and start with smaller weights."
        if subject.fine_tuned:
            fix = "Prepare the inputs and order the classes as the network was trained with them."
        yield warning(
            f"starts at {loss:.3g}; that of an untrained network is log({subject.classes}) = "
            f"{uniform:.3g}.",
            "the loss",
            fix,
        )


def penalty(subject: Subject, trace: StepTrace) -> Iterator[Finding]:
    """Warn about a weight penalty so large that training only shrinks the weights."""
    size, loss = subject.penalty, trace.loss - subject.penalty
    if size > _PENALTY * max(loss, 1):
        yield warning(
            f"starts at {size:.3g}, the loss without it at {loss:.3g}: training only shrinks the "
            "weights.",
            "the weight penalty",
            f"Multiply it (--l1, --l2, kernel_regularizer) by {max(loss, 1) / size:.0e}.",
        )


def average(subject: Subject) -> Iterator[Finding]:
    """Warn about a weight average over so many steps that it keeps the first weights."""
    optimizer = subject.optimizer
    steps = subject.steps // optimizer.accumulates
    share = optimizer.ema_momentum ** max(steps - 1, 0)
    if optimizer.use_ema and share > _INITIAL:
        yield warning(
            f"after {counted(steps, 'step')}, {share:.0%} of the average is still the weights of "
            "step 1.",
            "--ema (ema_momentum)",
            f"Use {max(0, 100 - math.ceil(300 / max(steps, 1))) / 100:g} or less, or train for "
            "more steps.",
        )


class Trial:
    """A few steps at the highest learning rate of the training, on one batch."""

    def __init__(self, subject: Subject) -> None:
        count = min(subject.steps, 1000)
        steps = {int(i) for i in np.linspace(0, max(subject.steps - 1, 0), max(count, 1))}
        self.rate = max(subject.optimizer.rate(step) for step in steps)
        objective, rows = subject.objective, np.arange(min(_ROWS, len(subject.batch[1])))
        state = initial_state(objective, subject.optimizer, subject.params)
        engine = NumpyEngine(objective, subject.optimizer, state, subject.seed)
        with np.errstate(all="ignore"):
            measures = engine.run(*subject.batch, [rows] * STEPS, [self.rate] * STEPS)
        self.losses, self.finite, self.params = measures.losses, measures.finite, engine.params


def rate(subject: Subject, trace: StepTrace, trial: Trial) -> Iterator[Finding]:
    """Warn if the steps of the trial go wrong, or change almost nothing."""
    highest, first, last = trial.rate, trial.losses[0], trial.losses[-1]
    times, more = _WORSE_TUNED if subject.fine_tuned else _WORSE
    if not trial.finite or last > times * first + more:
        yield warning(
            f"is too high: after {len(trial.losses) - 1} steps at {highest:.3g} the loss is "
            f"{last:.3g}; it was {first:.3g}.",
            "learning_rate",
            "Use a tenth of it.",
        )
        return
    before, after = dict(items(subject.params)), dict(items(trial.params))
    trained = subject.objective.trained
    paths = [path for path in trained if path.endswith(("kernel", "embeddings"))]
    changes = [_size(after[p] - before[p]) / max(_size(before[p]), 1e-12) for p in paths]
    change_per_step = max(changes, default=1.0) / STEPS
    stuck = _STUCK_TUNED if subject.origin else _STUCK
    if change_per_step * subject.steps >= stuck or subject.optimizer.accumulates > 1:
        return
    size = norm(trace.gradients.values())
    limits = {name: getattr(subject.optimizer, name) for name in _CLIPPING}
    name, limit = next(((name, limit) for name, limit in limits.items() if limit), ("", None))
    if limit and limit < _CUT * size:
        yield warning(
            f"clips gradients with the norm {size:.3g} to {limit:.3g}: "
            f"{counted(subject.steps, 'step')} change no weights by as much as {100 * stuck:g}%.",
            "--clip (global_clipnorm)" if name == "global_clipnorm" else name,
            "Use 1.",
        )
    elif change_per_step * _MANY >= stuck:
        yield warning(
            f"{counted(subject.steps, 'step')} in all {are(subject.steps)} too few to learn "
            f"anything: no weights change by as much as {100 * stuck:g}%.",
            "epochs",
            "Train for more epochs, or with smaller batches.",
        )
    else:
        yield warning(
            f"is too low: {subject.steps:,} steps at {highest:.3g} change no weights by as much as "
            f"{100 * stuck:g}%.",
            "learning_rate",
            f"Use {100 * highest:.1g} or more.",
        )


def first_step(subject: Subject, trace: StepTrace, trial: Trial) -> Iterator[Finding]:
    """Run all checks of this module."""
    yield from dead_units(trace, "before the first step")
    yield from activations(subject, trace)
    yield from gradients(trace, "at the first step")
    yield from first_loss(subject, trace)
    yield from penalty(subject, trace)
    yield from average(subject)
    yield from rate(subject, trace, trial)


def norm(gradients: Iterable[Array]) -> float:
    """Return the norm of all gradients together."""
    return math.sqrt(sum(float(np.square(g, dtype=np.float64).sum()) for g in gradients))


def _size(values: Any) -> float:
    """Return the root mean square; of a tuple of arrays, the largest."""
    arrays = (np.asarray(a, np.float64) for a in as_tuple(values))
    return max(float(np.sqrt(np.square(a).mean())) for a in arrays)
