"""`Graph`: networks with branches, built by calling layers on nodes.

x = Input((28, 28))
h = Dense(64, "relu")(Flatten()(x))
y = Dense(10, "softmax")(Concatenate()(h, Dense(64, "tanh")(h)))
network = Graph.between(x, y)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from itertools import accumulate, pairwise
from typing import Any, Self

from glassnet.core.arrays import as_tuple
from glassnet.core.errors import GlassnetError
from glassnet.core.protocols import Array, namespace
from glassnet.core.registry import register
from glassnet.core.trees import Tree, map_leaves
from glassnet.layers.activity import forward_penalized
from glassnet.layers.base import Arguments, Blocks, Call, Layer, Shape
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.layers.functional import Node
from glassnet.layers.names import checked_layers, named_layers
from glassnet.layers.network import Network, not_differentiable
from glassnet.layers.shapes import input_shapes, one_or_tuple, select
from glassnet.ops import Pullback

Wire = tuple[int, tuple[int, ...]] | tuple[int, tuple[int, ...], Arguments]


def wire(layer: int, sources: tuple[int, ...], arguments: Arguments = ()) -> Wire:
    """Return the entry of `wiring` for a call."""
    return (layer, sources, arguments) if arguments else (layer, sources)


@register("layer")
@dataclass(frozen=True)
class Graph(Network):
    """Layers wired as a directed graph without cycles.

    Values are numbered: the inputs first, then the outputs of each entry of `wiring`, which is
    (index of a layer, indices of the values it is called on), and the arguments of the call if it
    has some: ("training", False). A layer in multiple entries is shared: each call uses the same
    weights, whose gradients are summed.
    """

    layers: tuple[Layer, ...]
    wiring: tuple[Wire, ...]
    outputs: tuple[int, ...]
    inputs: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", checked_layers(self.layers, "Graph"))
        if self.inputs < 1 or not self.outputs:
            raise GlassnetError("needs an input and an output.", where="Graph")
        for i, (layer, *_) in enumerate(self.wiring):
            if not 0 <= layer < len(self.layers):
                raise GlassnetError(f"wiring {i} names layer {layer}.", where="Graph")
        calls = list(zip(self.calls, self._numbers, strict=True))
        for i, (call, outputs) in enumerate(calls):
            sources, available = call.sources, outputs.start
            if not sources or not all(0 <= source < available for source in sources):
                raise GlassnetError(
                    f"wiring {i} takes {sources}, but there are only {available} values before it.",
                    where="Graph",
                )
        values = self._numbers[-1].stop if self.wiring else self.inputs
        if not all(0 <= n < values for n in self.outputs):
            raise GlassnetError(f"outputs are {self.outputs}.", where="Graph")
        used = {*self.outputs, *(source for call in self.calls for source in call.sources)}
        called = {layer for layer, *_ in self.wiring}
        idle = [
            *(f"input {n}" for n in range(self.inputs) if n not in used),
            *(f"layer {call.place!r}" for call, outputs in calls if used.isdisjoint(outputs)),
            *(f"layer {self.parts[n][0]!r}" for n in range(len(self.layers)) if n not in called),
        ]  # fmt: skip
        if idle:
            raise GlassnetError(f"{idle[0]} is unused.", where="Graph", fix="Remove it.")

    @classmethod
    def between(
        cls, inputs: Node | Sequence[Node], outputs: Node | Sequence[Node], name: str | None = None
    ) -> Self:
        """Return the graph from inputs to outputs, built by calling layers on nodes."""
        starts, ends = _as_list(inputs), _as_list(outputs)
        for item in (*starts, *ends):
            if not isinstance(item, Node):
                raise GlassnetError(f"{item!r:.80} is not a node.", where="Graph")
        indices = {id(start): i for i, start in enumerate(starts)}
        if len(indices) < len(starts):
            shape = next(s.example_shape for i, s in enumerate(starts) if s in starts[:i])
            raise GlassnetError(f"an input of shape {shape} is given twice.", where="Graph")
        layers: dict[int, tuple[int, Layer]] = {}  # by identity: equal layers are not shared
        wiring: list[Wire] = []
        values, waiting = len(starts), [(end, False) for end in reversed(ends)]
        while waiting:  # depth first, without recursion: graphs may be deep
            item, ready = waiting.pop()
            if id(item) in indices:
                continue
            if item.layer is None:
                raise GlassnetError(
                    f"the outputs depend on an input of shape {item.example_shape}, which is not "
                    "given.",
                    where="Graph",
                    fix="Pass all inputs: Model(inputs=[a, b], outputs=y).",
                )
            if not ready:
                waiting.append((item, True))
                waiting.extend((source, False) for source in reversed(item.sources))
                continue
            number, _ = layers.setdefault(id(item.layer), (len(layers), item.layer))
            sources = tuple(indices[id(source)] for source in item.sources)
            wiring.append(wire(number, sources, item.arguments))
            for output in item.outputs or (item,):
                indices.setdefault(id(output), values)
                values += 1
        called = tuple(layer for _, layer in layers.values())
        final = tuple(indices[id(end)] for end in ends)
        return cls(called, tuple(wiring), final, len(starts), name=name)

    @cached_property
    def parts(self) -> tuple[tuple[str, Layer], ...]:
        return named_layers(self.layers, "Graph")

    @cached_property
    def multi_input(self) -> bool:  # type: ignore[override]
        return self.inputs > 1

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        calls, counts = [], dict.fromkeys(range(len(self.layers)), 0)
        for number, sources, *more in self.wiring:
            name, layer = self.parts[number]
            place = f"{name}:{counts[number]}" if counts[number] else name
            counts[number] += 1
            arguments = more[0] if more else ()
            layer = layer.called_with(dict(arguments)) if arguments else layer
            calls.append(Call(name, layer, place, sources, arguments))
        return tuple(calls)

    @cached_property
    def _numbers(self) -> tuple[range, ...]:
        """The indices of the output values of each call."""
        counts = (call.layer.output_count for call in self.calls)
        return tuple(range(a, b) for a, b in pairwise(accumulate(counts, initial=self.inputs)))

    @cached_property
    def _last_used(self) -> tuple[tuple[int, ...], ...]:
        """For each call, the indices of the values that only this and earlier calls take."""
        last = {source: i for i, call in enumerate(self.calls) for source in call.sources}
        inner = {value: i for value, i in last.items() if value not in self.outputs}
        return tuple(
            tuple(value for value, last in inner.items() if last == i)
            for i in range(len(self.calls))
        )

    @property
    def ends(self) -> tuple[int, ...]:
        return self.outputs

    def shapes(self, shape: Shape) -> list[Shape]:
        if (count := len(input_shapes(shape))) != self.inputs:
            raise GlassnetError(f"takes {self.inputs} inputs, got {count}.", where="Graph")
        return super().shapes(shape)

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        values = list(as_tuple(x))
        masks = (
            list(context.mask) if isinstance(context.mask, tuple) else [context.mask] * self.inputs
        )
        needed = [context.wrt_x] * self.inputs  # is the gradient of each value needed
        backs = []
        for number, (name, layer, place, sources, arguments) in enumerate(self.calls):
            wrt_x = any(needed[source] for source in sources)
            inputs, mask = select(values, sources), select(masks, sources)
            inner = context.child(place, wrt_x, mask)
            if ("training", False) in arguments:
                inner.training = False
            y, back = forward_penalized(layer, params.get(name, {}), inputs, inner)
            if context.record is not None:
                context.record[inner.path] = y
            if context.differentiable:
                backs.append((name, sources, len(values), back))
            else:  # the values that no later call takes
                for used_up in self._last_used[number]:
                    values[used_up] = None
            values += layer.outputs_of(y)
            masks += layer.outputs_of(layer.mask_after(inputs, inner))
            needed += layer.outputs_of(wrt_x or (layer.learns and not inner.frozen))
        if context.masks is not None:
            context.masks[:] = [masks[number] for number in self.outputs]

        def pullback(dy: Any) -> tuple[Any, Tree]:
            dvalues: list[Any] = [None] * len(values)
            grads: Tree = {}
            for number, gradient in zip(self.outputs, as_tuple(dy), strict=True):
                dvalues[number] = _sum(dvalues[number], gradient)
            for name, sources, start, back in reversed(backs):
                doutputs = dvalues[start:]
                del dvalues[start:]  # no longer needed
                if not needed[start] or all(d is None for d in doutputs):
                    continue  # it depends on no trainable weights, or no output depends on it
                if len(doutputs) > 1:
                    doutputs = [*map(_or_zeros, doutputs, values[start:])]
                dx, inner = back(one_or_tuple(doutputs))
                if inner:
                    total = grads.get(name)
                    grads[name] = inner if total is None else map_leaves(_sum, total, inner)
                for source, gradient in zip(
                    sources, dx if len(sources) > 1 else (dx,), strict=True
                ):
                    dvalues[source] = _sum(dvalues[source], gradient)
            zeros = [_or_zeros(d, v) for d, v in zip(dvalues, values[: self.inputs], strict=False)]
            dx = (zeros[0] if self.inputs == 1 else tuple(zeros)) if context.wrt_x else None
            return dx, {name: grads[name] for name in params if name in grads}

        outputs = select(values, self.outputs)
        return outputs, pullback if context.differentiable else not_differentiable

    def adapted(self, params: Tree, blocks: Blocks) -> Tree:
        adapted = dict(params)
        for number in self._adapt_order():
            name, layer = self.parts[number]
            if name in params:
                calls = [i for i, (n, *_) in enumerate(self.wiring) if n == number]
                adapted[name] = layer.adapted(params[name], self._inputs_of(calls, adapted, blocks))
        return adapted

    def _adapt_order(self) -> tuple[int, ...]:
        """Indices of the layers with `adapts`, each after those that its inputs pass through."""
        passed: list[set[int]] = [set()] * self.inputs  # for each value, such layers before it
        needs: dict[int, set[int]] = {}
        for (layer, *_), call in zip(self.wiring, self.calls, strict=True):
            before = set[int]().union(*(passed[source] for source in call.sources))
            if self.layers[layer].adapts:
                needs[layer] = needs.get(layer, set()) | before
                before = before | {layer}
            passed += call.layer.outputs_of(before)
        try:
            return tuple(TopologicalSorter(needs).static_order())
        except CycleError as error:
            name, _ = self.parts[error.args[1][0]]
            raise GlassnetError(
                "is fitted to data, but the input of one of its calls depends on another call.",
                where=f"layer {name!r}",
                fix="Use a separate layer for each call.",
            ) from error

    def _inputs_of(self, calls: Sequence[int], params: Tree, blocks: Blocks) -> Blocks:
        """Return the inputs of these calls for the blocks; computed only when read."""

        def inputs_of_calls() -> Any:
            for block in blocks():
                values = list(as_tuple(block))
                for i, (name, layer, _, sources, _) in enumerate(self.calls[: calls[-1] + 1]):
                    inputs = select(values, sources)
                    if i in calls:
                        yield inputs
                    y, _ = layer.forward(params.get(name, {}), inputs, INFERENCE)
                    values += layer.outputs_of(y)

        return inputs_of_calls


def _as_list(nodes: Node | Sequence[Node]) -> list[Node]:
    return list(nodes) if isinstance(nodes, list | tuple) else [nodes]  # type: ignore[list-item]


def _sum(a: Any, b: Any) -> Any:
    return b if a is None else a if b is None else a + b


def _or_zeros(gradient: Any, value: Array) -> Array:
    return namespace(value).zeros_like(value) if gradient is None else gradient
