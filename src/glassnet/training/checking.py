"""Do data fit what is wanted of the network's outputs? Then they are examples."""

from collections.abc import Mapping
from typing import Any

from glassnet.core.arrays import checked_weights, length
from glassnet.core.errors import GlassnetError
from glassnet.layers.base import is_several
from glassnet.training.checks.targets import checked_targets
from glassnet.training.examples import Examples, class_weights
from glassnet.training.objectives import Objective, Objectives, by_output


def checked_examples(
    x: Any,
    y: Any,
    weights: Any,
    wanted: Objective | Objectives,
    outputs: tuple[Any, ...],
    dtype: str,
    prefix: str = "",
) -> Examples:
    """The inputs, checked already, with targets and weights as the losses take them."""
    rows, at_y, at_weights = length(x), f"{prefix}y", f"{prefix}sample_weight"
    if isinstance(wanted, Objective):
        if is_several(outputs):
            raise GlassnetError(
                f"puts out {len(outputs)} arrays, which only a graph's own outputs may be.",
                where="Model",
                fix="Draw all of it: Model(inputs=x, outputs=[a, b]).",
            )
        y = checked_targets(y, rows, outputs, wanted.loss, dtype, at_y)
        return Examples(x, y, checked_weights(weights, rows, outputs, dtype, at_weights))
    names, found = tuple(wanted), []
    if not isinstance(y, Mapping | list | tuple) and sum(map(bool, wanted.values())) > 1:
        raise GlassnetError(
            f"is one array for {len(names)} outputs: {', '.join(names)}.",
            where=at_y,
            fix="Give a list with one for each, or a dict by name.",
        )
    given = zip(by_output(y, names, at_y), by_output(weights, names, at_weights), strict=True)
    for (name, one), shape, (targets, weigh) in zip(wanted.items(), outputs, given, strict=True):
        if one is None:
            continue
        if targets is None:
            raise GlassnetError(f"has no targets for output {name!r}.", where=at_y)
        where = f"{at_weights}[{name!r}]"
        targets = checked_targets(targets, rows, shape, one.loss, dtype, f"{at_y}[{name!r}]")
        weigh = checked_weights(weigh, rows, shape, dtype, where)
        found.append(targets if weigh is None else (targets, weigh))
    return Examples(x, tuple(found))


def by_class(
    examples: Examples,
    weights: Mapping[int, float] | None,
    wanted: Objective | Objectives,
    outputs: tuple[Any, ...],
    dtype: str,
) -> Examples:
    """The examples, each counting by the weight of its class."""
    if weights is None:
        return examples
    if not isinstance(wanted, Objective):
        raise GlassnetError(
            f"is for networks with one output, and this one has {len(wanted)}.",
            where="class_weight",
            fix="Weigh the examples: sample_weight={output: weights}.",
        )
    found = class_weights(weights, examples.targets, outputs[-1], wanted.loss, dtype)
    return examples.weighted(found)
