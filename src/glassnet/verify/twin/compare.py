"""Engine parity: do engines compute the same training steps, layer by layer, value by value?

All engines start from the same weights and take the same batches. At every step, the layer outputs,
gradients, loss and updated weights are compared with those of the first engine, and the first place
where they differ is reported.

The optimizer is tested on the gradients that each engine computed itself: where they are close to
0, rules like Adam's turn a difference in the last digit into a whole step.

If a ReLU's input is so close to 0 that rounding alone decides its sign, engines may take different
branches there, and likewise for the maximum in a pool. Both derivatives are right, but the runs
would diverge. Such a switch is counted. NumPy repeats the step from the first engine's state with
the branches that the other engine took, and that step replaces the first engine's in the
comparison; the other engine then continues from the first engine's state. If that is impossible (a
weight with an L1 penalty, the ReLU of a recurrent cell), the gradients of that step are not
compared from that layer down. Engines only agree if most steps were compared in full.

In deep networks with batch normalization, a difference in the last digit can grow tenfold in a
step. If outputs differ although the weights were equal, the engine is also reset to the first
engine's state after that step: single steps are compared, not the growth of rounding errors.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from glassnet.core.arrays import Array, distance
from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.trees import items
from glassnet.engines import KERAS_ENGINES, NAMES
from glassnet.interop.keras.running.clipping import CLIPS, clips
from glassnet.interop.keras.running.stepper import Trace
from glassnet.layers.network import unfolds
from glassnet.optimizers import Optimizer
from glassnet.training.output_specs import output_names
from glassnet.verify.twin.kinks import Kink, by_rounding, find_kinks
from glassnet.verify.twin.replay import Replay
from glassnet.verify.twin.steppers import EngineStepper, KerasStepper, Setup

KINDS = ("activations", "loss", "gradients", "weights")  # in the order of their computation
_ABOVE_ROUNDING = 30  # a difference above tolerance / 30 is the first sign of an error
_EQUAL = 300  # below tolerance / 300, weights count as equal
TOLERANCE = {"float32": 1e-4, "float64": 1e-9}


@dataclass(frozen=True)
class ArrayDifference:
    """The difference of an engine from the first one, at one place in one step."""

    step: int  # from 1
    kind: str
    place: str  # a layer, a weight's path, or ""
    size: float  # max |a − b|, relative to max |a|, or to a floor if that is small


@dataclass(frozen=True)
class EngineParity:
    """One engine compared with the first, over all steps."""

    engine: str
    reference: str
    dtype: str
    tolerance: float
    steps: int
    largest: tuple[ArrayDifference, ...]  # the largest of each kind and place
    switches: int = 0  # steps in which rounding decided a derivative
    excused: int = 0  # those of them that could not be compared in full
    resets: int = 0  # steps after which the engine was reset, because rounding errors grew
    first: ArrayDifference | None = None  # above the tolerance
    blame: str = ""  # the computation that caused it
    note: str = ""  # what this engine does otherwise outside of the steps compared here

    @property
    def agrees(self) -> bool:
        """True if all differences are within the tolerance and most steps were compared in full."""
        return self.first is None and 2 * self.excused < self.steps

    def to_dict(self) -> dict[str, Any]:
        return {**vars(self), "agrees": self.agrees}


def twin(
    setup: Setup,
    engines: Sequence[str],
    batches: Callable[[], Iterator[tuple[Any, Array]]],
    tolerance: float | None = None,
) -> list[EngineParity]:
    """Compare each engine with the first over the batches."""
    if len(engines) < 2:
        raise GlassnetError("needs at least two engines.", where="twin")
    for name in engines:
        if name not in (*NAMES, *KERAS_ENGINES):
            raise unknown("engine", name, (*NAMES, *KERAS_ENGINES), where="twin")
    if engines[0] not in NAMES:
        raise GlassnetError(
            f"compares with the first engine, which can't be {engines[0]}.",
            where="twin",
            fix=f"Put one of these first: {', '.join(NAMES)}.",
        )
    if len(set(engines)) < len(engines):
        raise GlassnetError("an engine is named twice.", where="twin")
    if tolerance is not None and not 0 <= tolerance < math.inf:
        raise GlassnetError(f"must be a number ≥ 0, got {tolerance}.", where="tolerance")
    if not unfolds(setup.network):
        raise GlassnetError("must be a Sequential or a Graph.", where="the network")
    if outputs := output_names(setup.network):
        raise GlassnetError(
            f"has {len(outputs)} outputs, but only networks with one can be compared.",
            where="the network",
            fix="Compare the graph of one output.",
        )
    limit = TOLERANCE[setup.dtype] if tolerance is None else tolerance
    kinks = find_kinks(setup.network)
    weights = items(setup.network.weights(setup.input_shape))
    signed = tuple(path for path, w in weights if getattr(w.regularizer, "l1", 0))
    start = dict(items(setup.params))
    comparisons = [_Comparison(limit, kinks, signed, start, start) for _ in engines[1:]]
    steppers: list[EngineStepper | KerasStepper] = []
    try:
        first = EngineStepper(engines[0], setup)
        for name in engines[1:]:
            backend = name.partition(":")[2]  # of keras:jax and others
            steppers.append(KerasStepper(backend, setup) if backend else EngineStepper(name, setup))
        for number, (x, y) in enumerate(batches(), start=1):
            before = first.engine.state()
            reference = first.step(x, y)
            for stepper, comparison in zip(steppers, comparisons, strict=True):
                replay = Replay(setup, kinks, before, x, y)
                if comparison.add(number, reference, stepper.step(x, y), replay):
                    stepper.load(first.engine.state())
    finally:
        for stepper in steppers:
            stepper.close()
    return [
        comparison.verdict(name, engines[0], setup)
        for name, comparison in zip(engines[1:], comparisons, strict=True)
    ]


@dataclass
class _Comparison:
    """The differences of one engine, collected over the steps."""

    limit: float
    kinks: tuple[Kink, ...]  # layer calls whose derivative jumps
    signed: tuple[str, ...]  # weights whose penalty's derivative jumps at 0
    before_a: Mapping[str, Array]  # the weights before the next step
    before_b: Mapping[str, Array]
    steps: int = 0
    switches: int = 0
    excused: int = 0
    resets: int = 0
    largest: dict[tuple[str, str], ArrayDifference] = field(default_factory=dict)
    first: ArrayDifference | None = None
    suspect: ArrayDifference | None = None  # the first that is larger than rounding

    def add(self, step: int, a: Trace, b: Trace, replay: Replay) -> bool:
        """Compare one step; True if the engine must then be reset to the first engine's state."""
        self.steps, order = step, list(a.activations)
        equal = _largest_distance(self.before_a, self.before_b) <= self.limit / _EQUAL
        switched, layer = self._switched(a, b)
        expected = a.weights | replay.weights_after(b.gradients)
        unsteady = self.first is None and equal and self._grown(a, b, expected)
        if switched and layer is None:
            a = replay.on_branches_of(b.activations)
        for kind in KINDS:
            least = 0.1 if kind == "gradients" else 1.0  # they are small
            for place, left, right in _places(kind, replace(a, weights=expected), b):
                owner = _owner(place, order) if kind == "gradients" else None
                if layer and owner and order.index(owner) <= order.index(layer):
                    continue
                self._compare(ArrayDifference(step, kind, place, distance(right, left, least)))
        self.switches += switched
        self.excused += layer is not None
        self.resets += unsteady and not switched
        if switched or unsteady:
            self.before_b = self.before_a
        return switched or unsteady

    def _grown(self, a: Trace, b: Trace, expected: Mapping[str, Array]) -> bool:
        """True if equal weights gave different outputs, or equal gradients different weights."""
        far = self.limit / _ABOVE_ROUNDING
        if _largest_distance(a.activations, b.activations) > far:
            return True
        return (
            _largest_distance(a.weights, b.weights) > far
            and _largest_distance(expected, b.weights) <= far / 10
        )

    def _compare(self, difference: ArrayDifference) -> None:
        key, size = (difference.kind, difference.place), difference.size
        if key not in self.largest or not size <= self.largest[key].size:
            self.largest[key] = difference
        if self.suspect is None and not size <= self.limit / _ABOVE_ROUNDING:
            self.suspect = difference
        if self.first is None and not size <= self.limit:
            self.first = difference

    def _switched(self, a: Trace, b: Trace) -> tuple[bool, str | None]:
        """Return whether rounding decided a derivative, and the last layer that can't be compared.

        Called once per step, before the comparison.
        """
        before = self.before_a, self.before_b
        self.before_a, self.before_b = a.weights, b.weights
        if self.first is not None:
            return False, None  # they already differ: nothing is excused
        order, near = list(a.activations), self.limit / _ABOVE_ROUNDING
        switched, excused = False, []
        for kink in self.kinks:
            # A step that is repeated and compared in full may differ as much as any other.
            far = self.limit if kink.can_force_branch else near
            if kink.switched(a.activations, b.activations, far):
                switched = True
                if not kink.can_force_branch:
                    excused.append(kink.place)
        for path in self.signed:
            left, right = (weights[path] for weights in before)
            if by_rounding(left > 0, right > 0, left, right, near):
                excused.append(_owner(path, order))
        last = max(excused, key=order.index, default=None)
        return switched or bool(excused), last

    def verdict(self, name: str, reference: str, setup: Setup) -> EngineParity:
        # A small error grows for some steps before it exceeds the tolerance somewhere else.
        blame = ""
        if self.first and self.suspect:
            blame = _describe_fault(self.suspect, setup.optimizer, name)
        return EngineParity(
            name, reference, setup.dtype, self.limit, self.steps,
            tuple(self.largest.values()), self.switches, self.excused, self.resets,
            self.first, blame, _note(name, setup),
        )  # fmt: skip


def _note(name: str, setup: Setup) -> str:
    """Return what an engine of Keras's does otherwise when it trains by itself."""
    if not clips(setup.loss, name.partition(":")[2]):
        return ""
    return f"the loss was compared from logits. With --engine {name}, {CLIPS}"


def _places(kind: str, a: Trace, b: Trace) -> Iterator[tuple[str, Any, Any]]:
    """Yield (place, a's array, b's array) in the order in which a step computes them."""
    if kind == "loss":
        yield "", np.asarray(a.loss), np.asarray(b.loss)
        return
    left, right = getattr(a, kind), getattr(b, kind)
    places = list(left)
    if kind == "gradients":  # computed from the last layer to the first
        layers = list(a.activations)
        places.sort(key=lambda path: -layers.index(_owner(path, layers)))
    for place in places:
        if place not in right:
            raise GlassnetError(f"{kind} of {place!r} are missing.", where="twin")
        yield place, left[place], right[place]


def _largest_distance(a: Mapping[str, Array], b: Mapping[str, Array]) -> float:
    """Return the largest distance at any place."""
    return max((distance(b[place], a[place]) for place in a if place in b), default=0.0)


def _owner(path: str, layers: Sequence[str]) -> str:
    """Return the layer of a weight: the innermost on its path that has an output."""
    place = path
    while place and place not in layers:
        place = place.rpartition("/")[0]
    return place or layers[-1]


def _describe_fault(first: ArrayDifference, optimizer: Optimizer, name: str) -> str:
    """Return the computation that caused the first difference: all before it agree."""
    where = f"step {first.step}, {name}: "
    if first.kind == "weights":
        # Outputs, loss and gradients of this step agree, so the update rule differs.
        return f"{where}the optimizer {type(optimizer).__name__}, at weight {first.place}"
    if first.kind == "loss":
        return f"{where}the loss"
    if first.kind == "gradients":
        return f"{where}the backward pass at {first.place}"
    return f"{where}the forward pass of layer {first.place}"
