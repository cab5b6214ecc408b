"""Checks of a network that was trained before, and is trained again on other data."""

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

import numpy as np

from glassnet.core.arrays import Array, map_arrays
from glassnet.core.errors import GlassnetError
from glassnet.core.plurals import counted
from glassnet.core.trees import items
from glassnet.data.class_names import are_numbers
from glassnet.doctor.findings import Finding, warning
from glassnet.doctor.first_step import STEPS, StepTrace, Trial
from glassnet.doctor.subject import Subject
from glassnet.engines.state import constraints
from glassnet.layers import BatchNormalization, Layer, Normalization
from glassnet.layers.call import AGAIN
from glassnet.layers.freezing import frozen_paths
from glassnet.losses import Crossentropy
from glassnet.training.callbacks.callback_list import CallbackList
from glassnet.training.callbacks.unfreeze import Unfreeze
from glassnet.training.changes import unmoved
from glassnet.training.evaluate import evaluated, examples_in_blocks
from glassnet.training.examples import Examples

_DRAWN = 2**24  # weights, whose draw takes about 0.2 s
_FAR, _NARROW = 4.0, 0.1  # root mean square, and standard deviation, of standardized values
_MARGIN = 0.1
_RAISED = {"val_loss": 1.2, "loss": 1.5}  # times the loss at the start; `loss` is that of dropout
_ROWS = 1000  # examples whose loss at the start is computed
_RESTING = ("bias", "beta", "lora_kernel_a", "lora_embeddings_a")
_WIDER = 2.0  # times the range of the pixels

# -- before training ---------------------------------------------------------------------------


def nothing_trained(subject: Subject) -> Iterator[Finding]:
    """Report a network without weights to train, for example because all layers are frozen."""
    try:
        assert subject.objective.trained
    except GlassnetError as error:
        yield Finding.of(error)


def random_frozen(subject: Subject) -> Iterator[Finding]:
    """Warn about frozen layers whose weights were drawn at random, unless they will be trained."""
    later = [c.epoch for c in subject.callbacks if isinstance(c, Unfreeze)]
    if min(later, default=subject.plan.epochs) < subject.plan.epochs:
        return
    frozen = frozen_paths(subject.objective.weights, subject.objective.frozen)
    drawn = _drawn_layers(subject) if frozen else set()
    layers = [layer for layer in dict.fromkeys(map(_layer_of, frozen)) if layer in drawn]
    if layers:
        more = f" (and {len(layers) - 1} more)" if len(layers) > 1 else ""
        what = "the random weights that it was created with"
        if subject.origin and (count := len(subject.origin.common_classes)):
            what = f"random weights for all but {counted(count, 'output')}"
        yield warning(
            f"is frozen with {what}{more}: they were neither trained nor loaded, and won't be.",
            f"layer {layers[0]}",
            "Train it (trainable = True), or load its weights before the training.",
        )


def _drawn_layers(subject: Subject) -> set[str]:
    """Return the paths of the layers with some weights drawn at random.

    If that was not recorded, these are weights that equal those which the model's seed draws.
    Initial values that don't depend on the seed, such as a table of embeddings, may be meant.
    """
    weights = dict(items(subject.params))
    if subject.origin is not None:
        return set(subject.origin.drawn)
    if sum(weight.size for weight in weights.values()) > _DRAWN:
        return set()
    drawn = _draw(subject, subject.seed)
    equal = [path for path, weight in weights.items() if np.array_equal(weight, drawn[path])]
    others = _draw(subject, subject.seed + 1) if equal else {}
    return {_layer_of(path) for path in equal if not np.array_equal(drawn[path], others[path])}


def _draw(subject: Subject, seed: int) -> dict[str, Array]:
    """Return the weights that the network is created with, by path."""
    shape = map_arrays(lambda a: a.shape[1:], subject.train.x)
    dtype = next(array.dtype.name for _, array in items(subject.params))
    return dict(items(subject.network.init(np.random.default_rng(seed), shape, dtype)[0]))


def fixed_statistics(subject: Subject, trace: StepTrace) -> Iterator[Finding]:
    """Warn if the fixed statistics of a normalization are far from those of the data.

    That is of a frozen BatchNormalization, and of a Normalization, which is fitted only once. The
    values that it standardizes would have mean 0 and standard deviation 1 for its own data.
    """
    for path, layer, output in trace.outputs():
        fixed = subject.is_frozen(path) or isinstance(layer, Normalization)
        if not fixed or not isinstance(layer, BatchNormalization | Normalization):
            continue
        values = _standardized(subject, path, layer, output)
        if not values.size:
            continue
        size = float(np.median(np.sqrt(np.square(values).mean(axis=0))))
        spread = float(np.median(values.std(axis=0)))
        if size > _FAR or spread < _NARROW:
            yield warning(
                f"standardizes by statistics of other data: its values have a root mean square of "
                f"{size:.3g} and a standard deviation of {spread:.3g}, where its own data have 1.",
                f"layer {path}",
                "Prepare the inputs as those that the network was trained on, or let it learn "
                "their statistics (trainable = True; for Normalization, adapt).",
            )
            return


def _standardized(subject: Subject, path: str, layer: Layer, output: Array) -> Array:
    """Return the values (M, C) before gamma and beta, of the channels that vary with them."""
    weights, place = dict(items(subject.params)), AGAIN.sub("", path)
    axis: int | None = getattr(layer, "axis", -1)
    moved = output[..., None] if axis is None else np.moveaxis(output, axis, -1)
    values = moved.reshape(-1, moved.shape[-1]).astype(np.float64)
    gamma = weights.get(f"{place}/gamma", np.ones(1))
    alive = np.abs(gamma) > 1e-3 * np.abs(gamma).max()
    values = (values - weights.get(f"{place}/beta", 0)) / np.where(alive, gamma, 1)
    return values[:, np.broadcast_to(alive, values.shape[1:])]


def resting_weights(subject: Subject, trial: Trial) -> Iterator[Finding]:
    """Warn about weights that are to be trained, but that the steps of the trial don't change."""
    if subject.optimizer.accumulates > STEPS or not trial.finite:
        return
    trained, why = subject.objective.trained, why_unmoved(subject)
    resting = unmoved(subject.params, trial.params, trained)
    moving = {_layer_of(path) for path in trained if path not in resting}
    yield from unmoved_arrays({path: why(path) for path in resting}, moving, f"in {STEPS} steps")


def kept_head(subject: Subject, trace: StepTrace) -> Iterator[Finding]:
    """Warn if a head that kept all its outputs starts worse than guessing: other classes may have
    the same names, or no names.
    """
    origin = subject.origin
    if origin is None or not origin.keeps_head or subject.weighted:
        return
    guessing, how = _guess(subject)
    names, loss = origin.common_classes, trace.loss - subject.penalty
    if guessing and loss > _RAISED["val_loss"] * guessing:
        why = f"the classes have the same names ({', '.join(names[:3])}, ...)"
        if are_numbers(names):
            why = "there are as many as in the source, and classes have no names but 0, 1, 2, ..."
        yield warning(
            f"keeps its outputs, because {why}; but its loss is {loss:.3g}, and that of guessing "
            f"is {how}{guessing:.3g}. Are they the same classes?",
            "the head",
            "Give other classes other names (class_names), and they get a new head.",
        )


def _guess(subject: Subject) -> tuple[float, str]:
    """Return (the loss of a network that guesses, how it is computed); 0 if that is not known.

    With a binary cross-entropy of multiple outputs, each guesses the share p of its ones:
    −p log p − (1 − p) log(1 − p).
    """
    if subject.classes > 1:
        return math.log(subject.classes), f"log({subject.classes}) = "
    if not isinstance(subject.loss, Crossentropy) or subject.loss.fused_activation != "sigmoid":
        return 0.0, ""
    p = np.asarray(subject.batch[1], np.float64)
    p = np.clip(p.reshape(-1, p.shape[-1]).mean(axis=0), 1e-9, 1 - 1e-9)
    return float(-(p * np.log(p) + (1 - p) * np.log(1 - p)).mean()), ""


def other_images(subject: Subject) -> Iterator[Finding]:
    """Warn about images with other values, or another background, than the network was trained on,
    unless its scaling was fitted again.
    """
    if subject.origin is None or subject.origin.images is None:
        return
    was, now = subject.origin.images
    differences = []
    width, ours = was.high - was.low, now.high - now.low
    same = width / _WIDER < ours < width * _WIDER and abs(now.low - was.low) < width / _WIDER
    if not (same or subject.origin.rescaled):
        differences.append([f"values from {form.low:g} to {form.high:g}" for form in (now, was)])
    if {was.background, now.background} == {"dark", "light"}:
        differences.append([f"a {form.background} background" for form in (now, was)])
    for ours_have, its_have in differences:
        yield warning(
            f"has images with {ours_have}; those that the network was trained on have {its_have}.",
            subject.train.name,
            "Prepare them in the same way, or train all layers.",
        )


def before_training(subject: Subject, trace: StepTrace, trial: Trial) -> Iterator[Finding]:
    """Run the checks of this module that need a step."""
    yield from fixed_statistics(subject, trace)
    yield from kept_head(subject, trace)
    yield from resting_weights(subject, trial)


# -- after training ----------------------------------------------------------------------------


def above_start(subject: Subject, history: Mapping[str, Sequence[float]]) -> Iterator[Finding]:
    """Warn if the first epoch made the loss worse than that of the network before it.

    `subject` has the weights of the start. Only for networks that had been trained.
    """
    name = "val_loss" if subject.held_out and history.get("val_loss") else "loss"
    if not (subject.fine_tuned and history.get(name)) or subject.weighted:
        return
    start, first = start_loss(subject), history[name][0]
    if first > _RAISED[name] * start + _MARGIN:
        place = "the validation loss" if name == "val_loss" else "the training loss"
        yield warning(
            f"was {start:.4g} before the training and {first:.4g} after its first epoch: the "
            "learning rate is too high for a network that has been trained.",
            place,
            "Use a tenth of it, or train the head alone first: freeze the rest.",
        )


def start_loss(subject: Subject) -> float:
    """Return the loss of at most 1000 examples: of the validation split if there is one."""
    part = subject.held_out or subject.train
    rows = part.sample(_ROWS)
    examples = Examples(*map_arrays(lambda array: array[rows], (part.x, part.y)))
    dtype = next(array.dtype.name for _, array in items(subject.params))
    blocks = examples_in_blocks(examples, dtype, 100)
    return evaluated(subject.objective, subject.params, blocks, CallbackList([]))["loss"]


def why_unmoved(subject: Subject) -> Callable[[str], str | None]:
    """Return a function that says why training does not move an array; None if it can't be told.

    `subject` has weights with which the array does not move.
    """
    steps: list[tuple[StepTrace, Trial]] = []  # computed for the first array

    def why(path: str) -> str | None:
        if not steps:
            steps.append((StepTrace(subject), Trial(subject)))
        trace, trial = steps[0]
        if path.endswith("/key/bias"):  # of attention
            return "its gradient is 0: it adds the same to all scores of a softmax"
        if not trace.gradients[path].any():
            dead = _dead_neighbor(trace, _layer_of(path))
            cause = "" if dead is None else f", and layer {dead} outputs 0 for every example"
            return f"its gradient is 0{cause}"
        constrained = path in constraints(subject.objective)
        if constrained or subject.optimizer.accumulates > STEPS:
            return None
        if not unmoved(subject.params, trial.params, [path]):
            return None
        dtype = trace.gradients[path].dtype
        return f"its steps at the learning rate {trial.rate:.3g} are too small to change {dtype}"

    return why


def _dead_neighbor(trace: StepTrace, layer: str) -> str | None:
    """Return the path of the layer before this one, or of one with an activation from this one on,
    whose outputs are all 0.
    """
    outputs = [(AGAIN.sub("", path), layer, output) for path, layer, output in trace.outputs()]
    start = next((i for i, (path, *_) in enumerate(outputs) if path == layer), 0)
    for path, inner, output in outputs[max(start - 1, 0) :]:
        active = getattr(inner, "activation", None) == "relu" or path == outputs[start - 1][0]
        if active and not np.any(output):
            return path
    return None


def unmoved_arrays(
    reasons: Mapping[str, str | None], moving: Collection[str], when: str = "in this training"
) -> Iterator[Finding]:
    """Warn about trained arrays that have not changed in a bit; `reasons` says why, by path.

    `moving` are the paths of the layers of which something has. In those, a bias need not move: its
    gradient can be 0 by design, as in a difference of two outputs. Nor need the first factor of an
    adapter, whose gradient is 0 in the first step, in which the second factor is 0.
    """
    still = {
        path: why
        for path, why in reasons.items()
        if not (path.endswith(_RESTING) and _layer_of(path) in moving)
    }
    for why in dict.fromkeys(still.values()):
        first, *others = (path for path, reason in still.items() if reason == why)
        more = f" (and {len(others)} more)" if others else ""
        yield warning(
            f"is trained, but does not move {when}{f': {why}' if why else ''}.",
            f"weight {first}{more}",
            "Check that the loss depends on it, that the units after it are not dead, and the "
            "learning rate.",
        )


def _layer_of(path: str) -> str:
    """Return the path of the layer that a weight is in."""
    return path.rpartition("/")[0]
