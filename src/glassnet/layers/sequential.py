"""`Sequential`: layers applied one after the other."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from typing import ClassVar

from glassnet.core.errors import GlassnetError
from glassnet.core.registry import register
from glassnet.core.trees import Array, Tree
from glassnet.layers.activity import forward_penalized
from glassnet.layers.base import Blocks, Call, Layer
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.layers.names import checked_layers, named_layers
from glassnet.layers.network import Network, not_differentiable, unfolds
from glassnet.ops import Pullback


@register("layer")
@dataclass(frozen=True)
class Sequential(Network):
    """y = layerₙ(… layer₂(layer₁(x))): the chain rule, written as a loop."""

    layers: tuple[Layer, ...]

    chain: ClassVar[bool] = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", checked_layers(self.layers, "Sequential"))
        seen: set[int] = set()
        for name, layer in self.parts:
            if id(layer) in seen and layer.learns:
                raise GlassnetError(
                    "is in the list twice; each occurrence would have its own weights.",
                    where=f"layer {name!r}",
                    fix="Model([...]) shares a layer that is in its list twice. For weights of its "
                    "own, use layer.clone().",
                )
            seen.add(id(layer))
        for name, layer in self.parts[:-1]:
            if layer.output_count > 1 and not unfolds(layer):
                raise GlassnetError(
                    f"has {layer.output_count} outputs, but the layer after it takes one.",
                    where=f"layer {name!r}",
                    fix="Build a graph, in which a call returns each output: y, *states = "
                    "layer(x).",
                )

    @cached_property
    def parts(self) -> tuple[tuple[str, Layer], ...]:
        return named_layers(self.layers, "Sequential")

    @cached_property
    def inputs(self) -> int:
        return self.layers[0].inputs if self.layers else 1

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """Each layer is called on the outputs of the one before it, the first on all inputs."""
        parts = zip(self.parts, self._values, strict=False)
        return tuple(Call(name, layer, name, values) for (name, layer), values in parts)

    @property
    def ends(self) -> tuple[int, ...]:
        return self._values[-1]

    @cached_property
    def _values(self) -> tuple[tuple[int, ...], ...]:
        """The indices of the inputs, and of the outputs of each layer."""
        counts = (self.inputs, *(layer.output_count for layer in self.layers))
        return tuple(tuple(range(a, b)) for a, b in pairwise(accumulate(counts, initial=0)))

    @property
    def output_count(self) -> int:
        return self.layers[-1].output_count if self.layers else 1

    @cached_property
    def multi_input(self) -> bool:  # type: ignore[override]
        return bool(self.layers) and self.layers[0].multi_input

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        backs = []
        wrt_x, mask = context.wrt_x, context.mask
        for name, layer in self.parts:
            inner = context.child(name, wrt_x, mask)
            y, back = forward_penalized(layer, params.get(name, {}), x, inner)
            mask = layer.mask_after(x, inner)
            x = y
            if context.record is not None:
                context.record[inner.path] = x
            if context.differentiable:
                backs.append((name, back))
            wrt_x = wrt_x or (layer.learns and not inner.frozen)
        if context.masks is not None:
            context.masks[:] = self.outputs_of(mask)

        def pullback(dy: Array) -> tuple[Array | None, Tree]:
            grads = {}
            for name, back in reversed(backs):
                dy, inner = back(dy)
                if inner:
                    grads[name] = inner
                if dy is None:  # nothing before has weights, and dx is not needed
                    break
            return dy, grads

        return x, pullback if context.differentiable else not_differentiable

    def adapted(self, params: Tree, blocks: Blocks) -> Tree:
        adapted = dict(params)
        for name, layer in self.parts:
            if name in params:
                adapted[name] = layer.adapted(params[name], blocks)
            blocks = _outputs_of(layer, adapted.get(name, {}), blocks)
        return adapted


def _outputs_of(layer: Layer, params: Tree, blocks: Blocks) -> Blocks:
    """Return the layer's outputs for the blocks; computed only when read."""

    def outputs() -> Iterable[Array]:
        for block in blocks():
            yield layer.forward(params, block, INFERENCE)[0]

    return outputs
