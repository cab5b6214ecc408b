"""`glassnet tune`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from glassnet.cli.options import ALL, AsJson, Data, DataDir, offers, typed
from glassnet.cli.printing import show_result
from glassnet.cli.tune_progress import progress_of
from glassnet.core.tables import table

if TYPE_CHECKING:
    from glassnet.tuning.study import Study

# The data's copies and the clock can't be the same in all trials, or have options of their own.
SETTINGS = tuple(name for name in ALL if name not in ("max_time", "tensorboard", "seed"))


@offers("network", *SETTINGS)
def command(
    context: typer.Context,
    data: Data,
    space: Annotated[
        str | None,
        typer.Argument(
            metavar="[SPACE.toml]",
            help="The settings to search: learning_rate = {low = 1e-4, high = 1e-2, log = true}. "
            "Default: the space of the network.",
            show_default=False,
        ),
    ] = None,
    method: Annotated[
        str, typer.Option(help="grid, random, tpe, cma-es or gp (which needs PyTorch).")
    ] = "tpe",
    trials: Annotated[
        int | None,
        typer.Option(
            help="Number of trials; with halving, whole rounds.",
            show_default="50, or the whole grid",
        ),
    ] = None,
    max_time: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="End the search after this time: 90s, 10m, 1h30m."),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            help="Processes; the result is the same.", show_default="number of cores", min=1
        ),
    ] = None,
    prune: Annotated[
        str | None,
        typer.Option(
            help="halving: of each round, train the best third longer, and so on; median: stop "
            "what is worse than the median; none.",
            show_default="halving; none for a grid",
        ),
    ] = None,
    round_size: Annotated[
        int | None,
        typer.Option(
            help="Trials proposed at the same time, at most so many can run in parallel.",
            show_default="9 with halving, else 5",
        ),
    ] = None,
    metric: Annotated[
        str | None,
        typer.Option(
            help="accuracy or loss, on the validation split.",
            show_default="accuracy for classes, else loss",
        ),
    ] = None,
    seeds: Annotated[
        int,
        typer.Option(
            help="Fresh seeds with which the winner and the default are trained and compared on "
            "the test set; 0 for none.",
            min=0,
        ),
    ] = 5,
    seed: Annotated[int, typer.Option(help="Seed of the search and of all trials.", min=0)] = 0,
    storage: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Database for several machines: postgresql+psycopg://user@host/database.",
            show_default="a file in the study's folder",
        ),
    ] = None,
    continue_from: Annotated[
        str | None,
        typer.Option(
            metavar="STUDY",
            help="Begin with the trials of an earlier study with another space or method.",
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(help="Name of the study.", show_default="from data, method and space"),
    ] = None,
    out: Annotated[str, typer.Option(help="Folder in which studies are created.")] = "studies",
    data_dir: DataDir = None,
    as_json: AsJson = False,
    **options: Any,
) -> None:
    """Search the settings of a training; is the best better than the default?

    \b
    glassnet tune digits                           the network's own space, 54 trials
    glassnet tune rows.csv --target price --trials 90 --workers 2
    glassnet tune digits space.toml --method random --prune none
    glassnet tune digits --network cnn --epochs 10 --max-time 30m

    Trials are scored on the validation split, or with --folds on folds; never on the test set. The
    winner and the default settings are then trained with fresh seeds and compared. Options of
    `train` are the same in all trials. The same command goes on with a study that was interrupted.
    """  # noqa: D301
    from glassnet.tuning.extra import require_optuna

    require_optuna()
    from glassnet.tuning.page import PAGE_FILE, write_study_page
    from glassnet.tuning.table import CSV_FILE, write_csv
    from glassnet.tuning.tune import tune

    with progress_of(as_json) as watch:
        study = tune(
            data, space, method=method, trials=trials, max_time=max_time, workers=workers,
            prune=prune, round_size=round_size, metric=metric, seeds=seeds, seed=seed,
            storage=storage, continue_from=continue_from, name=name, out=out, data_dir=data_dir,
            watch=watch, **typed(context, options),
        )  # fmt: skip
    page = write_study_page(study, study.folder / PAGE_FILE)
    rows = write_csv(study, study.folder / CSV_FILE)
    show_result(as_json, study, [*_lines(study), str(page), str(rows)])


def _lines(study: "Study") -> Iterator[str]:
    from glassnet.tuning.sentences import (
        command_to_use,
        luck_sentence,
        mean_of,
        score_of,
        shown_value,
        trials_sentence,
        verdict_sentence,
    )

    winner, verdict = study.winner, study.verdict
    assert winner is not None  # `tune` raises without one
    assert winner.score is not None
    yield f"study {study.folder}: {trials_sentence(study)}"
    yield f"winner: trial {winner.number}, {score_of(study, winner.score)}"
    rows = [("setting", "value"), *((name, shown_value(v)) for name, v in winner.params.items())]
    yield from ("", *table(rows, "<<"), "")
    if verdict is not None:
        test = f"test {verdict.winner[0].test_name}"
        yield (
            f"{test} over {len(verdict.winner)} fresh seeds: winner {mean_of(verdict.winner)}, "
            f"default {mean_of(verdict.default)}"
        )
        yield verdict_sentence(verdict)
        yield f"winner: {luck_sentence(study)}"
    yield f"sha256 {study.sha256}"
    if study.prefers_default:
        yield "so train with the default settings:"
    yield command_to_use(study)
