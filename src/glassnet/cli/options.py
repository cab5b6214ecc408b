"""The options that commands share.

The options of a training are declared in runs/settings.py. A command lists those that it offers in
the decorator `@offers(...)` and receives them in `**options`.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_args

import typer

from glassnet.core.errors import GlassnetError
from glassnet.core.terminal import set_quiet
from glassnet.runs.command import SETTINGS, default_of
from glassnet.runs.option import parsed_sizes
from glassnet.runs.settings import (
    LISTS,
    FineTuning,
    Reading,
    Sizes,
    option_name,
)

if TYPE_CHECKING:
    from glassnet.runs.train import Checkpoints

Data = Annotated[
    str,
    typer.Argument(
        metavar="DATA",
        help="A name that `glassnet data` lists, a table (.csv, .tsv, .parquet, .jsonl), a folder "
        "with a folder of pictures, audio clips or texts for each class, a .npz file, or a .txt "
        "file with one long text.",
    ),
]
RunFolder = Annotated[str, typer.Argument(metavar="RUN", help="Folder of a run.")]
RunOrFile = Annotated[str, typer.Argument(metavar="RUN", help="Folder of a run, or a model file.")]
RunName = Annotated[str | None, typer.Option(help="Name of the run.")]
Out = Annotated[str, typer.Option(help="Folder in which runs are created.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object, nothing else.")]
WithReport = Annotated[
    bool,
    typer.Option(
        "--report/--no-report", envvar="GLASSNET_REPORT", help="Write RUN/report.html at the end."
    ),
]
DataDir = Annotated[
    str | None,
    typer.Option(
        help="Folder with the files of Fashion-MNIST. Default: GLASSNET_DATA, else the usual "
        "folders are searched."
    ),
]
CheckpointSeconds = Annotated[
    float | None,
    typer.Option(help="Seconds between checkpoints.", show_default="10"),
]
CheckpointSteps = Annotated[
    int | None,
    typer.Option(help="Steps between checkpoints, in place of seconds; also one after each epoch."),
]

ALL = tuple(name for name, field in SETTINGS.items() if field.metadata)
NETWORK = ("network", *(field.name for field in fields(Sizes)))
TUNING = tuple(field.name for field in fields(FineTuning))
TEXTS = tuple(field.name for field in fields(Reading))
METAVARS = {int: "N", float: "X"}
NAMES = tuple[str, ...] | None  # the type of a setting whose option is typed once for each name

Command = TypeVar("Command", bound=Callable[..., None])


def offers(*names: str, **defaults: Any) -> Callable[[Command], Command]:
    """Return a decorator that adds these settings to a command, in place of its `**options`.

    `names` keep the defaults of `Settings`; `defaults` override them. The options are added to the
    command's signature, from which typer reads them.
    """
    parameters = [_parameter(name, defaults) for name in dict.fromkeys((*names, *defaults))]

    def offering(command: Command) -> Command:
        signature = inspect.signature(command)
        own = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
        vars(command)["__signature__"] = signature.replace(parameters=[*own, *parameters])
        return command

    return offering


def _parameter(name: str, defaults: Mapping[str, Any]) -> inspect.Parameter:
    details = dict(SETTINGS[name].metadata)
    if name in defaults:
        details.pop("show_default", None)
    kind: Any = SETTINGS[name].type
    if name in LISTS:
        kind, details["callback"] = str, sizes
    if kind == NAMES:
        kind = list[str]
    types = get_args(kind) or (kind,)
    details.setdefault("metavar", next((METAVARS[t] for t in types if t in METAVARS), None))
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=defaults.get(name, default_of(name)),
        annotation=Annotated[kind | None, typer.Option(option_name(name), **details)],
    )


def quietly(command: Callable[..., None]) -> Callable[..., None]:
    """Return the command with the option --quiet."""
    signature = inspect.signature(command)
    option = typer.Option("--quiet", "-q", help="Print results, warnings and errors; no progress.")
    quiet = inspect.Parameter(
        "quiet", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Annotated[bool, option]
    )

    @wraps(command)
    def quiet_command(*args: Any, quiet: bool = False, **options: Any) -> None:
        set_quiet(quiet)
        command(*args, **options)

    parameters = [*signature.parameters.values(), quiet]
    vars(quiet_command)["__signature__"] = signature.replace(parameters=parameters)
    return quiet_command


def typed(context: typer.Context, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the options that were typed, not left at their default."""
    source = context.get_parameter_source
    return {
        name: value for name, value in options.items()
        if (origin := source(name)) is not None and not origin.name.startswith("DEFAULT")
    }  # fmt: skip


def sizes(text: str | None) -> tuple[int, ...] | None:
    """Parse a list of whole numbers such as 240,120,60; None for None."""
    if text is None:
        return None
    try:
        return parsed_sizes(text)
    except GlassnetError as error:
        raise typer.BadParameter(error.what) from error


def checkpoints(seconds: float | None, steps: int | None) -> "Checkpoints | None":
    """Return how often checkpoints are written; None if neither option is given."""
    from glassnet.runs.train import Checkpoints

    if seconds is None and steps is None:
        return None
    return Checkpoints(steps=steps) if seconds is None else Checkpoints(seconds, steps)
