"""The definition of a study from what a user asks for, checked before anything is trained."""

import logging
import os
from dataclasses import dataclass, replace
from typing import Any

from glassnet.core.errors import GlassnetError, unknown
from glassnet.data import Dataset, Interactions, facts_of
from glassnet.runs.data import choices_of, fold_of, load_dataset, settings_for
from glassnet.runs.defaults import DEFAULT_NETWORK, SOURCE
from glassnet.runs.settings import Settings
from glassnet.runs.train import require_resumable
from glassnet.tuning.definition import PRUNING, Definition
from glassnet.tuning.rounds import ETA
from glassnet.tuning.searchable import require_settings
from glassnet.tuning.space import Space
from glassnet.tuning.space_file import read_space, shipped

log = logging.getLogger(__name__)

_HALVING, _ROUND = 9, 5  # trials per round, with successive halving and without
_FEW = 100  # rows of a validation split, too few to choose by
_FOLDS = 5
_NEED_SPLIT = {"early_stopping", "reduce_on_plateau"}  # settings that need a validation split


@dataclass(frozen=True)
class Choices:
    """How to search and to score, as users choose; None: the default for what is searched."""

    method: str
    seed: int = 0
    prune: str | None = None
    round_size: int | None = None
    metric: str | None = None
    maximize: bool | None = None


def function_definition(space: Any, choices: Choices, options: dict[str, Any]) -> Definition:
    """Return the definition of a study of a function."""
    if options:
        names = ", ".join(options)
        raise GlassnetError(f"{names} is for trainings, not for a function.", where="tune")
    if choices.prune not in (None, "none"):
        what = "can't prune the trials of a function, which have one step."
        raise GlassnetError(what, where="tune: prune", fix="Leave it out.")
    if space is None:
        fix = 'Pass a dict such as {"x": {"low": 0, "high": 1}}.'
        raise GlassnetError("a function needs a space.", where="tune: space", fix=fix)
    return Definition(
        data=None,
        sha256=None,
        options={},
        space=space if isinstance(space, Space) else Space.from_dict(space),
        metric=choices.metric or "score",
        maximize=choices.maximize is not False,
        **_searching(choices, "none"),
    )


def training_definition(
    data: str, space: Any, choices: Choices, data_dir: str | None, options: dict[str, Any]
) -> tuple[Definition, str]:
    """Return the definition of a study of trainings, and the name of its data."""
    if not isinstance(data, str | os.PathLike):
        raise GlassnetError(
            f"can't be {type(data).__name__}: its trials run in processes of their own.",
            where="tune: data",
            fix="Write it to a file, such as a .parquet or .npz, and pass the path.",
        )
    data = os.fspath(data)
    options = {name: value for name, value in options.items() if value is not None}
    facts = facts_of(data, **choices_of(options))
    kind, task, rows = facts
    network = options.get("network") or DEFAULT_NETWORK[kind]
    chosen = _space(space, options, network)
    if space is None and task != "classes":
        chosen = chosen.fixing({"label_smoothing": 0.0})
    searched = {parameter.name for parameter in chosen.parameters}
    if "network" not in searched and "from_" not in options:
        options = {"network": network} | options  # written out: the default may change
    settings = settings_for(data, facts, **options)
    dataset = load_dataset(settings, data_dir)
    require_resumable(settings.engine, "tune")
    classes = task == "classes" and kind != "corpus"
    metric = choices.metric or ("accuracy" if classes else "loss")
    if metric not in ("accuracy", "loss") or (metric == "accuracy" and not classes):
        raise unknown(
            "metric", metric, ("accuracy", "loss") if classes else ("loss",), where="--metric"
        )
    _require_comparable(metric, searched)
    if _has_few_rows(settings, dataset) and not searched & _NEED_SPLIT:
        options["folds"] = _FOLDS
        settings = replace(settings, folds=_FOLDS)
        log.info(
            f"scored on {_FOLDS} folds: a validation split of {dataset.name} would have fewer than "
            f"{_FEW} rows (--validation-split {settings.validation_split} takes it)"
        )
    searching = _searching(choices, "none" if choices.method == "grid" else "halving")
    if settings.folds is not None:
        fold_of(dataset, replace(settings, fold=1))  # raises if the data can't be split into them
        if searching["prune"] == "median":
            what = "folds have no score after each epoch, which the median rule compares."
            fix = f"Choose --prune halving, or --validation-split {Settings.validation_split}."
            raise GlassnetError(what, where="--prune median", fix=fix)
    if not settings.validation_split:
        what = "without a validation split there is nothing to choose by, or to compare with."
        raise GlassnetError(what, where="--validation-split 0", fix="Leave it out.")
    definition = Definition(
        data=os.path.abspath(data) if os.path.exists(data) else data,
        sha256=dataset.sha256,
        data_dir=data_dir and os.path.abspath(data_dir),
        kind=kind,
        task=task,
        rows=rows,
        options=options,
        space=chosen,
        metric=f"val_{metric}",
        maximize=metric == "accuracy",
        **searching,
    )
    return definition, dataset.name


def _has_few_rows(settings: Settings, dataset: Dataset) -> bool:
    """True if a validation split would be too small to choose by, and folds are possible."""
    return (
        settings.validation_split == Settings.validation_split
        and settings.early_stopping is None
        and settings.reduce_on_plateau is None
        and settings.folds is None
        and dataset.validation_rows is None
        and not dataset.in_order
        and not isinstance(dataset, Interactions)
        and len(dataset.y_train) * settings.validation_split < _FEW
    )


def _space(space: Any, options: dict[str, Any], network: str) -> Space:
    """Return the space of a study of trainings: the network's own if None."""
    if space is None:
        return shipped(SOURCE if "from_" in options else network, options)
    if isinstance(space, str | os.PathLike):
        return read_space(os.fspath(space), options, network)
    chosen = space if isinstance(space, Space) else Space.from_dict(space)
    require_settings(chosen, "space", options, network)
    return chosen


def _require_comparable(metric: str, searched: set[str]) -> None:
    """Raise if trials would have losses of different kinds."""
    changing = sorted(searched & {"loss", "label_smoothing", "l1", "l2"})
    if metric == "loss" and changing:
        names = ", ".join(changing)
        raise GlassnetError(
            f"trials with different {names} have losses that can't be compared.",
            where=f"space: {names}",
            fix="Fix it, or score by --metric accuracy.",
        )


def _searching(choices: Choices, prune: str) -> dict[str, Any]:
    """Return the definition's fields of the search, with their defaults."""
    prune = choices.prune or prune
    if prune not in PRUNING:
        raise unknown("pruning", prune, PRUNING, where="--prune")
    size = choices.round_size
    if size is not None and size < 1:
        raise GlassnetError(f"must be 1 or more, got {size}.", where="--round-size")
    size = size or (_HALVING if prune == "halving" else _ROUND)
    if prune == "halving" and size < ETA:
        what = f"successive halving needs rounds of {ETA} or more trials, got {size}."
        raise GlassnetError(what, where="--round-size")
    return {
        "method": choices.method, "prune": prune, "round_size": size, "seed": choices.seed,
    }  # fmt: skip
