"""The doctor on a data set and settings, and on a run: what `glassnet doctor` does."""

from pathlib import Path
from typing import Any

from glassnet.configs import build, register
from glassnet.data import Corpus, Dataset, Texts
from glassnet.data.tokenizer import WordTokenizer
from glassnet.doctor import Part, Subject
from glassnet.errors import GlassnetError
from glassnet.model import Model
from glassnet.preparing import targets_for
from glassnet.runs import CONFIG_FILE, Run
from glassnet.settings import Settings
from glassnet.training.loop import Plan
from glassnet.trees import Array

register("settings")(Settings)


def subject_of(
    settings: Settings, data: Dataset, model: Model, x: Any, rows: Array, held_out: Array
) -> Subject:
    """Model and prepared data, as the doctor sees them: x, of the rows to train on; rows held out.

    Its parts hold what training takes, checked.
    """
    y_train, y_test = targets_for(settings.loss, data)
    optimizer, _ = model._require_compiled()
    assert model.loss is not None  # recipes have one output

    def part(x: Any, y: Any, split: str, chosen: Any = None) -> Part:
        texts = getattr(data, f"texts_{split}", ())
        if chosen is not None:
            y, texts = y[chosen], [texts[row] for row in chosen if texts]
        checked = model.examples(x, y)
        kept = " (held out)" if chosen is held_out else ""
        name, labels = (f"{data.source}: {letter}_{split}{kept}" for letter in "xy")
        return Part(checked.x, checked.targets, name, labels, chosen, texts)

    train = part(x, y_train, "train", rows)
    tokens = ""
    if isinstance(data, Texts | Corpus):
        tokens = "word" if isinstance(data.tokenizer, WordTokenizer) else "byte"
    return Subject(
        model.network,
        model.loss,
        model._task(),
        model._adapted(train.x),
        optimizer,
        Plan(settings.epochs, settings.batch_size, seed=settings.seed),
        train,
        part(data.x_train[held_out], y_train, "train", held_out) if len(held_out) else None,
        part(data.x_test, y_test, "test"),
        class_names=model.class_names,
        tokens=tokens,
        weighted=settings.class_weight is not None or data.weights is not None,
        seed=settings.seed,
    )


def settings_of(run: Run) -> Settings:
    """The settings that a run was trained with, every name and value checked."""
    said, where = run.read(CONFIG_FILE).get("settings"), str(run.folder / CONFIG_FILE)
    if not isinstance(said, dict):
        raise GlassnetError(
            "names no settings.",
            where=where,
            fix="Name the data: glassnet doctor DATA.",
        )
    settings: Settings = build("settings", {**said, "class": "Settings"}, where=where)
    return settings


def history_of(run: Run) -> dict[str, list[float]]:
    """The run's epochs, each number's list by its name."""
    rows = run.history()
    return {name: [row[name] for row in rows] for name in rows[0] if name != "epoch"}


def is_run(name: str) -> bool:
    """Whether this is a run's folder rather than a data set."""
    return (Path(name) / CONFIG_FILE).is_file()
