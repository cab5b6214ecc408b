"""What a run's training did to the weights of a network that had been trained before."""

from dataclasses import replace

from glassnet.core.trees import items, join_path
from glassnet.doctor import Subject
from glassnet.doctor.fine_tuning import why_unmoved
from glassnet.doctor.first_step import StepTrace
from glassnet.layers.low_rank import adapters_of
from glassnet.model.model import Model
from glassnet.training.changes import Changes, changes, frozen_arrays, sha256, unmoved


def changes_of(start: Subject, model: Model, unfrozen: bool = False) -> Changes | None:
    """Return what changed from the weights of the start to those of the trained model.

    `unfrozen` is True if they are weights of after `Unfreeze`. None for a network that was trained
    from nothing, unless a trained array has not moved. Raises GlassnetError if a frozen array has
    changed in a bit.
    """
    objective, params = model.objective() if unfrozen else start.objective, model.params
    if not start.fine_tuned and not unmoved(start.params, params, objective.trained):
        return None
    end = replace(start, objective=objective, params=params)
    statistics = StepTrace(end).statistics
    return changes(objective, start.params, params, statistics, why_unmoved(end))


def merge_adapters(model: Model, proof: Changes | None) -> Changes | None:
    """Add the adapters to their kernels, in place; return the proof, which says that of these
    frozen weights it holds only until now.
    """
    kernels = {
        join_path(layer, name)
        for layer, (*_, names) in adapters_of(model.network).items()
        for name in names
    }
    merged = sum(array.size for path, array in items(model.params) if path in kernels)
    model.merge_lora()
    return proof and replace(proof, merged=merged)


def frozen_hash(start: Subject) -> str | None:
    """Return the hash of the weights that will be frozen, by which a resumed run knows them."""
    if not start.fine_tuned:
        return None
    paths = frozen_arrays(start.objective, StepTrace(start).statistics)
    return sha256(dict(items(start.params)), paths)
