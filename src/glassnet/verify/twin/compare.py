"""The certificate: do two engines compute the same? Step by step, layer by layer, number by number.

Each engine starts from the same weights and takes the same batches. At every step the layers'
outputs, the gradients, the loss and the new weights are compared with those of the first engine;
the first place where they part is named.

The optimizer is judged on the gradients that each engine found itself: where they are next to 0,
rules like Adam's make of a difference in the last digit a whole step.

Where a ReLU's input is so near 0 that rounding alone decides its sign, one engine may see it above
and another below, and so with the largest of a pool: both derivatives are right, and the runs would
go apart for good. Such a switch is counted; NumPy takes the step again from the first engine's
state, with the branches that the other one took, to be compared with it in the first one's place;
and the other one goes on from the first one's state. Where that can't be done (a weight under an L1
penalty, a cell's ReLU), that step's gradients are left out from that layer down. Engines only agree
if most steps were compared in full.

Deep networks with batch normalization make a difference in the last digit grow tenfold in a step.
Where outputs go apart although the weights were equal, the engine is set equal after that step,
too: what is compared is steps, not how chaos unfolds.
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
from glassnet.interop.keras.running.stepper import Trace
from glassnet.layers.network import unfolds
from glassnet.optimizers import Optimizer
from glassnet.training.output_specs import output_names
from glassnet.verify.twin.kinks import Kink, by_rounding, kinks
from glassnet.verify.twin.replay import Replay
from glassnet.verify.twin.steppers import EngineStepper, Setup, Stepper, stepper_of

KINDS = ("activations", "loss", "gradients", "weights")  # in the order in which a step makes them
_ABOVE_ROUNDING = 30  # a difference above the tolerance / 30 is where a fault shows first
_EQUAL = 300  # and below the tolerance / 300, weights are equal
TOLERANCE = {"float32": 1e-4, "float64": 1e-9}


@dataclass(frozen=True)
class ArrayDifference:
    """How far an engine was from the first one, at one place of one step."""

    step: int  # from 1
    kind: str
    place: str  # a layer, a weight's path, or ""
    size: float  # largest |a − b|, relative to the largest |a| (to a floor, where all are small)


@dataclass(frozen=True)
class EngineParity:
    """One engine compared with the first, over all steps."""

    engine: str
    reference: str
    dtype: str
    tolerance: float
    steps: int
    largest: tuple[ArrayDifference, ...]  # for each kind and place, where it was largest
    switches: int = 0  # steps in which rounding decided a derivative,
    excused: int = 0  # and those of them that could not be compared in full
    resets: int = 0  # steps in which rounding grew so much that the engine was set equal after it
    first: ArrayDifference | None = None  # the first above the tolerance
    blame: str = ""

    @property
    def proven(self) -> bool:
        """Whether most steps were compared in full."""
        return 2 * self.excused < self.steps

    @property
    def agrees(self) -> bool:
        """Whether all differences stayed within the tolerance, and most steps were compared."""
        return self.first is None and self.proven

    def to_dict(self) -> dict[str, Any]:
        return {**vars(self), "agrees": self.agrees}


def twin(
    setup: Setup,
    engines: Sequence[str],
    batches: Callable[[], Iterator[tuple[Array, Array]]],
    tolerance: float | None = None,
) -> list[EngineParity]:
    """Compare each engine with the first over the batches."""
    if len(engines) < 2:
        raise GlassnetError("needs two engines or more to compare.", where="twin")
    for name in engines:
        if name not in (*NAMES, *KERAS_ENGINES):
            raise unknown("engine", name, (*NAMES, *KERAS_ENGINES), where="twin")
    if engines[0] not in NAMES:
        raise GlassnetError(
            f"compares with the first engine, which can't be {engines[0]}.",
            where="twin",
            fix=f"Name one of ours first: {', '.join(NAMES)}.",
        )
    if len(set(engines)) < len(engines):
        raise GlassnetError("an engine is named twice.", where="twin")
    if tolerance is not None and not 0 <= tolerance < math.inf:
        raise GlassnetError(f"must be a number ≥ 0, got {tolerance}.", where="tolerance")
    if not unfolds(setup.network):
        raise GlassnetError("must be a Sequential or a Graph.", where="the network")
    if outputs := output_names(setup.network):
        raise GlassnetError(
            f"has {len(outputs)} outputs; the certificate is for one.",
            where="the network",
            fix="Compare the graph that ends in one of them.",
        )
    limit = TOLERANCE[setup.dtype] if tolerance is None else tolerance
    jumps = kinks(setup.network)
    weights = items(setup.network.weights(setup.input_shape))
    signed = tuple(path for path, w in weights if w.regularizer and w.regularizer.l1)
    start = dict(items(setup.params))
    found = [_Comparison(limit, jumps, signed, start, start) for _ in engines[1:]]
    steppers: list[Stepper] = []
    try:
        first = EngineStepper(engines[0], setup)
        for name in engines[1:]:
            steppers.append(stepper_of(name, setup))
        for number, (x, y) in enumerate(batches(), start=1):
            before = first.engine.state()
            reference = first.step(x, y)
            for stepper, comparison in zip(steppers, found, strict=True):
                replay = Replay(setup, jumps, before, x, y)
                if comparison.add(number, reference, stepper.step(x, y), replay):
                    stepper.load(first.engine.state())
    finally:
        for stepper in steppers:
            stepper.close()
    return [
        comparison.verdict(name, engines[0], setup)
        for name, comparison in zip(engines[1:], found, strict=True)
    ]


@dataclass
class _Comparison:
    """The differences of one engine, gathered step by step."""

    limit: float
    jumps: tuple[Kink, ...]  # layer calls whose derivative jumps
    signed: tuple[str, ...]  # weights whose penalty's derivative jumps at 0
    before_a: Mapping[str, Array]  # the weights that the next step starts from
    before_b: Mapping[str, Array]
    steps: int = 0
    switches: int = 0
    excused: int = 0
    resets: int = 0
    largest: dict[tuple[str, str], ArrayDifference] = field(default_factory=dict)
    first: ArrayDifference | None = None
    suspect: ArrayDifference | None = None  # the first that was more than rounding makes

    def add(self, step: int, a: Trace, b: Trace, replay: Replay) -> bool:
        """Compare one step; whether the engine must be set equal after it."""
        self.steps, order = step, list(a.activations)
        equal = _apart(self.before_a, self.before_b) <= self.limit / _EQUAL
        switched, layer = self._switched(a, b)
        moved = a.weights | replay.weights_after(b.gradients)
        unsteady = self.first is None and equal and self._grown(a, b, moved)
        if switched and layer is None:
            a = replay.on_branches_of(b.activations)
        for kind in KINDS:
            least = 0.1 if kind == "gradients" else 1.0  # they are small numbers
            for place, left, right in _places(kind, replace(a, weights=moved), b):
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

    def _grown(self, a: Trace, b: Trace, moved: Mapping[str, Array]) -> bool:
        """Whether equal weights gave outputs, or equal gradients other weights, that are apart."""
        far = self.limit / _ABOVE_ROUNDING
        if _apart(a.activations, b.activations) > far:
            return True
        return _apart(a.weights, b.weights) > far and _apart(moved, b.weights) <= far / 10

    def _compare(self, difference: ArrayDifference) -> None:
        key, size = (difference.kind, difference.place), difference.size
        if key not in self.largest or not size <= self.largest[key].size:
            self.largest[key] = difference
        if self.suspect is None and not size <= self.limit / _ABOVE_ROUNDING:
            self.suspect = difference
        if self.first is None and not size <= self.limit:
            self.first = difference

    def _switched(self, a: Trace, b: Trace) -> tuple[bool, str | None]:
        """Whether rounding alone decided a derivative; the last layer where that must be excused.

        Called once for each step, before it is compared.
        """
        before = self.before_a, self.before_b
        self.before_a, self.before_b = a.weights, b.weights
        if self.first is not None:
            return False, None  # they differ already; nothing is to be excused
        order, near = list(a.activations), self.limit / _ABOVE_ROUNDING
        switched, excused = False, []
        for jump in self.jumps:
            # What is taken again and compared in full may be as far apart as all else.
            far = self.limit if jump.can_be_decided else near
            if jump.switched(a.activations, b.activations, far):
                switched = True
                if not jump.can_be_decided:
                    excused.append(jump.place)
        for path in self.signed:
            left, right = (weights[path] for weights in before)
            if by_rounding(left > 0, right > 0, left, right, near):
                excused.append(_owner(path, order))
        last = max(excused, key=order.index, default=None)
        return switched or bool(excused), last

    def verdict(self, name: str, reference: str, setup: Setup) -> EngineParity:
        # A small fault grows for some steps before it passes the limit somewhere else.
        blame = _blame(self.suspect, setup.optimizer, name) if self.first and self.suspect else ""
        return EngineParity(
            name, reference, setup.dtype, self.limit, self.steps,
            tuple(self.largest.values()), self.switches, self.excused, self.resets,
            self.first, blame,
        )  # fmt: skip


def _places(kind: str, a: Trace, b: Trace) -> Iterator[tuple[str, Any, Any]]:
    """(place, a's array, b's array), in the order in which a step comes by."""
    if kind == "loss":
        yield "", np.asarray(a.loss), np.asarray(b.loss)
        return
    left, right = getattr(a, kind), getattr(b, kind)
    places = list(left)
    if kind == "gradients":  # they are made from the last layer to the first
        layers = list(a.activations)
        places.sort(key=lambda path: -layers.index(_owner(path, layers)))
    for place in places:
        if place not in right:
            raise GlassnetError(f"{kind} of {place!r} are missing.", where="twin")
        yield place, left[place], right[place]


def _apart(a: Mapping[str, Array], b: Mapping[str, Array]) -> float:
    """The largest distance at any place."""
    return max((distance(b[place], a[place]) for place in a if place in b), default=0.0)


def _owner(path: str, layers: Sequence[str]) -> str:
    """The layer that a weight belongs to: the innermost on its path whose output is known."""
    place = path
    while place and place not in layers:
        place = place.rpartition("/")[0]
    return place or layers[-1]


def _blame(first: ArrayDifference, optimizer: Optimizer, name: str) -> str:
    """What to look at: the first place that differs, when all before it agrees."""
    where = f"step {first.step}, {name}: "
    if first.kind == "weights":
        # Outputs, loss and gradients of this step agree, so the rule made the difference.
        return f"{where}the optimizer {type(optimizer).__name__}, at weight {first.place}"
    if first.kind == "loss":
        return f"{where}the loss"
    if first.kind == "gradients":
        return f"{where}the backward pass at {first.place}"
    return f"{where}the forward pass of layer {first.place}"
