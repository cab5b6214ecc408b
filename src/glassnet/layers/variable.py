"""`Variable`: one weight of a layer, as Keras shows it: it reads and assigns the stored array."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from glassnet.core.arrays import as_weight
from glassnet.core.errors import GlassnetError
from glassnet.core.trees import Array, Tree, join_path
from glassnet.layers import weight_store

if TYPE_CHECKING:
    from glassnet.layers.base import Weight
    from glassnet.layers.constraints import Constraint
    from glassnet.layers.regularizers import Regularizer
    from glassnet.layers.weighted_layer import WeightedLayer


class Variable(NDArrayOperatorsMixin):
    """A weight in the store, which all models that share its layer use.

    It stands for its current array in arithmetic and in NumPy's functions; only `assign` and its
    variants change it.
    """

    __slots__ = ("_layer", "_tree", "_weight", "name", "path")

    def __init__(
        self, tree: Tree, name: str, path: str, weight: "Weight | None", layer: "WeightedLayer"
    ) -> None:
        self._tree, self._weight, self._layer = tree, weight, layer
        self.name, self.path = name, path

    @property
    def value(self) -> Array:
        """The stored array; don't write to it."""
        array: Array = self._tree[self.name]
        return array

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the array."""
        return self.value.shape

    @property
    def dtype(self) -> str:
        """The name of the array's dtype."""
        return str(self.value.dtype)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self.value.ndim

    @property
    def size(self) -> int:
        """The number of entries."""
        return self.value.size

    @property
    def trainable(self) -> bool:
        """True if training changes it by its gradient: not in a frozen layer."""
        return self._layer.trainable and (self._weight is None or self._weight.trainable)

    @trainable.setter
    def trainable(self, value: bool) -> None:
        raise GlassnetError(
            "is trained or frozen with its layer.",
            where=f"weight {self.path!r}",
            fix=f"Set layer.trainable = {bool(value)}.",
        )

    @property
    def regularizer(self) -> "Regularizer | None":
        """The penalty on it, if its layer has one."""
        return None if self._weight is None else self._weight.regularizer

    @property
    def constraint(self) -> "Constraint | None":
        """The constraint that is applied to it after each step, if its layer has one."""
        return None if self._weight is None else self._weight.constraint

    def numpy(self) -> np.ndarray[Any, Any]:
        """Return a copy of the array."""
        return np.array(self.value)

    def assign(self, value: Any) -> "Variable":
        """Set the array; raises if its shape differs, or while a model that has it is trained."""
        assign_all([self], [value], self.path)
        return self

    def assign_add(self, value: Any) -> "Variable":
        """Add to the array."""
        return self.assign(self.value + value)

    def assign_sub(self, value: Any) -> "Variable":
        """Subtract from the array."""
        return self.assign(self.value - value)

    def checked(self, value: Any) -> Array:
        """Return the value as an array of this dtype; raises as `assign` does."""
        if weight_store.in_training(self._tree):
            raise GlassnetError(
                "is being trained: that would overwrite the new value.",
                where=f"weight {self.path!r}",
                fix="Change weights before or after `fit`; a callback can only read them.",
            )
        return as_weight(value, self.shape, self.dtype, self.path)

    def set(self, array: Array) -> None:
        """Store a checked array."""
        weight_store.write(self._tree, {self.name: array})

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        return np.array(self.value, dtype=dtype)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if any(isinstance(target, Variable) for target in options.get("out", ())):
            raise GlassnetError(
                "can't be changed in place.",
                where=f"weight {self.path!r}",
                fix="Use w.assign(array), w.assign_add(array) or w.assign_sub(array).",
            )
        arrays = (item.value if isinstance(item, Variable) else item for item in inputs)
        return getattr(ufunc, method)(*arrays, **options)

    def __getitem__(self, key: Any) -> Any:
        return self.numpy()[key]

    def __len__(self) -> int:
        return len(self.value)

    def __float__(self) -> float:
        return float(self.value)

    def __repr__(self) -> str:
        return f"<Variable path={self.path}, shape={self.shape}, dtype={self.dtype}>"


class HasVariables:
    """What has weights: a layer or a model. Tells those that are trained from the others."""

    trainable: bool

    @property
    def variables(self) -> list[Variable]:
        """All weights, as views of the stored arrays."""
        raise NotImplementedError

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights that training changes by their gradients; [] if all of it is frozen."""
        return [variable for variable in self.variables if self.trainable and variable.trainable]

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The other weights: frozen ones, and the moving averages of BatchNormalization."""
        return [v for v in self.variables if not (self.trainable and v.trainable)]

    trainable_variables, non_trainable_variables = trainable_weights, non_trainable_weights


def assign_all(variables: Sequence[Variable], values: Sequence[Any], where: str) -> None:
    """Set all variables, or none: raises unless there is a value of the right shape for each."""
    if len(values) != len(variables):
        what = f"got {len(values)} arrays for {len(variables)} weights."
        raise GlassnetError(what, where=where)
    arrays = [variable.checked(value) for variable, value in zip(variables, values, strict=True)]
    for variable, array in zip(variables, arrays, strict=True):
        variable.set(array)


def variables_of(layer: "WeightedLayer", path: str = "") -> list[Variable]:
    """Return the layer's weights, in the order of its layers; none before it has weights."""
    tree, weights = weight_store.entry_of(layer)
    return list(_variables(tree, weights, path, layer)) if tree else []


def _variables(tree: Tree, weights: Tree, path: str, layer: Any) -> Iterator[Variable]:
    parts = dict(layer.parts)
    for name, value in tree.items():
        inner = join_path(path, name)
        if isinstance(value, dict):
            part = parts.get(name, layer)  # a layer's own weights may be a tree, too
            yield from _variables(value, weights.get(name, {}), inner, part)
        else:
            yield Variable(tree, name, inner, weights.get(name), layer)
