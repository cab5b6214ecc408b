"""The layers of a trace, from the calls of a recorded step."""

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from glassnet.core.trees import items, join_path
from glassnet.layers import BatchNormalization, Layer
from glassnet.layers.call import AGAIN
from glassnet.layers.freezing import frozen_paths
from glassnet.layers.network import unfolds
from glassnet.tracing.array import TracedArray
from glassnet.tracing.result import Part, TracedLayer
from glassnet.tracing.step import Step
from glassnet.tracing.tagging import LayerCall
from glassnet.tracing.values import NotComputed, Values, values_of
from glassnet.training.step import Objective


def traced_layers(
    step: Step, objective: Objective, training: bool, first: bool
) -> tuple[TracedLayer, ...]:
    """Return the calls of layers, without the networks that are nothing but their layers.

    If it is the `first` step, because the optimizer's state is not known, their notes say so.
    """
    calls = [call for call in step.calls if not unfolds(call.layer)]
    return tuple(_Layer(step, objective, call, training, first).traced() for call in calls)


class _Layer:
    """A call of a layer, with what explains its numbers."""

    def __init__(
        self, step: Step, objective: Objective, call: LayerCall, training: bool, first: bool
    ) -> None:
        self.step, self.program, self.call = step, step.program, call
        self.training, self.first = training, first
        self.path = AGAIN.sub("", call.path)  # of the weights
        weights = dict(items(objective.weights))
        names = [name for name, _ in items(call.params) if not _inside(name, call.layer)]
        self.weights = {name: weights[join_path(self.path, name)] for name in names}
        self.frozen = frozen_paths(objective.weights, objective.frozen)

    def traced(self) -> TracedLayer:
        call = self.call
        return TracedLayer(
            call.path or "the network",
            type(call.layer).__name__,
            equation(call.layer),
            self._part("input", call.input),
            self._part("output", call.output),
            self._part("dx", call.d_input),
            self._part("dy", call.d_output),
            {name: self._input(join_path(self.path, name)) for name in self.weights},
            {name: self._marked("gradient of", name) for name in self.weights},
            {name: self._marked("new", name) for name in self.weights},
            {
                f"{slot} of {name}": values
                for slot, name, values in self._slots(self.program.inputs)
            },
            {f"{slot} of {name}": values for slot, name, values in self._slots(self.program.marks)},
            tuple(self._notes()),
        )

    def _part(self, name: str, value: Any) -> Part:
        if isinstance(value, tuple):
            return tuple(self._part(f"{name}.{i}", part) for i, part in enumerate(value))
        if not isinstance(value, TracedArray):
            return NotComputed(self._why_no_gradient(name))
        return values_of(self.program, value.index, f"{name} of {self.call.path or 'the network'}")

    def _why_no_gradient(self, name: str) -> str:
        if not name.startswith("d"):
            return "it is not part of this call"
        if self.call.d_output is None:
            ends = [c.path for c in self.step.calls if c.d_output is not None and c.d_input is None]
            return (
                f"the inputs of {ends[-1]} are indices, which have no derivative"
                if ends
                else "the loss does not depend on it"
            )
        return "its inputs are indices, which have no derivative"

    def _input(self, path: str) -> Values:
        return values_of(self.program, self.program.inputs[path], path)

    def _marked(self, what: str, name: str) -> Values | NotComputed:
        path = join_path(self.path, name)
        index = self.program.marks.get(f"{what} {path}")
        if index is not None:
            return values_of(self.program, index, f"{what} {path}")
        if not self.weights[name].trainable:
            if what == "new" and not self.training:
                return NotComputed("it follows the data, and only in training (training=True)")
            return NotComputed("it follows the data and has no gradient: it is not trained")
        if path in self.frozen:
            layer = self.frozen[path] or "the network"
            return NotComputed(f"{layer} is frozen: trainable=False")
        if what == "new" and f"gradient of {path}" in self.program.marks:
            return NotComputed("this step only sums gradients; a later one updates the weights")
        return NotComputed("the loss does not depend on it")

    def _slots(self, places: Mapping[str, int]) -> Iterator[tuple[str, str, Values]]:
        """Yield (slot, weight, array) of the optimizer's state of this layer's weights."""
        for name in self.weights:
            end = f" of {join_path(self.path, name)}"
            for full, index in places.items():
                if full.endswith(end) and not full.startswith("gradient of "):
                    slot = full.removesuffix(end).removeprefix("new ")
                    yield slot, name, values_of(self.program, index, full)

    def _notes(self) -> Iterator[str]:
        call, layer = self.call, self.call.layer
        if call.path in self.step.fused:
            yield (
                f"its {self.step.fused[call.path]} is computed by the loss, as one operation with "
                "it: the output here is what it is applied to"
            )
        slots = dict.fromkeys(slot for slot, _, _ in self._slots(self.program.inputs))
        if self.first and slots:
            yield f"{', '.join(slots)}: as before a first step, as model files hold none"
        if isinstance(layer, BatchNormalization) and not self.training:
            yield "outside training, it uses its moving mean and variance"
        same = isinstance(call.output, TracedArray) and isinstance(call.input, TracedArray)
        if same and call.output.index == call.input.index and hasattr(layer, "seed"):
            yield "outside training, it changes nothing"


def _inside(path: str, layer: Layer) -> bool:
    """True for the weight of a layer inside the layer."""
    return path.partition("/")[0] in dict(layer.parts) and "/" in path


def equation(layer: Layer) -> str:
    """Return the first paragraph of the layer's docstring, on one line."""
    text = inspect.cleandoc(type(layer).__doc__ or "").partition("\n\n")[0]
    return " ".join(text.split())
