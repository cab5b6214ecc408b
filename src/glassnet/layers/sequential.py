"""Layers made of layers."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NoReturn

from glassnet.core.errors import GlassnetError
from glassnet.core.registry import register
from glassnet.core.trees import Array, Tree
from glassnet.layers.base import Blocks, Layer, Shape, infer_shape
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.layers.names import checked_layers, named
from glassnet.ops import Pullback

_OF_MODELS = ("compile", "fit", "evaluate", "predict", "summary", "save", "add", "build")


@register("layer")
@dataclass(frozen=True)
class Sequential(Layer):
    """y = layerₙ(… layer₂(layer₁(x))): the chain rule, written as a loop."""

    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", checked_layers(self.layers, "Sequential"))
        seen: set[int] = set()
        for name, layer in self.parts:
            if id(layer) in seen and layer.learns:
                raise GlassnetError(
                    "is in the list twice; each place would have weights of its own.",
                    where=f"layer {name!r}",
                    fix="Make a layer for each place; to share one, call it twice: "
                    "x = Input(shape); Model(inputs=x, outputs=layer(layer(x))).",
                )
            seen.add(id(layer))

    @cached_property
    def parts(self) -> tuple[tuple[str, Layer], ...]:
        return named(self.layers, "Sequential")

    @cached_property
    def wiring(self) -> tuple[tuple[int, tuple[int, ...]], ...]:
        """The chain as a graph's wiring: layer i is called on value i; see `Graph`."""
        return tuple((i, (i,)) for i in range(len(self.layers)))

    @cached_property
    def multi_input(self) -> bool:  # type: ignore[override]
        return bool(self.layers) and self.layers[0].multi_input

    def __getattr__(self, name: str) -> NoReturn:
        # Only called for what is not there. In Keras, a Sequential is a model.
        hint = ": it is a layer. Model(Sequential([...])) or Model([...]) has it"
        raise AttributeError(
            f"Sequential has no {name!r}{hint if name in _OF_MODELS else ''}", name=name, obj=self
        )

    def shapes(self, shape: Shape) -> list[Shape]:
        """The shape that each layer gets, and last the one that the whole puts out."""
        shapes = [shape]
        for name, layer in self.parts:
            shapes.append(infer_shape(layer, name, shapes[-1]))
        return shapes

    def output_shape(self, shape: Shape) -> Shape:
        return self.shapes(shape)[-1]

    def weights(self, shape: Shape) -> Tree:
        made = zip(self.parts, self.shapes(shape), strict=False)
        trees = {name: layer.weights(inner) for (name, layer), inner in made}
        return {name: tree for name, tree in trees.items() if tree}

    def largest_product(self, shape: Shape) -> int:
        made = zip(self.layers, self.shapes(shape), strict=False)
        return max((layer.largest_product(inner) for layer, inner in made), default=0)

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        backs = []
        wrt_x, mask = context.wrt_x, context.mask
        for name, layer in self.parts:
            inner = context.child(name, wrt_x, mask)
            y, back = layer.forward(params.get(name, {}), x, inner)
            mask = layer.mask_after(x, inner)
            x = y
            if context.record is not None:
                context.record[inner.path] = x
            backs.append((name, back))
            wrt_x = wrt_x or layer.learns
        if context.masks is not None:
            context.masks[:] = [mask]

        def pullback(dy: Array) -> tuple[Array, Tree]:
            grads = {}
            for name, back in reversed(backs):
                dy, inner = back(dy)
                if inner:
                    grads[name] = inner
                if dy is None:  # what comes before has no weights, and nobody asked for dx
                    break
            return dy, grads

        return x, pullback

    def adapt(self, params: Tree, blocks: Blocks) -> Tree:
        adapted = dict(params)
        for name, layer in self.parts:
            if name in params:
                adapted[name] = layer.adapt(params[name], blocks)
            blocks = _through(layer, adapted.get(name, {}), blocks)
        return adapted


def _through(layer: Layer, params: Tree, blocks: Blocks) -> Blocks:
    """The blocks as they leave the layer; computed only if somebody reads them."""

    def outputs() -> Iterable[Array]:
        for block in blocks():
            yield layer.forward(params, block, INFERENCE)[0]

    return outputs
