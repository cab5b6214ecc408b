"""What every layer is: configuration, weights, a function and its pullback."""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.core.keras_hints import unknown_argument
from glassnet.core.trees import Array, Tree, join_path, map_leaves
from glassnet.layers.call import AGAIN, INFERENCE, CallContext
from glassnet.layers.constraints import Constraint
from glassnet.layers.initializers import Initializer
from glassnet.layers.regularizers import L1L2
from glassnet.ops import Pullback

Shape = tuple[Any, ...]  # one example's shape, the batch axis left out; of several inputs, a tuple
Blocks = Callable[[], Iterable[Array]]  # a data set, block by block, from the start at each call


@dataclass(frozen=True)
class Weight:
    """What a weight will be, before it is made."""

    shape: Shape
    initializer: Initializer
    regularizer: L1L2 | None = None
    trainable: bool = True
    constraint: Constraint | None = None


_LARGEST = 2**40  # numbers in one example's output: terabytes


def infer_shape(layer: "Layer", name: str, shape: Shape) -> Shape:
    """The layer's output shape, or an error that names the layer and what it gets."""
    try:
        if is_multi_input(shape) and not layer.multi_input:
            raise GlassnetError(
                "takes one input.", fix="Join them: Concatenate()(a, b), or Add()(a, b)."
            )
        made = layer.output_shape(shape)
        if _size(made) > _LARGEST:
            raise GlassnetError("puts out examples that are too large for any machine.")
    except GlassnetError as error:
        place = f"layer {name!r}"
        if error.where.startswith("layer "):  # a layer inside, which already says what it gets
            raise error.inside(place) from error
        raise GlassnetError(
            f"{error.what} It gets examples of shape {shape}.", where=place, fix=error.fix
        ) from error
    return made


def is_multi_input(shape: Shape) -> bool:
    """Whether this is a tuple of the shapes of several inputs."""
    return bool(shape) and isinstance(shape[0], tuple)


def input_shapes(shape: Shape) -> tuple[Shape, ...]:
    """The shapes of all inputs, of which there may be one."""
    return shape if is_multi_input(shape) else (shape,)


def one_or_tuple(values: Sequence[Any]) -> Any:
    """One value as it is, several as a tuple."""
    return values[0] if len(values) == 1 else tuple(values)


def select(values: Sequence[Any], numbers: Iterable[int]) -> Any:
    """The values with these numbers: one as it is, several as a tuple."""
    return one_or_tuple([values[n] for n in numbers])


def _size(shape: Shape) -> int:
    return math.prod(_size(n) if isinstance(n, tuple) else n for n in shape)


class Call(NamedTuple):
    """A call of a layer inside another one."""

    name: str
    layer: "Layer"
    place: str  # in the paths of outputs: the name, or `name:1`, ... if it was called before
    sources: tuple[int, ...]  # which values it takes: the inputs are 0, ..., then one for each call


Visit = Callable[[str, "Layer", Any], Any]  # (path, layer, what comes to it) -> what comes out


@dataclass(frozen=True)
class Layer:
    """A function with weights. Its fields are its configuration; its weights live outside it."""

    name: str | None = field(default=None, kw_only=True)

    keeps_steps: ClassVar[bool] = False  # step t of its output comes from step t: the mask holds
    multi_input: ClassVar[bool] = False  # takes several inputs at once
    sign: ClassVar[str] = ""  # how the outputs of the layers inside are joined, where they are
    applies_activation: ClassVar[bool] = False  # its outputs are those of its `activation`
    any_scale: ClassVar[bool] = False  # learns as well from inputs of any scale
    picks_largest: ClassVar[bool] = False  # puts out some of the numbers it gets: the largest
    rearranges: ClassVar[bool] = False  # puts out all numbers it gets, in another order or shape
    keeps_probabilities: ClassVar[bool] = False  # only moves or averages: probabilities remain some

    @property
    def output_activation(self) -> str | None:
        """The activation that makes its outputs; None if it is linear or there is none."""
        name = getattr(self, "activation", None) if self.applies_activation else None
        return None if name == "linear" else name

    @cached_property
    def learns(self) -> bool:
        """Whether it has trainable weights, its own or those of a layer inside it."""
        return any(part.learns for _, part in self.parts)

    @property
    def adapts(self) -> bool:
        """Whether `adapt` fits weights of its own or of a layer inside it."""
        return any(part.adapts for _, part in self.parts)

    @property
    def parts(self) -> tuple[tuple[str, "Layer"], ...]:
        """The layers inside this one, with their names; their weights lie under these names."""
        return ()

    def walk(self, path: str = "") -> Iterator[tuple[str, "Layer"]]:
        """(path, layer) of this layer and all inside it, in their order."""
        yield path, self
        for name, part in self.parts:
            yield from part.walk(join_path(path, name))

    def at(self, path: str) -> "Layer":
        """The layer inside at a path of `walk`, or at that of an output (`dense:1` is `dense`)."""
        layer = self
        for name in AGAIN.sub("", path).split("/") if path else ():
            layer = dict(layer.parts)[name]
        return layer

    def with_layer(self, path: str, layer: "Layer") -> "Layer":
        """The same, but with another layer at `path`."""
        if not path:
            return layer
        name, _, rest = AGAIN.sub("", path).partition("/")
        return self.with_parts({name: self.at(name).with_layer(rest, layer)})

    def with_parts(self, parts: Mapping[str, "Layer"]) -> Self:
        """The same, but with other layers inside under these names."""
        raise NotImplementedError

    @property
    def inputs(self) -> int:
        """How many arrays it takes, each a value that the layers inside can be called on."""
        return 1

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """The calls of the layers inside, in their order."""
        return tuple(Call(name, part, name, (0,)) for name, part in self.parts)

    @cached_property
    def calls_within(self) -> int:
        """How many calls of layers one call of this one makes."""
        return 1 + sum(call.layer.calls_within for call in self.calls)

    def trace(self, x: Any, visit: Visit, path: str = "") -> Any:
        """What comes out for x if each layer makes `visit(path, layer, x)` of what comes to it.

        x may be anything that is not a tuple: a shape, a mask, a path; of several, a tuple of them.
        A `Network` is followed from call to call, any other layer is visited as a whole.
        """
        return visit(path, self, x)

    def __call__(self, x: Any, *more: Any, **others: Any) -> Any:
        """The node that the layer makes of nodes of a graph, which `Input` begins."""
        for option in others:
            raise unknown_argument(option, ("x",), "call", f"{type(self).__name__}'s call")
        flat = x if isinstance(x, list | tuple) else (x,)
        node = next((item for item in (*flat, *more) if hasattr(item, "through")), None)
        if node is None:
            raise not_a_node(self, x)
        return node.through(self, (x, *more))

    def output_shape(self, shape: Shape) -> Shape:
        """The shape of one output for one input of `shape`; raises if they don't fit."""
        return shape

    def shapes(self, shape: Shape) -> list[Shape]:
        """The shape of every value: those of the inputs, then what each call makes."""
        shapes = [shape] if self.inputs == 1 else list(shape)
        for _, layer, place, sources in self.calls:
            shapes.append(infer_shape(layer, place, select(shapes, sources)))
        return shapes

    def weights(self, shape: Shape) -> Tree:
        """The tree of `Weight`s for inputs of `shape`."""
        shapes = self.shapes(shape)
        trees: Tree = {}
        for name, layer, place, sources in self.calls:
            tree = layer.weights(select(shapes, sources))
            if name in trees and trees[name] != tree:
                raise GlassnetError(
                    "is shared, but its calls need weights of different shapes. This one gets "
                    f"examples of shape {select(shapes, sources)}.",
                    where=f"layer {place!r}",
                    fix="Call it on nodes of one shape, or make a layer for each.",
                )
            if tree:
                trees[name] = tree
        return trees

    def init(
        self, rng: np.random.Generator, shape: Shape, dtype: str = "float32"
    ) -> tuple[Tree, Shape]:
        """New weights, drawn from `rng`, and the output shape."""
        output_shape = self.output_shape(shape)

        def draw(weight: Weight) -> Array:
            return weight.initializer(rng, weight.shape).astype(dtype)

        return map_leaves(draw, self.weights(shape)), output_shape

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        """y and the pullback dy -> (dx, grads), with grads a tree like the trainable weights.

        Of several inputs, x and dx are tuples.
        """
        raise NotImplementedError

    def largest_product(self, shape: Shape) -> int:
        """Multiplications in the largest matrix product of one example's way through: an engine
        chooses its threads by it.
        """
        shapes = self.shapes(shape)
        products = (c.layer.largest_product(select(shapes, c.sources)) for c in self.calls)
        return max(products, default=0)

    def output_mask(self, x: Array, mask: Array | None) -> Array | None:
        """Which steps (N, T) of the output are not padding; None means all."""
        return mask if self.keeps_steps else None

    def mask_after(self, x: Any, context: CallContext) -> Any:
        """The mask of the layer's output for x in this call; with multiple outputs, a tuple.

        Layers that hold other layers have left it in `context.masks`.
        """
        if not context.masks:
            return self.output_mask(x, context.mask)
        return context.masks[0] if len(context.masks) == 1 else tuple(context.masks)

    def adapt(self, params: Tree, blocks: Blocks) -> Tree:
        """The weights, with those that describe data (means, variances) fitted to the blocks."""
        return params


def not_a_node(layer: Layer, value: Any) -> GlassnetError:
    """The error of a layer that was called on numbers."""
    return GlassnetError(
        f"was called on {type(value).__name__}, not on a node of a graph.",
        where=f"layer {(layer.name or snake_case(type(layer).__name__))!r}",
        fix="Begin with x = Input(shape). For numbers: Model([...]).predict(x).",
    )


def weightless(back: Callable[[Any], Any]) -> Pullback:
    """The pullback of a layer without weights from that of its op."""

    def pullback(dy: Array) -> tuple[Array, Tree]:
        return back(dy), {}

    return pullback


def snake_case(name: str) -> str:
    """`Conv2DTranspose` as `conv2d_transpose`, as Keras does it."""
    name = re.sub(r"\W+", "", name)
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()
