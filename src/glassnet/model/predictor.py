"""`Predictor`: predicts with a network and its weights, and shows what the network consists of."""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from glassnet.core.arrays import length, map_arrays, whole_number
from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.keras_hints import checked_arguments
from glassnet.core.registry import describe
from glassnet.core.terminal import say
from glassnet.layers import INFERENCE, Layer
from glassnet.layers.base import is_multi_input, one_or_tuple
from glassnet.layers.functional import Node, is_nodes
from glassnet.layers.layer_name import set_generated_name
from glassnet.model.columns import warn_if_unmatched
from glassnet.model.diagram import plot_model
from glassnet.model.nodes import Nodes, unfolded
from glassnet.model.summary import count_weights, summary_lines
from glassnet.model.weighted_network import WeightedNetwork
from glassnet.training.checks.inputs import InputNames, checked_inputs
from glassnet.training.evaluate import block_size, outputs_of


class Predictor(WeightedNetwork):
    """A network with its weights, for predicting and inspecting; the base of `Model`."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"

    @property
    def nodes(self) -> dict[str, Node]:
        """The output node of each layer by name, for a model that uses a part of this one.

        Model(model.inputs, model.nodes["dense"]) returns that layer's outputs. The later calls of
        a shared layer are "dense:1", ...
        """
        return self._graph.calls

    @property
    def inputs(self) -> list[Node]:
        """The input nodes of `nodes`."""
        return self._graph.inputs

    @property
    def outputs(self) -> list[Node]:
        """The output nodes among `nodes`."""
        return self._graph.outputs

    @property
    def input(self) -> Node | list[Node]:
        """The input node; with multiple inputs, a list."""
        return self.inputs[0] if len(self.inputs) == 1 else self.inputs

    @property
    def output(self) -> Node | list[Node]:
        """The output node; with multiple outputs, a list."""
        return self.outputs[0] if len(self.outputs) == 1 else self.outputs

    @property
    def _graph(self) -> Nodes:
        self._require_built()
        assert self._nodes is not None
        return self._nodes

    @checked_arguments("predict")
    def predict(self, x: Any, batch_size: int | None = None, verbose: str | int = 0) -> Any:
        """Return the network's outputs, (N, classes): for a softmax, probabilities.

        With multiple inputs, x is a list of arrays or a dict by input name; multiple outputs are
        returned as a list. The columns of tables are matched by name with those of training.
        With `verbose=1`, prints the number of examples to stderr.
        """
        self._require_built()
        warn_if_unmatched(x, self.network.inputs, self.columns)
        names = InputNames(self.input_names, self.columns)
        x = checked_inputs(x, self.network, self.accepted_shape, self.dtype, names)
        rows = length(x)
        if batch_size is None:
            size = block_size(self.network, self._params, x, self.dtype)
        else:
            size = whole_number(batch_size, "batch_size", 1)
        if verbose == 1:
            say(f"predicting {rows:,} examples")
        if rows <= size:
            x = map_arrays(lambda a: a.astype(self.dtype, copy=False), x)
            outputs = self.network.forward(self._params, x, INFERENCE)[0]
            return list(outputs) if isinstance(outputs, tuple) else outputs
        blocks = list(outputs_of(self.network, self._params, x, self.dtype, size))
        if isinstance(blocks[0], tuple):
            return [np.concatenate(parts) for parts in zip(*blocks, strict=True)]
        return np.concatenate(blocks)

    @checked_arguments("call")
    def __call__(self, x: Any, *more: Any, training: bool | None = None) -> Any:
        """Return `predict(x)` for arrays; for nodes, the node of the network's output.

        A model built from that node shares the weights of this one. With multiple outputs, a list
        of nodes, one for each: the calls of the network's layers on the nodes.
        """
        if training or (training is not None and is_nodes(x)):
            raise GlassnetError(
                f"takes no training={training}.",
                where="a model's call",
                fix="Dropout and BatchNormalization are in training mode in `fit`, and only there.",
            )
        if not is_nodes(x):
            return self.predict(x)
        node = self.network(x, *more)
        if not self.built:
            self._build(one_or_tuple([source.shape for source in node.sources]))
        if is_multi_input(node.shape):
            return unfolded(self.network, list(node.sources)).outputs
        return node

    @property
    def layers(self) -> list[Layer]:
        """The top-level layers of the network."""
        for name, layer in self.network.parts:  # which may have another name in another model
            set_generated_name(layer, name)
        return [layer for _, layer in self.network.parts] or [self.network]

    @checked_arguments("get_layer")
    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """Return the layer with this name, its own or generated ("dense_1"), or at this index."""
        if index is not None:
            if not -len(self.layers) <= index < len(self.layers):
                raise GlassnetError(f"there are {len(self.layers)} layers.", where=f"layer {index}")
            return self.layers[index]
        parts = {str(layer.name): layer for layer in self.layers}
        if name is None or name not in parts:
            raise unknown("layer", name, parts, where="get_layer")
        return parts[name]

    @checked_arguments("summary")
    def summary(self, print_fn: Callable[[str], Any] | None = None) -> None:
        """Print the layers with their output shapes and numbers of weights."""
        lines = summary_lines(self.network, self.input_shape)
        (print_fn or (lambda text: sys.stdout.write(text + "\n")))("\n".join(lines))

    plot = plot_model

    def describe(self) -> dict[str, Any]:
        """Return the network, its shapes and its numbers of weights as JSON values."""
        trainable, frozen = count_weights(self.network, self.input_shape)
        return {
            "network": describe(self.network),
            "input_shape": list(self.input_shape),
            "output_shape": list(self.output_shape),
            "class_names": list(self.class_names),
            "parameters": trainable + frozen,
            "trainable": trainable,
        }
