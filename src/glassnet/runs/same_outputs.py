"""Data must name what a model outputs as its training data did: it knows names by their numbers."""

from glassnet.core.errors import GlassnetError
from glassnet.data import Dataset, Interactions, Rows
from glassnet.evaluate.recommendations import events_of
from glassnet.model.model import Model
from glassnet.model.readers import rows_of
from glassnet.runs.run import CONFIG_FILE, Run


def require_same_outputs(run: Run, model: Model, data: Dataset) -> None:
    """Raise if the classes, labels, numbers or items of a data set are not those of a run's model.

    An imported model is called by the names of its data.
    """
    where, imported = str(run.folder), "imported" in run.read(CONFIG_FILE)
    what, names = data.task, data.class_names
    known = names if imported else tuple(model.class_names or names)
    if isinstance(data, Interactions):
        names, known = data.events.items, events_of(model, where).items
    elif isinstance(data, Rows):
        target = rows_of(model, where).target
        names, known = (t.class_names or t.names for t in (data.target, target))
    if names == known:
        return
    new, lost = sorted({*names} - {*known}), sorted({*known} - {*names})
    changes = [f"{verb} {some[0]!r:.60}" for verb, some in (("has", new), ("lacks", lost)) if some]
    raise GlassnetError(
        f"has other {what} than the model was trained on: it "
        f"{' and '.join(changes) or 'has them in another order'}.",
        where=data.source,
        fix="Name them as they were, or train again.",
    )
