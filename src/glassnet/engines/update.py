"""The parts of an optimizer's step on arrays by path, pure: for engines that return new arrays."""

from collections.abc import Mapping
from typing import Any

from glassnet.core.protocols import Array, Operand
from glassnet.layers.constraints import Constraint
from glassnet.optimizers.base import Optimizer

Arrays = dict[str, Array]
Updated = tuple[Arrays, dict[str, Arrays]]  # weights by path; slots by name and path


def apply_rules(
    optimizer: Optimizer,
    factors: Mapping[str, float],
    weights: Mapping[str, Array],
    slots: Mapping[str, Mapping[str, Array]],
    gradients: Mapping[str, Array],
    rate: Operand,
    number: Operand,
) -> Updated:
    """Return weights and slots after the rule's step `number`, from the gradients (or their sums).

    `factors` multiply the learning rates of the weights, if there are any (`layer_decay`).
    """
    new, new_slots = dict(weights), {name: dict(slot) for name, slot in slots.items()}
    for path, gradient in optimizer.process_gradients(gradients).items():
        rule = optimizer.rule_for(path, gradient.shape)
        state = tuple(slots[name][path] for name in rule.slots)
        own: Any = rate * factors[path] if factors else rate
        new[path], state = rule.step(gradient, state, weights[path], own, number)
        for name, slot in zip(rule.slots, state, strict=True):
            new_slots[name][path] = slot
    return new, new_slots


def average_and_constrain(
    optimizer: Optimizer,
    constraints: Mapping[str, Constraint],
    weights: Arrays,
    slots: dict[str, Arrays],
    number: Any,
) -> Updated:
    """Return weights and slots with the averages of the weights, if any, and the constraints."""
    if optimizer.use_ema:
        averages = slots["average"]
        pairs = {p: optimizer.average(averages[p], w, number) for p, w in weights.items()}
        weights = {path: weight for path, (weight, _) in pairs.items()}
        slots = slots | {"average": {path: average for path, (_, average) in pairs.items()}}
    constrained = {path: constraint(weights[path]) for path, constraint in constraints.items()}
    return weights | constrained, slots
