"""A network and a loss that compute the same, and tag what is recorded with layer and phase."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any

from glassnet.core.arrays import as_tuple
from glassnet.core.trees import Tree
from glassnet.layers import INFERENCE, CallContext, Layer
from glassnet.losses import Loss
from glassnet.ops import Pullback
from glassnet.tracing.array import TracedArray
from glassnet.tracing.recorder import Recorder
from glassnet.training.criterion import Criteria, Criterion
from glassnet.training.step import Objective


@dataclass(eq=False)
class LayerCall:
    """One call of a layer: the arrays that went in and came out, forward and backward.

    With multiple inputs or outputs, they are tuples. `path` is that of the output: `dense:1` is the
    second call of a shared layer. What was not computed is None.
    """

    path: str
    layer: Layer
    input: Any
    params: Tree
    output: Any
    d_output: Any = None
    d_input: Any = None
    gradients: Tree = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class TaggedObjective(Objective):
    """The objective, whose penalties' gradients count as backward."""

    recorder: Recorder = field(kw_only=True)

    def penalty(self, params: Tree) -> tuple[Any, Pullback]:
        value, back = super().penalty(params)
        return value, _in_phase(self.recorder, "backward", back)


def tagged(objective: Objective, recorder: Recorder) -> tuple[Objective, list[LayerCall]]:
    """Return the objective that records its phases and layers, and the list that the calls of its
    layers go into, in the order in which they begin.
    """
    calls: list[LayerCall] = []
    network = objective.network.clone(weights=False)
    for layer in {id(layer): layer for _, layer in network.walk()}.values():
        object.__setattr__(layer, "forward", _tagged_forward(layer, recorder, calls))
    parts = {name: getattr(objective, name) for name in ("weights", "augment", "frozen")}
    criterion = _tagged_criterion(objective.criterion, recorder)
    return TaggedObjective(network, criterion, **parts, recorder=recorder), calls


def _tagged_forward(
    layer: Layer, recorder: Recorder, calls: list[LayerCall]
) -> Callable[..., tuple[Any, Pullback]]:
    forward = layer.forward

    def tagged_forward(
        params: Tree, x: Any, context: CallContext = INFERENCE
    ) -> tuple[Any, Pullback]:
        call = LayerCall(context.path, layer, x, params, None)
        calls.append(call)
        with recorder.tagged(call.path, "forward"):
            call.output, back = forward(params, x, context)
        _mark(recorder, call.path, {"input": x, "output": call.output})

        def pullback(dy: Any) -> Any:
            call.d_output = dy
            with recorder.tagged(call.path, "backward"):
                call.d_input, call.gradients = back(dy)
            _mark(recorder, call.path, {"dy": dy, "dx": call.d_input})
            return call.d_input, call.gradients

        return call.output, pullback

    return tagged_forward


def _mark(recorder: Recorder, path: str, values: dict[str, Any]) -> None:
    """Name the arrays of a layer: "output of dense", "dy.1 of merge"."""
    for name, value in values.items():
        for i, part in enumerate(as_tuple(value)):
            if isinstance(part, TracedArray):
                place = f".{i}" if isinstance(value, tuple) else ""
                recorder.marks[f"{name}{place} of {path or 'the network'}"] = part.index


def _tagged_criterion(criterion: Any, recorder: Recorder) -> Any:
    """Return the criterion without its metrics, its loss tagged."""
    if isinstance(criterion, Criteria):
        return replace(
            criterion,
            of={
                name: one and _tagged_criterion(one, recorder) for name, one in criterion.of.items()
            },
        )
    assert isinstance(criterion, Criterion)
    loss: Loss = copy(criterion.loss)
    forward = loss.forward

    def tagged_forward(*arguments: Any) -> tuple[Any, Pullback]:
        with recorder.tagged("", "loss"):
            value, back = forward(*arguments)
        return value, _in_phase(recorder, "backward", back)

    object.__setattr__(loss, "forward", tagged_forward)
    return replace(criterion, loss=loss, metrics={}, per_dataset={})


def _in_phase(recorder: Recorder, phase: str, function: Pullback) -> Pullback:
    def tagged_function(argument: Any) -> Any:
        with recorder.tagged(phase=phase):
            return function(argument)

    return tagged_function
