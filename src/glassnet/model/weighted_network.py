"""`WeightedNetwork`: a network with its weights, in the store and in files."""

import warnings
from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from glassnet.core.arrays import Array, whole_number
from glassnet.core.columns import Names
from glassnet.core.errors import GlassnetError
from glassnet.core.keras_names import KerasNames
from glassnet.core.trees import Tree, items, leaves
from glassnet.core.unknown_arguments import checked_arguments
from glassnet.data.images.out_of_distribution import OutOfDistributionDetector
from glassnet.layers import Graph, Layer
from glassnet.layers.base import Shape
from glassnet.layers.layer_name import own_name
from glassnet.layers.open_shape import closed, fits, require_open
from glassnet.layers.variable import HasVariables, Variable, assign_all, variables_of
from glassnet.layers.weight_store import (
    in_training,
    set_in_training,
    shares_leaves,
    stored_tree,
    write,
)
from glassnet.model.build import (
    checked_class_names,
    checked_shape,
    require_one_name_each,
    without_batch_axis,
)
from glassnet.model.file import read_weights, write_weights
from glassnet.model.nodes import Nodes, nodes_of
from glassnet.training.checks.examples import output_shape_of
from glassnet.training.divergence import require_finite_weights
from glassnet.training.session import require_idle


class WeightedNetwork(HasVariables, KerasNames):
    """A network and its weights, which `build` creates and `take` sets.

    The weights belong to the layers: models with a layer in common share its weights.
    """

    kind: ClassVar[str] = "model"
    network: Layer
    seed: int
    dtype: str
    attributes = frozenset(
        ("accepted_shape", "columns", "input_names", "target_columns", "typical")
    )

    def __init__(
        self,
        network: Layer,
        *,
        seed: int = 0,
        dtype: str = "float32",
        class_names: Sequence[str] = (),
    ) -> None:
        if dtype not in ("float32", "float64"):
            raise GlassnetError(f"dtype must be float32 or float64, got {dtype!r}.", where="Model")
        seed = whole_number(seed, "seed", 0)
        if seed >= 2**64:
            raise GlassnetError(f"must be below 2**64, got {seed}.", where="seed")
        vars(self).update(network=network, seed=seed, dtype=dtype)  # which nothing sets later
        self._input_shape: Shape | None = None
        self.class_names = class_names
        self._about: dict[str, Any] = {}
        self._fitted: list[Array] = []  # the weights that the temperature in it was fitted to
        self.typical: OutOfDistributionDetector | None = None  # for images
        self.input_names: tuple[str | None, ...] = ()  # None for an input without a name
        # The names of the columns of each input and target that was a table in training.
        self.columns: tuple[Names | None, ...] = ()
        self.target_columns: tuple[Names | None, ...] = ()
        self.accepted_shape: Shape = ()  # the input shape, with None for sizes that may differ
        self._params: Tree = {}
        self._nodes: Nodes | None = None  # created by `build`

    @checked_arguments("build")
    def build(self, input_shape: Sequence[Any]) -> None:
        """Initialize the weights for examples of `input_shape`.

        The shape is that of one example, (28, 28), or with Keras's batch axis, (None, 28, 28); a
        size of None accepts any. With multiple inputs, a tuple of their shapes. Layers that already
        have weights keep them.
        """
        self._build(without_batch_axis(input_shape))

    def build_for(self, accepted_shape: Sequence[Any]) -> None:
        """Initialize the weights as `build` does, for a shape without the batch axis."""
        self._build(accepted_shape)

    def _build(self, input_shape: Sequence[Any], draws: bool = True) -> None:
        """Initialize the weights for examples of this shape, without the batch axis.

        If it should draw weights, but all layers have some already, the seed has no effect.
        """
        shape = checked_shape(input_shape)
        require_open(self.network, shape)
        usual = closed(self.network, shape)
        try:
            params, _ = self.network.init(np.random.default_rng(self.seed), usual, self.dtype)
        except MemoryError as error:
            raise GlassnetError(
                f"its weights do not fit into memory ({error}).",
                where="Model",
                fix="Give layers fewer units.",
            ) from error
        draws = draws and self.seed != 0 and not self.built
        self._set_shape(shape, params)
        if draws and params and not shares_leaves(self._params, params):
            warnings.warn(
                f"seed {self.seed} draws no weights: all layers already have some, which models "
                "share. For new ones, clone(weights=False) the layers.",
                stacklevel=4,
            )

    def take(self, input_shape: Shape, params: Tree) -> None:
        """Set the input shape and the weights. A size of None accepts any: `accepted_shape`."""
        require_finite_weights(params, "Model")
        self._set_shape(input_shape, params)
        write(self._params, params)

    def _set_shape(self, input_shape: Shape, drawn: Tree) -> None:
        """Set the input shape; layers that have no weights yet get those in `drawn`."""
        accepted = input_shape
        if self.built and fits(input_shape, self.accepted_shape):
            accepted = self.accepted_shape
        input_shape = closed(self.network, input_shape)
        output_shape = output_shape_of(self.network, input_shape)
        require_one_name_each(self.class_names, output_shape)
        weights = self.network.weights(input_shape)
        self._params = stored_tree(self.network, drawn, weights)
        self._weights, self._output_shape = weights, output_shape
        self._input_shape, self.accepted_shape = input_shape, accepted
        self._set_nodes()

    def _set_nodes(self) -> None:
        """Call the layers on new nodes, unless there are nodes of these shapes already."""
        if self._nodes is None or self._nodes.input_shape != self.accepted_shape:
            self._nodes = nodes_of(self.network, self.accepted_shape, self.input_names)

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_nodes": None}  # a copy has nodes of its own

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        if self.built:
            self._set_nodes()

    @property
    def built(self) -> bool:
        """True if the model has weights."""
        return self._input_shape is not None

    @property
    def in_training(self) -> bool:
        """True while this model is trained, or one that shares some of its weights."""
        return in_training(self._params)

    @in_training.setter
    def in_training(self, value: bool) -> None:
        set_in_training(self._params, value)

    @property
    def trainable(self) -> bool:
        """False if the whole model is frozen. Setting it sets `trainable` of all its layers."""
        return self.network.trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self.network.trainable = value

    @property
    def class_names(self) -> tuple[str, ...]:
        """The names of the outputs of a classifier; () if they have none."""
        return self._class_names

    @class_names.setter
    def class_names(self, names: Sequence[str]) -> None:
        names = checked_class_names(names)
        if self.built:
            require_one_name_each(names, self._output_shape)
        self._class_names = names

    @property
    def params(self) -> Tree:
        """The weights as a tree of arrays: `params["dense"]["kernel"]`.

        It is the tree of the model itself, whose arrays training replaces.
        """
        self._require_built()
        return self._params

    @property
    def input_shape(self) -> Shape:
        """The shape of one example."""
        self._require_built()
        assert self._input_shape is not None
        return self._input_shape

    @property
    def output_shape(self) -> Shape:
        """The shape of one output."""
        self._require_built()
        return self._output_shape

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the output's shape for an input's; both with the batch axis first, as in Keras."""
        return self.network.compute_output_shape(input_shape)

    @property
    def about(self) -> dict[str, Any]:
        """Further entries of the model file: JSON values."""
        weights = leaves(self._params)  # set since by this model, or by one that shares them?
        if [*map(id, weights)] != [*map(id, self._fitted)]:
            self._forget_fit()
            self._fitted = weights
        return self._about

    @about.setter
    def about(self, about: dict[str, Any]) -> None:
        self._about, self._fitted = about, leaves(self._params)

    def clone(self) -> Self:
        """Return a copy of the model that shares no weights with it."""
        return deepcopy(self)

    def count_params(self) -> int:
        """Return the total number of entries in all weights."""
        return sum(leaf.size for _, leaf in items(self.params))

    def get_weights(self) -> list[Array]:
        """Return copies of the weights' arrays, in the order of the network's layers.

        In a graph with branches, that is the order in which the outputs need them; Keras's is
        that of depth.
        """
        return [leaf.copy() for _, leaf in items(self.params)]

    @checked_arguments("set_weights")
    def set_weights(self, weights: Sequence[Array]) -> None:
        """Set the weights to these arrays, in the order of `get_weights`."""
        require_idle(self)
        self._require_built()
        assign_all(self.variables, weights, "weights")

    @property
    def name(self) -> str:
        """The model's name as a layer of another model: its own, or Keras's name for its kind."""
        kind = "functional" if isinstance(self.network, Graph) else str(self.network.name)
        return own_name(self.network) or kind

    @property
    def variables(self) -> list[Variable]:
        """All weights, as views of the stored arrays, in the order of `get_weights`."""
        return variables_of(self.network)

    weights = variables

    @checked_arguments("save_weights")
    def save_weights(self, path: str | Path) -> None:
        """Write the weights alone, atomically; to a path that ends in .weights.h5, for Keras."""
        write_weights(path, self)

    @checked_arguments("load_weights")
    def load_weights(
        self,
        path: str | Path,
        mapping: Mapping[str, str | None] | str | None = None,
        *,
        skip: str | Sequence[str] = (),
        as_built: bool = False,
        skip_mismatch: bool = False,
    ) -> None:
        """Load the weights from a file of glassnet, Keras or PyTorch (docs/pretrained.md).

        It is one that `save_weights` or `save` wrote, here or in Keras, or a .safetensors, .pt or
        .pth file with PyTorch's or Keras's names. Each array here gets its own, and none is left
        over, but for these options. `mapping` is {path of a layer here: name of a module there}
        where names differ, with None for a layer that keeps its weights; "order" pairs layers by
        order and shapes. What `skip` names in the file is not loaded. With `skip_mismatch`, a layer
        of which the file has arrays of other shapes keeps its weights, and a warning names them.
        `as_built` says that the epsilons and paddings of PyTorch's network, which the file doesn't
        hold, are those here.
        """
        require_idle(self)
        self._require_built()
        chosen = (
            ("mapping", mapping),
            ("skip", skip),
            ("as_built", as_built),
            ("skip_mismatch", skip_mismatch),
        )
        options = {name: value for name, value in chosen if value}
        write(self._params, read_weights(path, self, options))

    def outgrow(self) -> None:
        """Discard what was fitted to the current weights and data: training changes both."""
        self._forget_fit()
        self.typical = None

    def _forget_fit(self) -> None:
        """Discard the entries that were fitted to the outputs."""
        for entry in ("temperature", "intervals"):
            self._about.pop(entry, None)

    def _require_built(self) -> None:
        if self._input_shape is None:
            raise GlassnetError(
                "has no weights yet.", where="Model", fix="Call build(input_shape) or fit(x, y)."
            )
