"""The frozen body of a network: the first calls, in which training changes nothing.

Their layers are frozen or without weights, and compute the same in each step: no dropout, no
statistics that follow the data. `HeadObjective` is the objective of the calls after them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from glassnet.core.arrays import as_tuple, map_arrays
from glassnet.core.functions import functions, is_function
from glassnet.core.own_classes import is_own
from glassnet.core.trees import Array, Tree, items, leaves
from glassnet.engines.one_by_one import can_compute
from glassnet.layers import CallContext, Layer
from glassnet.layers.base import Shape
from glassnet.layers.graph import Graph
from glassnet.layers.network import Network, unfolds
from glassnet.layers.recurrent import Recurrent
from glassnet.layers.shapes import select
from glassnet.layers.subgraph import subgraph, values_of_calls
from glassnet.training.step import Objective

# The body's examples are computed one by one, once instead of in each epoch. That pays if a weight
# is used more than once for each (a dense layer, which reads its weights for one product each, is
# many times as fast in batches), and if the layers don't take far less than their calls in Python.
PER_WEIGHT, PER_CALL = 2, 2**14  # multiplications for one example


@dataclass(frozen=True, eq=False, kw_only=True)
class HeadObjective(Objective):
    """The objective of the calls after a frozen body, which take the body's outputs: features.

    Weights, paths and random numbers are those of the whole network.
    """

    body: Graph

    def features(self, params: Tree, x: Any, training: bool = True) -> Any:
        """Return the body's outputs for a batch."""
        call = CallContext(training, wrt_x=False, frozen_layers=self.frozen, differentiable=False)
        return self.body.forward(params, x, call)[0]


def head_of(objective: Objective, params: Tree, x: Any, engine: str) -> HeadObjective | None:
    """Return the objective of what comes after the frozen body; None if none is worth it.

    x are examples, of which one is tried. Examples of one shape get the same object each time:
    engines compile once for each.
    """
    if not objective.frozen or objective.augment is not None or not can_compute(engine):
        return None
    key = "head", map_arrays(lambda a: a.shape[1:], x)
    if key not in objective.compiled:
        dtype = dict(items(params))[objective.trained[0]].dtype
        example = map_arrays(lambda a: a[:1].astype(dtype), x)
        objective.compiled[key] = _new_head(objective, params, example)
    head: HeadObjective | None = objective.compiled[key]
    return head


def _new_head(objective: Objective, params: Tree, example: Any) -> HeadObjective | None:
    network = objective.network
    if not unfolds(network):
        return None
    others = {path.partition("/")[0] for path in objective.trained}
    others |= {n for n, part in network.parts if not all(_is_known(p) for _, p in part.walk())}
    while cut := _cut(network, others):
        calls, values = cut
        body = subgraph(network, calls, range(network.inputs), values)
        if not _is_worth_it(body, params, map_arrays(lambda a: a.shape[1:], example)):
            return None
        probe = _Probe(True, wrt_x=False, masks=[None], frozen_layers=objective.frozen)
        with np.errstate(all="ignore"):
            features = as_tuple(body.forward(params, example, probe)[0])
        if probe.varying:
            others |= probe.varying
            continue
        dtype = as_tuple(example)[0].dtype
        if any(mask is not None for mask in probe.masks or ()) or any(
            feature.dtype != dtype for feature in features
        ):
            return None  # what comes after it needs the masks, or whole numbers
        rest = [i for i in range(len(network.calls)) if i not in calls]
        return HeadObjective(
            subgraph(network, rest, values, network.ends), objective.criterion, objective.weights,
            frozen=objective.frozen, body=body,
        )  # fmt: skip
    return None


def _cut(network: Network, others: set[str]) -> tuple[list[int], list[int]] | None:
    """Return (the calls of the body, the values that the rest takes from it); None if no calls.

    The body has none of the `others`, which are layers. All calls of a layer are on one side: its
    path in later calls has their number.
    """
    results = values_of_calls(network)
    while True:
        known, calls = set(range(network.inputs)), []
        for i, call in enumerate(network.calls):
            if call.name not in others and known.issuperset(call.sources):
                known.update(results[i])
                calls.append(i)
        rest = [call for i, call in enumerate(network.calls) if i not in calls]
        later = {call.name for call in rest}
        if not any(network.calls[i].name in later for i in calls):
            break
        others = others | later
    needed = {*network.ends, *(source for call in rest for source in call.sources)}
    return (calls, sorted(known & needed)) if calls else None


def _is_known(layer: Layer) -> bool:
    """True if the layer's output for an example depends on nothing else, as far as is known."""
    values = [getattr(layer, field.name) for field in fields(layer)]
    own = functions("activation")
    return not (
        is_own(type(layer))
        or layer.activity_regularizer is not None
        or any(is_function(v) or (isinstance(v, str) and v in own) for v in values)
    )


def _is_worth_it(body: Graph, params: Tree, shape: Shape) -> bool:
    """True if examples that are computed one by one take about as long as in batches."""
    if any(isinstance(layer, Recurrent) for _, layer in body.walk()):
        return False  # a call in Python for each step
    weights = sum(leaf.size for name, _ in body.parts for leaf in leaves(params.get(name, {})))
    return sum(_products(body, shape)) >= max(PER_WEIGHT * weights, PER_CALL * body.calls_within)


def _products(layer: Layer, shape: Shape) -> Iterator[int]:
    """Yield the multiplications in the largest product of each layer inside, for one example."""
    if not isinstance(layer, Network):
        yield layer.largest_product(shape)
        return
    shapes = layer.shapes(shape)
    for call in layer.calls:
        yield from _products(call.layer, select(shapes, call.sources))


class _Probe(CallContext):
    """A context that collects the layers that draw random numbers or update their statistics."""

    __slots__ = ("varying",)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.varying: set[str] = set()

    def child(self, name: str, wrt_x: bool, mask: Array | None = None) -> "_Probe":
        plain = super().child(name, wrt_x, mask)
        inner = _Probe(**{slot: getattr(plain, slot) for slot in CallContext.__slots__})
        inner.varying = self.varying
        return inner

    def key(self, *arguments: Any) -> Array:
        self._collect()
        return super().key(*arguments)

    def update(self, name: str, value: Array) -> None:
        self._collect()

    def _collect(self) -> None:
        self.varying.add(self.path.partition("/")[0].partition(":")[0])
