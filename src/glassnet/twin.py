"""The certificate: do two engines compute the same? Step by step, layer by layer, number by number.

Each engine starts from the same weights and takes the same batches. At every step the layers'
outputs, the gradients, the loss and the new weights are compared with those of the first engine;
the first place where they part is named.

Where a ReLU's input is so near 0 that rounding alone decides its sign, one engine may see it above
and another below, and so with a weight under an L1 penalty: both derivatives are right, and the
runs would go apart for good. Such a switch is counted, that step's gradients are left out from
that layer down, and the engine goes on from the first one's state. Engines only agree if most
steps were compared in full.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from glassnet.bridges.keras_twin import Trace
from glassnet.engines import NAMES
from glassnet.errors import GlassnetError, unknown
from glassnet.experiment import KERAS_ENGINES
from glassnet.layers import Activation, Dense, Layer, Sequential
from glassnet.optimizers import Optimizer
from glassnet.steppers import EngineStepper, Setup, Stepper, stepper_of
from glassnet.trees import Array, items

KINDS = ("activations", "loss", "gradients", "weights")  # in the order in which a step makes them
_FEW = 0.02  # of a layer's outputs may have switched by rounding; more is a fault
_ABOVE_ROUNDING = 30  # a difference above the tolerance / 30 is where a fault shows first
TOLERANCE = {"float32": 1e-4, "float64": 1e-9}


@dataclass(frozen=True)
class Difference:
    """How far an engine was from the first one, at one place of one step."""

    step: int  # from 1
    kind: str
    place: str  # a layer, a weight's path, or ""
    size: float  # largest |a − b|, relative to the largest |a| (to a floor, where all are small)

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON values; no number has the size None."""
        return vars(self) | {"size": self.size if math.isfinite(self.size) else None}


@dataclass(frozen=True)
class Verdict:
    """One engine compared with the first, over all steps."""

    engine: str
    reference: str
    dtype: str
    tolerance: float
    steps: int
    largest: tuple[Difference, ...]  # for each kind and place, where it was largest
    switches: int = 0  # steps in which a ReLU's input was on both sides of 0
    first: Difference | None = None  # the first above the tolerance
    blame: str = ""

    @property
    def proven(self) -> bool:
        """Whether most steps were compared in full."""
        return 2 * self.switches < self.steps

    @property
    def agrees(self) -> bool:
        """Whether all differences stayed within the tolerance, and most steps were compared."""
        return self.first is None and self.proven

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON values."""
        return {
            **{key: getattr(self, key) for key in ("engine", "reference", "dtype", "tolerance")},
            "steps": self.steps,
            "switches": self.switches,
            "agrees": self.agrees,
            "largest": [difference.to_dict() for difference in self.largest],
            "first": self.first.to_dict() if self.first else None,
            "blame": self.blame,
        }


def twin(
    setup: Setup,
    engines: Sequence[str],
    batches: Callable[[], Iterator[tuple[Array, Array]]],
    tolerance: float | None = None,
) -> list[Verdict]:
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
    if not isinstance(setup.network, Sequential):
        raise GlassnetError("must be a Sequential.", where="the network")
    limit = TOLERANCE[setup.dtype] if tolerance is None else tolerance
    kinks = tuple(_kinks(setup.network))
    weights = items(setup.network.weights(setup.input_shape))
    signed = tuple(path for path, w in weights if w.regularizer and w.regularizer.l1)
    start = dict(items(setup.params))
    found = [_Comparison(limit, kinks, signed, start, start) for _ in engines[1:]]
    steppers: list[Stepper] = []
    try:
        first = EngineStepper(engines[0], setup)
        for name in engines[1:]:
            steppers.append(stepper_of(name, setup))
        for number, (x, y) in enumerate(batches(), start=1):
            reference = first.step(x, y)
            for stepper, comparison in zip(steppers, found, strict=True):
                if comparison.add(number, reference, stepper.step(x, y)):
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
    kinks: tuple[str, ...]  # layers whose derivative jumps at 0
    signed: tuple[str, ...]  # weights whose penalty's derivative jumps at 0
    before_a: Mapping[str, Array]  # the weights that the next step starts from
    before_b: Mapping[str, Array]
    steps: int = 0
    switches: int = 0
    largest: dict[tuple[str, str], Difference] = field(default_factory=dict)
    first: Difference | None = None
    suspect: Difference | None = None  # the first that was more than rounding makes

    def add(self, step: int, a: Trace, b: Trace) -> bool:
        """Compare one step; whether something switched, so that the engine must be set equal."""
        self.steps = step
        layer, order = self._switched(a, b), list(a.activations)
        for kind in KINDS:
            for place, left, right in _places(kind, a, b):
                if layer is not None and kind in ("gradients", "weights"):
                    after = order.index(place.rpartition("/")[0]) > order.index(layer)
                    if kind == "weights" or not after:
                        continue
                self._compare(Difference(step, kind, place, _distance(kind, left, right)))
        self.before_a, self.before_b = a.weights, a.weights if layer is not None else b.weights
        self.switches += layer is not None
        return layer is not None

    def _compare(self, difference: Difference) -> None:
        key, size = (difference.kind, difference.place), difference.size
        if key not in self.largest or not size <= self.largest[key].size:
            self.largest[key] = difference
        if self.suspect is None and not size <= self.limit / _ABOVE_ROUNDING:
            self.suspect = difference
        if self.first is None and not size <= self.limit:
            self.first = difference

    def _switched(self, a: Trace, b: Trace) -> str | None:
        """The last layer in which rounding alone decided a sign, if there is one."""
        if self.first is not None:
            return None  # they differ already; nothing is to be excused
        found = [
            name
            for name in self.kinks
            if _by_rounding(a.activations[name], b.activations[name], self.limit)
        ]
        found += [
            path.rpartition("/")[0]
            for path in self.signed
            if _by_rounding(self.before_a[path], self.before_b[path], self.limit)
        ]
        return max(found, key=list(a.activations).index, default=None)

    def verdict(self, name: str, reference: str, setup: Setup) -> Verdict:
        # A small fault grows for some steps before it passes the limit somewhere else.
        blame = _blame(self.suspect, setup.optimizer, name) if self.first and self.suspect else ""
        return Verdict(
            name, reference, setup.dtype, self.limit, self.steps,
            tuple(self.largest.values()), self.switches, self.first, blame,
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
        places.sort(key=lambda path: -layers.index(path.rpartition("/")[0]))
    for place in places:
        if place not in right:
            raise GlassnetError(f"{kind} of {place!r} are missing.", where="twin")
        yield place, left[place], right[place]


def _kinks(layer: Layer, path: str = "") -> Iterator[str]:
    """The paths of the layers whose outputs' sign decides their derivative."""
    if isinstance(layer, Sequential):
        for name, inner in layer.parts:
            yield from _kinks(inner, f"{path}/{name}" if path else name)
    elif isinstance(layer, Dense | Activation) and layer.activation in ("relu", "leaky_relu"):
        yield path


def _by_rounding(a: Array, b: Array, limit: float) -> bool:
    """Whether a few entries are above 0 in one and not in the other, all of them next to 0."""
    apart = (a > 0) != (b > 0)
    near = max(1.0, float(np.max(np.abs(a), initial=0.0))) * limit / _ABOVE_ROUNDING
    small = (np.abs(a[apart]) <= near).all() and (np.abs(b[apart]) <= near).all()
    return bool(apart.any() and small and apart.mean() <= _FEW)


def _distance(kind: str, a: Array, b: Array) -> float:
    """Largest |a − b|, relative to the largest |a| or a floor; inf for NaN.

    Gradients are small numbers, so their floor is lower than that of all others.
    """
    distance = float(np.max(np.abs(np.asarray(a, np.float64) - b), initial=0.0))
    size = max(0.1 if kind == "gradients" else 1.0, float(np.max(np.abs(a), initial=0.0)))
    return distance / size if np.isfinite(distance) and np.isfinite(size) else float("inf")


def _blame(first: Difference, optimizer: Optimizer, name: str) -> str:
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
