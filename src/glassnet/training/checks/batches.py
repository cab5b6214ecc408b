"""Check that arguments of `fit`, `evaluate` and `predict` fit data in batches."""

from typing import Any

from glassnet.core.errors import GlassnetError
from glassnet.training.batches import Batches, Reader
from glassnet.training.examples import Examples
from glassnet.training.source import Plan
from glassnet.training.validation import Validation

_FIXES = {
    "y": "The batches hold the targets: (x, y).",
    "sample_weight": "The batches hold the weights: (x, y, weights).",
    "batch_size": "The batches have their size: leave it out.",
    "validation_batch_size": "The batches have their size: leave it out.",
    "validation_split": "Pass validation_data, arrays or other batches.",
    "stratify": "Pass validation_data, arrays or other batches.",
}


def refuse_with_batches(data: Any, **arguments: Any) -> None:
    """Raise if one of these arguments, which are for arrays, is passed beside data in batches."""
    for name, value in arguments.items():
        if value is not None:
            raise GlassnetError(
                f"is for arrays, but the data are batches of a {type(data).__name__}.",
                where=name,
                fix=_FIXES[name],
            )


def require_end(
    data: Batches | Reader | Examples, steps: int | None, where: str, argument: str
) -> None:
    """Raise if the data are endless, and no number of steps says where they end."""
    if not isinstance(data, Examples) and data.endless and steps is None:
        raise GlassnetError(
            "has no end.", where=where, fix=f"Pass {argument}=N, its number of batches."
        )


def require_repeatable(data: Examples | Batches, plan: Plan, validation: Validation | None) -> None:
    """Raise if data are endless, or can be read once and are needed in multiple epochs."""
    epochs = range(plan.initial_epoch, plan.epochs)
    needs = [(data, plan.steps_per_epoch, len(epochs), "x", "steps_per_epoch")]
    if validation:
        times = sum(map(validation.due, epochs))
        held_out = validation.evaluate
        needs += [(held_out.data, held_out.steps, times, "validation_data", "validation_steps")]
    for batches, steps, times, where, argument in needs:
        if not isinstance(batches, Batches):
            continue
        require_end(batches, steps, where, argument)
        if batches.once and steps is None and times > 1:
            raise GlassnetError(
                f"can be read once, but is needed in {times} epochs.",
                where=where,
                fix=f"Pass {argument}=N, the batches of each epoch; or an object whose __iter__ "
                "begins at the first batch; or a PyDataset.",
            )
