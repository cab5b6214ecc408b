"""Checks of data: all inputs, targets and weights for training and evaluation pass through here."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from glassnet.core.arrays import checked_weights, length
from glassnet.core.columns import Names, column_names, columns_in_order
from glassnet.core.errors import GlassnetError
from glassnet.layers import Layer
from glassnet.layers.base import Shape
from glassnet.layers.shapes import is_multi_input
from glassnet.training.checks.inputs import UNNAMED, InputNames, checked_inputs
from glassnet.training.checks.targets import checked_targets
from glassnet.training.examples import Examples, class_weights, split
from glassnet.training.output_specs import OutputSpec, OutputSpecs, by_output


@dataclass(frozen=True)
class DataSpec:
    """The network and the losses that data must fit."""

    network: Layer
    outputs: OutputSpec | OutputSpecs
    dtype: str
    input_shape: Shape | None = None  # None: defined by the first data
    names: InputNames = UNNAMED
    target_columns: tuple[Names | None, ...] = ()  # of each output whose targets were a table

    def with_columns_of(self, x: Any, y: Any) -> Self:
        """Return it with the names of the columns of these tables, where it has none yet."""
        outputs = ("",) if isinstance(self.outputs, OutputSpec) else tuple(self.outputs)
        targets = [y] if len(outputs) == 1 else by_output(y, outputs, "y")
        old = self.target_columns or (None,) * len(outputs)
        new = [column_names(table, "y") for table in targets]
        return replace(
            self,
            names=self.names.with_columns_of(x, self.network.inputs),
            # one column is the target, whatever its name
            target_columns=tuple(
                a or (b if b and len(b) > 1 else None) for a, b in zip(old, new, strict=True)
            ),
        )

    def in_order(self, y: Any, output: int, what: str) -> Any:
        """Return the targets of an output; of a table, with its columns in order."""
        columns = self.target_columns[output] if self.target_columns else None
        return columns_in_order(y, columns, what)


def checked_training_data(
    spec: DataSpec,
    x: Any,
    y: Any,
    weights: Any = None,
    *,
    class_weight: Mapping[int, float] | None = None,
    validation_data: Any = None,
    validation_split: float = 0.0,
    stratify: bool = False,
    seed: int = 0,
) -> tuple[Examples, Examples | None]:
    """Return (training, validation) examples, the latter None without validation data.

    The arguments are those of `Model.fit`.
    """
    examples, held_out = checked_examples(spec, x, y, weights), None
    outputs = spec.outputs
    loss = outputs.loss if isinstance(outputs, OutputSpec) else None
    if validation_data is not None:
        shape = spec.input_shape or examples.input_shape
        spec = replace(spec.with_columns_of(x, y), input_shape=shape)
        held_out = checked_validation(spec, validation_data)
    elif validation_split:
        examples, held_out = split(examples, validation_split, stratify, seed, loss)
    return with_class_weights(spec, examples, class_weight), held_out


def checked_validation(spec: DataSpec, data: Any) -> Examples:
    """Return the examples of `validation_data`."""
    if not isinstance(data, tuple | list) or len(data) not in (2, 3):
        raise GlassnetError(
            "must be a pair (x, y), or (x, y, weights), or data in batches.",
            where="validation_data",
        )
    x, y, weights = (*data, None)[:3]
    return checked_examples(spec, x, y, weights, "validation_")


def with_class_weights(
    spec: DataSpec, examples: Examples, class_weight: Mapping[int, float] | None
) -> Examples:
    """Return the examples with the weights of their classes, if any; raise for multiple outputs."""
    outputs = spec.outputs
    if class_weight is None:
        return examples
    if not isinstance(outputs, OutputSpec):
        raise GlassnetError(
            f"is for networks with one output, but this one has {len(outputs)}.",
            where="class_weight",
            fix="Use sample_weight={output: weights}.",
        )
    classes = output_shape_of(spec.network, examples.input_shape)[-1]
    factors = class_weights(class_weight, examples.targets, classes, outputs.loss, spec.dtype)
    return examples.weighted(factors)


def checked_examples(
    spec: DataSpec, x: Any, y: Any, weights: Any = None, prefix: str = ""
) -> Examples:
    """Return the data as network and losses take them; in messages, names have the prefix."""
    at_x, at_y, at_weights = f"{prefix}x", f"{prefix}y", f"{prefix}sample_weight"
    x = checked_inputs(x, spec.network, spec.input_shape, spec.dtype, spec.names, at_x)
    if not length(x):
        raise GlassnetError("has no rows.", where=at_x)
    shape = output_shape_of(spec.network, Examples(x, None).input_shape)
    if isinstance(spec.outputs, OutputSpec):
        y = spec.in_order(y, 0, at_y)
        return _of_output(x, y, weights, spec.outputs, shape, spec.dtype, at_y, at_weights)
    names, targets = tuple(spec.outputs), []
    if not isinstance(y, Mapping | list | tuple) and sum(map(bool, spec.outputs.values())) > 1:
        raise GlassnetError(
            f"is one array for {len(names)} outputs: {', '.join(names)}.",
            where=at_y,
            fix="Pass a list with one array per output, or a dict by name.",
        )
    columns = shape, by_output(y, names, at_y), by_output(weights, names, at_weights)
    for i, ((name, output), *column) in enumerate(zip(spec.outputs.items(), *columns, strict=True)):
        if output is None:
            continue
        shape, y, weights = column
        if y is None:
            raise GlassnetError(f"has no targets for output {name!r}.", where=at_y)
        places = f"{at_y}[{name!r}]", f"{at_weights}[{name!r}]"
        y = spec.in_order(y, i, places[0])
        targets.append(_of_output(x, y, weights, output, shape, spec.dtype, *places).y)
    return Examples(x, tuple(targets))


def _of_output(
    x: Any, y: Any, weights: Any, output: OutputSpec, shape: Shape, dtype: str,
    at_y: str, at_weights: str,
) -> Examples:  # fmt: skip
    """Return the checked inputs with the targets and weights of one output."""
    if is_multi_input(shape):
        raise GlassnetError(
            f"ends in a layer with {len(shape)} outputs; only a graph can have multiple outputs.",
            where="Model",
            fix="Build the whole network as a graph: Model(inputs=x, outputs=[a, b]).",
        )
    rows = length(x)
    targets = checked_targets(y, rows, shape, output.loss, dtype, at_y)
    return Examples(x, targets, checked_weights(weights, rows, shape, dtype, at_weights))


def output_shape_of(network: Layer, input_shape: Shape) -> Shape:
    """Return the shape of one example's outputs; raise if they are scalars."""
    shape = network.output_shape(input_shape)
    if not shape:
        raise GlassnetError(
            "has one scalar per example as output; outputs need at least one axis.",
            where="Model",
            fix="Start with Reshape((1,)).",
        )
    return shape
