"""What commands share: their common options and how they print."""

import json
import sys
from collections.abc import Iterable
from typing import Annotated, Any

import typer

RunFolder = Annotated[str, typer.Argument(metavar="RUN", help="A run's folder, or a model file.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object, nothing else.")]
DataDir = Annotated[
    str | None,
    typer.Option(
        envvar="GLASSNET_DATA", help="Folder with the data set's files; else they are looked for."
    ),
]


def show(lines: Iterable[str]) -> None:
    """Print lines of results."""
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def show_json(value: Any) -> None:
    """Print one JSON object."""
    show([json.dumps(value, ensure_ascii=False, allow_nan=False)])


def tell(line: str) -> None:
    """Print a message, which is not a result."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def percent(share: float) -> str:
    """A share as people read it."""
    return f"{100 * share:.2f}%"
