"""What commands share: their common options and how they print."""

import logging
import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from glassnet.evaluate.classification import Classification
    from glassnet.evaluate.language_model import NextByte

RunFolder = Annotated[str, typer.Argument(metavar="RUN", help="A run's folder.")]
RunOrFile = Annotated[str, typer.Argument(metavar="RUN", help="A run's folder, or a model file.")]
RunName = Annotated[str | None, typer.Option(help="Name of the run's folder.")]
Out = Annotated[str, typer.Option(help="Folder for runs.")]
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
        help="Folder with Fashion-MNIST's files (or GLASSNET_DATA); else they are looked for."
    ),
]


def show(lines: Iterable[str]) -> None:
    """Print lines of results."""
    try:
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of a pipe went away, which is its good right
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(141) from None


def show_json(value: Any) -> None:
    """Print one JSON object; null for what is not finite."""
    from glassnet.core.strict_json import json_text

    show([json_text(value)])


def tell(line: str) -> None:
    """Print a message, which is not a result."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


class Messages(logging.Handler):
    """Prints what glassnet logs: messages, which are no results."""

    def emit(self, record: logging.LogRecord) -> None:
        tell(record.getMessage())


MESSAGES = Messages()


def percent(share: float) -> str:
    """A share as people read it."""
    return f"{100 * share:.2f}%"


def sizes(text: str | None, option: str) -> tuple[int, ...] | None:
    """The whole numbers in a text such as 240,120,60; None if there is no text."""
    if text is None:
        return None
    parts = text.split(",") if text.strip() else []
    if not all(part.strip().isdecimal() and int(part) > 0 for part in parts):
        raise typer.BadParameter(
            f"{text!r} is not a list of whole numbers above 0, such as 240,120,60.",
            param_hint=option,
        )
    return tuple(map(int, parts))


def tested(test: "Classification | NextByte") -> str:
    """What the test set says of a network, in one line."""
    from glassnet.evaluate.language_model import NextByte

    if isinstance(test, NextByte):
        return (
            f"test {test.bits_per_byte:.3f} bits per byte (perplexity {test.perplexity:.2f}; by "
            f"frequency alone {test.by_frequency:.3f} bits), {percent(test.accuracy)} of "
            f"{test.count:,} bytes foretold"
        )
    low, high = test.accuracy_interval
    return (
        f"test accuracy {percent(test.accuracy)} (95% interval {percent(low)} to {percent(high)}), "
        f"loss {test.loss:.4f}, {test.count:,} examples"
    )


def classes(test: "Classification | NextByte") -> list[str]:
    """The table of classes and an empty line, where there are classes."""
    from glassnet.evaluate.language_model import NextByte

    return [] if isinstance(test, NextByte) else [*test.lines(), ""]
