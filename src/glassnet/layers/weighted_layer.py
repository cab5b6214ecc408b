"""`WeightedLayer`: what Keras shows of a layer that a model has built, or that is in a graph."""

from collections.abc import Sequence
from itertools import count
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.core.keras_names import KerasNames
from glassnet.core.trees import Array, Tree
from glassnet.core.validation import set_field
from glassnet.layers import weight_store
from glassnet.layers.first_calls import first_call
from glassnet.layers.layer_name import compared, shown
from glassnet.layers.variable import HasVariables, Variable, assign_all, variables_of

_built_by_hand = count()


class WeightedLayer(HasVariables, KerasNames):
    """The base of `Layer`: its weights in the store, and its first call in a graph."""

    kind: ClassVar[str] = "layer"
    name: str | None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for name in ("__eq__", "__hash__", "__repr__"):  # those of `dataclass` use generated names
            if name not in vars(cls):
                setattr(cls, name, getattr(WeightedLayer, name))
        if "weights" in vars(cls):
            setattr(cls, "weights", WeightsAttribute(vars(cls)["weights"]))  # noqa: B010

    def __new__(cls, *arguments: Any, **options: Any) -> Self:
        """Return a new layer, whose `trainable` can be set although `dataclass` froze its class."""
        if cls.__setattr__ is not set_field:
            setattr(cls, "__setattr__", set_field)  # noqa: B010
        return super().__new__(cls, *arguments, **options)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self is other or compared(self) == compared(other)

    def __hash__(self) -> int:
        return hash(compared(self))

    def __repr__(self) -> str:
        return shown(self)

    @property
    def variables(self) -> list[Variable]:
        """All weights, as views of the stored arrays; none before a model has built the layer."""
        return variables_of(self, self.name or "")

    if not TYPE_CHECKING:  # which would take any misspelled attribute for a weight

        def __getattr__(self, name: str) -> Any:  # only called for missing attributes
            """Return the weight of this name, as in `layer.kernel`."""
            tree, _ = weight_store.entry_of(self)
            if tree and name in tree and not isinstance(tree[name], dict):
                return next(weight for weight in self.variables if weight.name == name)
            return super().__getattr__(name)

    @property
    def built(self) -> bool:
        """True if the layer has all its weights, which a model creates."""
        layer: Any = self  # a `Layer`
        return weight_store.entry_of(self)[0] is not None or not (layer.learns or layer.adapts)

    def build(self, input_shape: Sequence[Any]) -> None:
        """Create the weights for inputs of this shape, with the batch axis first, as in Keras.

        A layer that has some keeps them. They don't depend on a model's seed, but on how many
        layers were built by hand before.
        """
        layer: Any = self  # a `Layer`
        several = bool(input_shape) and isinstance(input_shape[0], list | tuple)
        shape: Any = tuple(input_shape[1:])
        if several:
            shape = tuple(tuple(inner[1:]) for inner in input_shape)
        if weight_store.entry_of(self)[0] is None:
            drawn, _ = layer.init(np.random.default_rng(next(_built_by_hand)), shape)
            weight_store.stored_tree(layer, drawn, layer.weights(shape))

    def get_weights(self) -> list[Array]:
        """Return copies of the weights' arrays, in the order of `variables`."""
        return [variable.numpy() for variable in self.variables]

    def set_weights(self, weights: Sequence[Array]) -> None:
        """Set the weights to these arrays, in the order of `get_weights`."""
        assign_all(self.variables, weights, f"layer {self.name!r}")

    def count_params(self) -> int:
        """Return the number of entries in all weights; raises before a model has built them."""
        if not self.built:
            raise GlassnetError(
                "has no weights yet.",
                where=f"layer {self.name!r}",
                fix="Build a model with it: Model([layer], input_shape=(4,)).",
            )
        return sum(variable.size for variable in self.variables)

    def __call__(self, *x: Any, **arguments: Any) -> Any:
        """Return the output node for nodes of a graph, which starts at `Input`; with multiple
        outputs, a list of nodes.
        """
        from glassnet.layers.functional import call  # which imports layers

        layer: Any = self  # a `Layer`
        return call(layer, x, arguments)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Array | None:
        """Return the mask (N, T) of the output for these arrays, as in Keras; None if it has none.

        Raises for nodes of a graph, in which masks are passed on by themselves.
        """
        if not hasattr(inputs, "__array_namespace__"):
            if hasattr(inputs, "sources"):
                raise GlassnetError(
                    "takes arrays; in a graph, layers pass their masks on by themselves.",
                    where=f"layer {self.name!r}: compute_mask",
                    fix="Leave the mask out, or pass the token ids, whose zeros are padding: "
                    "layer(x, mask=ids).",
                )
            inputs = np.asarray(inputs)
        layer: Any = self  # a `Layer`
        mask: Array | None = layer.output_mask(inputs, previous_mask)
        return mask

    @property
    def output(self) -> Any:
        """The output node of the layer's first call, for a model that ends or goes on there; with
        multiple outputs, a list.
        """
        node = first_call(self)
        return list(node.outputs) or node

    @property
    def input(self) -> Any:
        """The input node of the layer's first call; with multiple inputs, a list."""
        sources = first_call(self).sources
        return sources[0] if len(sources) == 1 else list(sources)


class WeightsAttribute:
    """The attribute `weights` of a layer: its list of variables, and its method of that name."""

    def __init__(self, method: Any) -> None:
        self.method = method

    def __get__(self, layer: "WeightedLayer | None", owner: type) -> Any:
        return self.method if layer is None else Variables(layer, self.method)


class Variables(list[Variable]):
    """The variables of a layer. Called with an input shape, it returns the tree of `Weight`s."""

    def __init__(self, layer: WeightedLayer, method: Any) -> None:
        super().__init__(variables_of(layer, layer.name or ""))
        self.layer, self.method = layer, method

    def __call__(self, *args: Any, **options: Any) -> Tree:
        weights: Tree = self.method(self.layer, *args, **options)
        return weights
