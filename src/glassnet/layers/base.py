"""`Layer`, the base class of all layers: configuration, weights, forward and pullback."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np

from glassnet.core.arrays import as_weight
from glassnet.core.configured import Configured
from glassnet.core.errors import GlassnetError
from glassnet.core.functions import is_function, name_of
from glassnet.core.own_classes import is_own
from glassnet.core.trees import Array, Tree, join_path, map_leaves
from glassnet.layers import weight_store
from glassnet.layers.activity import PenalizedActivity
from glassnet.layers.call import AGAIN, INFERENCE, CallContext
from glassnet.layers.constraints import Constraint
from glassnet.layers.freezing import Freezable
from glassnet.layers.inferred_shape import inferred_shape
from glassnet.layers.initializers import Initializer
from glassnet.layers.layer_name import LayerName
from glassnet.layers.regularizers import Regularizer
from glassnet.layers.shapes import flat, infer_shape, is_multi_input, one_or_tuple, select
from glassnet.layers.weighted_layer import WeightedLayer, WeightsAttribute
from glassnet.ops import Pullback

Shape = tuple[Any, ...]  # of one example, without the batch axis; with multiple inputs, a tuple
Blocks = Callable[[], Iterable[Array]]  # each call iterates over a data set, block by block


@dataclass(frozen=True)
class Weight:
    """The specification of a weight: its shape, and how it is initialized and trained."""

    shape: Shape
    initializer: Initializer
    regularizer: Regularizer | None = None
    trainable: bool = True
    constraint: Constraint | None = None


Arguments = tuple[tuple[str, bool], ...]  # of a call: their names and values


class Call(NamedTuple):
    """One call of a layer inside another layer."""

    name: str
    layer: "Layer"
    place: str  # in output paths: the name, or `name:1`, ... for later calls
    sources: tuple[int, ...]  # indices of its input values: the inputs, then each call's outputs
    arguments: Arguments = ()  # of this call, for which `layer` is a variant of the layer


Visit = Callable[[str, "Layer", Any], Any]  # (path, layer, input) -> output


@dataclass(frozen=True)
class Layer(WeightedLayer, PenalizedActivity, Freezable, Configured):
    """A function with weights. Its fields are its configuration; its weights are passed to it."""

    kind: ClassVar[str] = "layer"
    name: str | None = field(default=None, kw_only=True)

    keras_arguments: ClassVar[Mapping[str, str]] = {}  # Keras's name -> ours, where they differ
    keeps_steps: ClassVar[bool] = False  # output step t belongs to input step t: the mask is kept
    ends_mask: ClassVar[bool] = False  # takes the mask into account; its output needs none
    multi_input: ClassVar[bool] = False  # takes multiple inputs
    sign: ClassVar[str] = ""  # how the outputs of the inner layers are merged, if they are
    applies_activation: ClassVar[bool] = False  # its outputs are those of its `activation`
    any_scale: ClassVar[bool] = False  # trains equally well on inputs of any scale
    picks_largest: ClassVar[bool] = False  # its outputs are some of its inputs: the largest
    rearranges: ClassVar[bool] = False  # its outputs are all its inputs, in another order or shape
    keeps_probabilities: ClassVar[bool] = (
        False  # moves or averages: probabilities stay probabilities
    )
    call_inputs: ClassVar[tuple[str, ...]] = ("inputs",)  # the names of what it is called on
    call_masks: ClassVar[tuple[str, ...]] = ()  # the names of the masks of its inputs, besides mask
    call_options: ClassVar[tuple[str, ...]] = ()  # other arguments of its call, True or False

    @property
    def output_count(self) -> int:
        """The number of outputs, which are a tuple if there are multiple."""
        return 1

    def outputs_of(self, value: Any) -> tuple[Any, ...]:
        """Return a value for each output: a tuple's items, or the same value for all."""
        count = self.output_count
        return value if count > 1 and isinstance(value, tuple) else (value,) * count

    @property
    def output_activation(self) -> str | None:
        """The activation that produces its outputs; None if it is linear or has none."""
        name: Any = getattr(self, "activation", None) if self.applies_activation else None
        if is_function(name):
            return f"{name_of(name)}()"
        return None if name == "linear" else name

    @cached_property
    def learns(self) -> bool:
        """True if it, or a layer inside it, has weights that can be trained."""
        return self.defines_weights or any(part.learns for _, part in self.parts)

    @property
    def defines_weights(self) -> bool:
        """True if its class defines `weights`, and not only the layers inside it do."""
        return next(cls for cls in type(self).__mro__ if "weights" in vars(cls)) is not Layer

    @property
    def adapts(self) -> bool:
        """True if `adapted` fits its weights or those of a layer inside it."""
        return any(part.adapts for _, part in self.parts)

    @property
    def parts(self) -> tuple[tuple[str, "Layer"], ...]:
        """The layers inside this one, with their names, which are the keys of their weights."""
        return ()

    def walk(self, path: str = "") -> Iterator[tuple[str, "Layer"]]:
        """Yield (path, layer) for this layer and all layers inside it, in order."""
        yield path, self
        for name, part in self.parts:
            yield from part.walk(join_path(path, name))

    def at(self, path: str) -> "Layer":
        """The layer at a path of `walk`, or at the path of an output (`dense:1` is `dense`)."""
        layer = self
        for name in AGAIN.sub("", path).split("/") if path else ():
            layer = dict(layer.parts)[name]
        return layer

    def with_layer(self, path: str, layer: "Layer") -> "Layer":
        """Return a copy with another layer at `path`."""
        if not path:
            return layer
        name, _, rest = AGAIN.sub("", path).partition("/")
        return self.with_parts({name: self.at(name).with_layer(rest, layer)})

    def with_parts(self, parts: Mapping[str, "Layer"]) -> Self:
        """Return a copy with these layers in place of the inner layers of these names."""
        raise NotImplementedError

    def clone(self, weights: bool = True) -> Self:
        """Return a copy that shares nothing with this layer; without `weights`, it has none yet."""
        copy = deepcopy(self)
        if not weights:
            weight_store.forget(copy)
        return copy

    def __getstate__(self) -> dict[str, Any]:  # of copies and pickles: with the weights, if any
        return self.__dict__ | {"_weights": weight_store.entry_of(self)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update({name: value for name, value in state.items() if name != "_weights"})
        tree, weights = state["_weights"]
        if tree is not None:
            weight_store.set_entry(self, tree, weights)

    @property
    def inputs(self) -> int:
        """The number of inputs, each a value that the inner layers can be called on."""
        return 1

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """The calls of the inner layers, in order."""
        return tuple(Call(name, part, name, (0,)) for name, part in self.parts)

    @cached_property
    def calls_within(self) -> int:
        """The number of layer calls that one call of this layer makes, itself included."""
        return 1 + sum(call.layer.calls_within for call in self.calls)

    def trace(self, x: Any, visit: Visit, path: str = "") -> Any:
        """Return the output for x if each layer's output is `visit(path, layer, input)`.

        x may be anything but a tuple: a shape, a mask, a path; with multiple inputs, a tuple of
        them. A `Network` is traced call by call; any other layer is visited as a whole.
        """
        return visit(path, self, x)

    def call_sources(self, values: list[Any], named: Mapping[str, Any]) -> list[Any]:
        """Return all that a call is on: the values, and those of its arguments that are inputs."""
        return values + flat(named[name] for name in self.call_inputs if name in named)

    def called_with(self, arguments: Mapping[str, bool]) -> "Layer":
        """Return the variant of this layer that a call with these arguments is a call of."""
        return self

    def output_shape(self, shape: Shape) -> Shape:
        """The output shape for an example of `shape`; raises if the layer can't take it."""
        own = is_own(type(self)) and type(self).forward is not Layer.forward
        return inferred_shape(self, shape) if own else shape

    def compute_output_shape(self, input_shape: Any, *more: Any) -> Any:
        """Return the output's shape for an input's; both with the batch axis first, as in Keras.

        With multiple inputs, a list of their shapes, or one argument for each.
        """
        several = bool(input_shape) and isinstance(input_shape[0], list | tuple)
        all_shapes = (*(input_shape if several else [input_shape]), *more)
        shapes = [tuple(shape) for shape in all_shapes if shape is not None]  # an optional key's
        inner = infer_shape(self, self.name or "", one_or_tuple([shape[1:] for shape in shapes]))
        batch = shapes[0][:1]
        return [batch + shape for shape in inner] if is_multi_input(inner) else batch + inner

    def shapes(self, shape: Shape) -> list[Shape]:
        """The shapes of all values: the inputs, then the outputs of each call."""
        shapes = [shape] if self.inputs == 1 else list(shape)
        for _, layer, place, sources, _ in self.calls:
            shapes.extend(layer.outputs_of(infer_shape(layer, place, select(shapes, sources))))
        return shapes

    def weights(self, shape: Shape) -> Tree:
        """The tree of `Weight`s for inputs of `shape`."""
        shapes = self.shapes(shape)
        trees: Tree = {}
        for name, layer, place, sources, _ in self.calls:
            tree = layer.weights(select(shapes, sources))
            if name in trees and trees[name] != tree:
                raise GlassnetError(
                    "is shared, but its calls need weights of different shapes. This one gets "
                    f"examples of shape {select(shapes, sources)}.",
                    where=f"layer {place!r}",
                    fix="Call it on nodes of the same shape, or create a layer for each.",
                )
            if tree:
                trees[name] = tree
        return trees

    def init(
        self, rng: np.random.Generator, shape: Shape, dtype: str = "float32"
    ) -> tuple[Tree, Shape]:
        """Return new weights, drawn with `rng`, and the output shape."""
        output_shape = self.output_shape(shape)

        def draw(weight: Weight) -> Array:
            values = weight.initializer(rng, weight.shape)
            return as_weight(values, weight.shape, dtype, type(weight.initializer).__name__)

        return map_leaves(draw, self.weights(shape)), output_shape

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        """Return y and the pullback dy -> (dx, grads); grads is a tree like the trainable weights.

        With multiple inputs, x and dx are tuples.
        """
        raise GlassnetError(
            "defines no forward.",
            where=f"class {type(self).__name__}",
            fix="Write def forward(self, params, x, context), which returns (y, pullback).",
        )

    def largest_product(self, shape: Shape) -> int:
        """The number of multiplications in the largest matrix product for one example, by which
        an engine chooses its number of threads.
        """
        shapes = self.shapes(shape)
        products = (c.layer.largest_product(select(shapes, c.sources)) for c in self.calls)
        return max(products, default=0)

    def output_mask(self, x: Array, mask: Array | None) -> Array | None:
        """The mask (N, T) of the output, true for steps that are not padding; None means all."""
        return mask if self.keeps_steps else None

    def mask_after(self, x: Any, context: CallContext) -> Any:
        """The mask of the layer's output for x in this call; with multiple outputs, a tuple.

        Layers that contain layers have stored it in `context.masks`.
        """
        if not context.masks:
            mask = self.output_mask(x, context.mask)
            more = (None,) * (self.output_count - 1)
            return (mask, *more) if more and not isinstance(mask, tuple) else mask
        return context.masks[0] if len(context.masks) == 1 else tuple(context.masks)

    def adapted(self, params: Tree, blocks: Blocks) -> Tree:
        """Return the weights, those that describe data (means, variances) fitted to the blocks."""
        return params


setattr(Layer, "name", LayerName())  # noqa: B010 (after `dataclass` has read the field)
setattr(Layer, "weights", WeightsAttribute(Layer.weights))  # noqa: B010


def weightless(back: Callable[[Any], Any]) -> Pullback:
    """Return the pullback of a layer without weights, from the pullback of its op."""

    def pullback(dy: Array) -> tuple[Array, Tree]:
        return back(dy), {}

    return pullback
