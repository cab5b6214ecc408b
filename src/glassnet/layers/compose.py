"""Layers made of layers."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NoReturn

from glassnet.configs import register
from glassnet.errors import GlassnetError
from glassnet.layers.base import INFERENCE, Blocks, Call, Layer, Shape
from glassnet.ops import Pullback
from glassnet.trees import Array, Tree

_OF_MODELS = ("compile", "fit", "evaluate", "predict", "summary", "save", "add", "build")


@register("layer")
@dataclass(frozen=True)
class Sequential(Layer):
    """y = layerₙ(… layer₂(layer₁(x))): the chain rule, written as a loop."""

    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        if not isinstance(self.layers, Sequence):
            raise GlassnetError("expects a list of layers.", where="Sequential")
        object.__setattr__(self, "layers", tuple(self.layers))
        for i, layer in enumerate(self.layers):
            if not isinstance(layer, Layer):
                raise GlassnetError(f"entry {i} is {layer!r}, not a layer.", where="Sequential")
        names = [name for name, _ in self.named]
        if doubles := [name for name, count in Counter(names).items() if count > 1]:
            raise GlassnetError(
                f"two layers are named {doubles[0]!r}.", where="Sequential", fix="Rename one."
            )

    @cached_property
    def named(self) -> tuple[tuple[str, Layer], ...]:
        """The layers with their names: given, or like Keras's `dense`, `dense_1`, ..."""
        counts: Counter[str] = Counter()
        pairs = []
        for layer in self.layers:
            name = layer.name
            if name is None:
                kind = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(layer).__name__).lower()
                name = f"{kind}_{counts[kind]}" if counts[kind] else kind
                counts[kind] += 1
            elif not re.fullmatch(r"[\w.-]+", name):
                raise GlassnetError(
                    f"{name!r} is no name for a layer.",
                    where="Sequential",
                    fix="Use letters, digits, '_', '-' and '.'.",
                )
            pairs.append((name, layer))
        return tuple(pairs)

    @cached_property
    def learns(self) -> bool:  # type: ignore[override]
        return any(layer.learns for layer in self.layers)

    def __getattr__(self, name: str) -> NoReturn:
        # Only called for what is not there. In Keras, a Sequential is a model.
        hint = ": it is a layer. Model(Sequential([...])) or Model([...]) has it"
        raise AttributeError(
            f"Sequential has no {name!r}{hint if name in _OF_MODELS else ''}", name=name, obj=self
        )

    def shapes(self, shape: Shape) -> list[Shape]:
        """The shape that each layer gets, and last the one that the whole puts out."""
        shapes = [shape]
        for name, layer in self.named:
            try:
                shapes.append(layer.output_shape(shapes[-1]))
            except GlassnetError as error:
                raise GlassnetError(
                    f"{error.what} It gets examples of shape {shapes[-1]}.",
                    where=f"layer {name!r}",
                    fix=error.fix,
                ) from error
        return shapes

    def output_shape(self, shape: Shape) -> Shape:
        return self.shapes(shape)[-1]

    def weights(self, shape: Shape) -> Tree:
        made = zip(self.named, self.shapes(shape), strict=False)
        trees = {name: layer.weights(inner) for (name, layer), inner in made}
        return {name: tree for name, tree in trees.items() if tree}

    def forward(self, params: Tree, x: Array, call: Call = INFERENCE) -> tuple[Array, Pullback]:
        backs = []
        wrt_x = call.wrt_x
        for name, layer in self.named:
            inner = call.into(name, wrt_x)
            x, back = layer.forward(params.get(name, {}), x, inner)
            if call.record is not None:
                call.record[inner.path] = x
            backs.append((name, back))
            wrt_x = wrt_x or layer.learns

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
        for name, layer in self.named:
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
