"""`Predictor`: predicts with a network and its weights, and shows what the network consists of."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.core.arrays import as_tuple, length, map_arrays, optional_number, whole_number
from glassnet.core.errors import GlassnetError, errors_inside
from glassnet.core.file_formats import service
from glassnet.core.registry import describe
from glassnet.core.terminal import say
from glassnet.core.unknown_arguments import checked_arguments
from glassnet.data.sources.frames import is_frame
from glassnet.layers import Layer, Sequential
from glassnet.layers.base import Shape
from glassnet.layers.call import PREDICTION
from glassnet.layers.first_calls import first_input_shape
from glassnet.layers.functional import Node, is_nodes
from glassnet.layers.layer_name import set_generated_name
from glassnet.layers.network import find_layer
from glassnet.layers.open_shape import closed
from glassnet.layers.shapes import flat, one_or_tuple
from glassnet.model.columns import warn_if_unmatched
from glassnet.model.diagram import plot_model
from glassnet.model.nodes import Nodes
from glassnet.model.summary import count_weights, summary_lines
from glassnet.model.weighted_network import WeightedNetwork
from glassnet.training.batches import Reader, is_batched
from glassnet.training.callbacks import Callback, Record, checked_callbacks
from glassnet.training.callbacks.callback_list import CallbackList
from glassnet.training.checks.batches import refuse_with_batches, require_end
from glassnet.training.checks.inputs import InputNames, checked_inputs
from glassnet.training.evaluate import BATCH, block_size, blocks_of, limited


class Predictor(WeightedNetwork):
    """A network with its weights, for predicting and inspecting; the base of `Model`."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"

    def _repr_html_(self) -> str:
        from glassnet.model.representation import html_of

        return html_of(str(self.name), self.network, self.input_shape if self.built else None)

    @property
    def nodes(self) -> dict[str, Any]:
        """The output node of each layer by name, for a model that uses a part of this one.

        Model(model.inputs, model.nodes["dense"]) returns that layer's outputs. The later calls of
        a shared layer are "dense:1", ...; of a layer with multiple outputs, it is their list.
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
    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: str | int = 0,
        steps: int | None = None,
        callbacks: Callback | Sequence[Callback] | None = None,
    ) -> Any:
        """Return the network's outputs, (N, classes): for a softmax, probabilities.

        With multiple inputs, x is a list of arrays or a dict by input name; multiple outputs are
        returned as a list. The columns of tables are matched by name with those of training. x can
        be data in batches, as in `fit`: x of each is used. `steps` is the number of batches, if not
        all. A model of layers that are reused is built for x. With `verbose=1`, prints the number
        of examples to stderr.

        A model of a run on a table, on files or on texts takes its raw rows, a DataFrame, and
        returns another with the columns predicted_TARGET and, for classes, probability and
        p(CLASS).
        """
        if not self.built and (is_batched(x) or self._reused_shape is None):
            self._require_built()
        if self.are_rows(x):
            return service("predict rows").predict_frame(self, x)
        if is_batched(x):
            refuse_with_batches(x, batch_size=batch_size)
            return self._predicted(self._batches(x, steps), steps, callbacks)
        x = self._inputs(x)
        if not self.built:
            self._build(map_arrays(lambda array: array.shape[1:], x))
        rows = length(x)
        if batch_size is None:
            each = steps is not None or callbacks
            size = BATCH if each else block_size(self.network, self._params, x, self.dtype)
        else:
            size = whole_number(batch_size, "batch_size", 1)
        if verbose == 1:
            say(f"predicting {rows:,} examples")
        if rows <= size and not callbacks:
            x = map_arrays(lambda a: a.astype(self.dtype, copy=False), x)
            outputs = self.network.forward(self._params, x, PREDICTION)[0]
            return list(outputs) if isinstance(outputs, tuple) else outputs
        return self._predicted(blocks_of(x, self.dtype, size), steps, callbacks)

    @property
    def _reused_shape(self) -> Shape | None:
        """The shape of an example in the model that the first layer is from, if it is from one."""
        first = self.network.parts[:1] if isinstance(self.network, Sequential) else ()
        shape = first_input_shape(first[0][1]) if first else None
        return closed(self.network, shape) if shape else None

    def are_rows(self, x: Any, paths: bool = False) -> bool:
        """Return whether x are raw rows, of a model that was trained on a table, files or texts.

        They are a DataFrame or, with `paths`, in a file or folder. Raises for others in a list.
        """
        if not {"rows", "tokenizer"} & {*self.about}:
            return False
        if is_frame(x) or (paths and isinstance(x, str | Path)):
            return True
        _require_frame(x)
        return False

    def _inputs(self, x: Any) -> Any:
        """Return checked inputs."""
        warn_if_unmatched(x, self.network.inputs, self.columns)
        names = InputNames(self.input_names, self.columns)
        shape = self.accepted_shape if self.built else None
        return checked_inputs(x, self.network, shape, self.dtype, names)

    def _batches(self, data: Any, steps: int | None) -> Iterator[Any]:
        """Yield the checked inputs of each batch."""
        reader = Reader(data, "x")
        require_end(reader, steps, "x", "steps")
        for number, (x, _, _) in enumerate(reader.read(), 1):
            with errors_inside(f"batch {number} of x"):
                inputs = self._inputs(x)
            yield map_arrays(lambda a: a.astype(self.dtype, copy=False), inputs)

    def _predicted(self, blocks: Iterable[Any], steps: int | None, callbacks: Any) -> Any:
        """Return the outputs for blocks of inputs; tell the callbacks."""
        steps = optional_number(steps, "steps")
        watching = CallbackList(checked_callbacks(callbacks))
        watching.begin(self, {"verbose": 0, "epochs": 1, "steps": steps})
        watching("on_predict_begin", Record(0, 1))
        parts, logs = [], {}
        for i, block in enumerate(limited(blocks, steps, "x")):
            watching.batch("on_predict_batch_begin", i, dict)
            parts.append(as_tuple(self.network.forward(self._params, block, PREDICTION)[0]))
            logs = {"outputs": one_or_list(parts[-1])}
            watching.batch("on_predict_batch_end", i + 1, logs.copy)
        outputs = one_or_list([np.concatenate(part) for part in zip(*parts, strict=True)])
        watching("on_predict_end", Record(0, 1, logs=logs))
        return outputs

    @checked_arguments("call")
    def __call__(self, x: Any, *more: Any, training: bool | None = None) -> Any:
        """Return `predict(x)` for arrays, which build the model if necessary; for nodes, the node
        of the network's output.

        A model built from that node shares the weights of this one. With multiple outputs, a list
        of nodes, one for each.
        """
        if training:
            raise GlassnetError(
                f"takes no training={training}.",
                where="a model's call",
                fix="Dropout and BatchNormalization are in training mode in `fit`, and only there.",
            )
        if not is_nodes(x):
            if not self.built:
                self._build(map_arrays(lambda array: array.shape[1:], self._inputs(x)))
            return self.predict(x)
        output = self.network(x, *more, training=training)
        if not self.built:
            first = flat([output])[0]
            self._build(one_or_tuple([source.example_shape for source in first.sources]))
        return output

    @property
    def layers(self) -> list[Layer]:
        """The top-level layers of the network."""
        for name, layer in self.network.parts:  # which may have another name in another model
            set_generated_name(layer, name)
        alone = [] if isinstance(self.network, Sequential) else [self.network]
        return [layer for _, layer in self.network.parts] or alone

    @checked_arguments("get_layer")
    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """Return the layer with this name, its own or generated ("dense_1"), or at this index."""
        return find_layer({str(layer.name): layer for layer in self.layers}, name, index)

    @checked_arguments("summary")
    def summary(
        self, print_fn: Callable[[str], Any] | None = None, show_trainable: bool = False
    ) -> None:
        """Print the layers with their output shapes and numbers of weights.

        If the model is not built, but starts with a layer of another, for the shape there.
        `show_trainable` adds a column: Y if the layer is trained, N if it is frozen.
        """
        shape = None if self.built else self._reused_shape
        lines = summary_lines(self.network, shape or self.input_shape, show_trainable)
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


def one_or_list(outputs: Sequence[Any]) -> Any:
    """Return the only output, or a list of all."""
    return list(outputs) if len(outputs) > 1 else outputs[0]


def _require_frame(x: Any) -> None:
    """Raise for raw rows, paths and texts that are not in a DataFrame."""
    first = x[0] if isinstance(x, list | tuple) and len(x) else x
    if isinstance(first, str | Path) or (isinstance(x, list) and isinstance(first, dict)):
        raise GlassnetError(
            f"is a {type(first).__name__}, but raw rows are taken as a DataFrame.",
            where="x" if first is x else "x[0]",
            fix='Pass pandas.DataFrame({"COLUMN": [...]}), with the columns of the training data; '
            'for a folder of files, the column "file".',
        )
