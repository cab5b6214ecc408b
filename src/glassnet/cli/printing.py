"""Printing for all commands: results to stdout, messages to stderr."""

import logging
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

from glassnet.core.files import unwritable
from glassnet.core.tables import table
from glassnet.core.terminal import printable, say

if TYPE_CHECKING:
    from glassnet.data.dataset import Dataset
    from glassnet.evaluate.tasks import TestResult


def show(lines: Iterable[str]) -> None:
    """Print lines of results."""
    try:
        sys.stdout.write(printable("\n".join(lines)) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:  # the reader closed the pipe
        raise typer.Exit(141) from None
    except OSError as error:
        raise unwritable("stdout", error, "Free some space, or print elsewhere.") from error


def show_result(as_json: bool, value: Any, lines: Iterable[str]) -> None:
    """Print a result: as one JSON object with --json, else as lines."""
    if as_json:
        show_json(value)
    else:
        show(lines)


def show_json(value: Any) -> None:
    """Print one JSON object; non-finite numbers become null."""
    from glassnet.core.strict_json import json_text

    show([json_text(value)])


class _Messages(logging.Handler):
    """Prints log messages, each warning once: some commands read the same data several times."""

    def __init__(self) -> None:
        super().__init__()
        self.warnings: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        message, is_warning = record.getMessage(), record.levelno >= logging.WARNING
        if not (is_warning and message in self.warnings):
            say(message, always=is_warning)
        if is_warning:
            self.warnings.add(message)


MESSAGES = _Messages()


@contextmanager
def log_messages() -> Iterator[None]:
    """Inside this, glassnet's log messages are printed on stderr, and nowhere else."""
    logger = logging.getLogger("glassnet")
    level, propagate = logger.level, logger.propagate
    logger.setLevel(logging.INFO)
    logger.propagate = False
    MESSAGES.warnings.clear()
    logger.addHandler(MESSAGES)
    try:
        yield
    finally:
        logger.removeHandler(MESSAGES)
        logger.setLevel(level)
        logger.propagate = propagate


def percent(share: float) -> str:
    """Return a proportion as a percentage."""
    return f"{100 * share:.2f}%"


def results_line(test: "TestResult", of: str = "test") -> str:
    """Return the results on the test set, or `of` other rows, in one line."""
    from glassnet.evaluate.classification import Classification
    from glassnet.evaluate.language_model import NextByte

    if isinstance(test, NextByte):
        return (
            f"test {test.bits_per_byte:.3f} bits per byte (perplexity {test.perplexity:.2f}; "
            f"{test.by_frequency:.3f} bits from byte frequencies alone), accuracy "
            f"{percent(test.accuracy)}, {test.count:,} bytes"
        )
    if not isinstance(test, Classification):
        return f"{of} {test.headline()}, loss {test.loss:.4f}, {test.count:,} examples"
    low, high = test.accuracy_interval
    return (
        f"{of} accuracy {percent(test.accuracy)} (95% interval {percent(low)} to {percent(high)}), "
        f"loss {test.loss:.4f}, {test.count:,} examples"
    )


def class_table(test: "TestResult") -> list[str]:
    """Return the table of classes, labels or targets, and an empty line; nothing for a language
    model.
    """
    from glassnet.evaluate.language_model import NextByte

    return [] if isinstance(test, NextByte) else [*test.lines(), ""]


def shown(shape: tuple[int, ...]) -> str:
    """Return a shape as people write it: 64×64×3."""
    return "×".join(map(str, shape))


def column_lines(data: "Dataset") -> list[str]:
    """Return the columns of a table with their types and why; nothing for other data."""
    from glassnet.data import Interactions, Rows

    if isinstance(data, Interactions):
        return data.lines()
    if not isinstance(data, Rows):
        return []
    rows: list[tuple[str, ...]] = [("column", "type", "why", "missing", "features")]
    for column in data.card:
        missing = f"{column.missing:,}" if column.missing else ""
        rows.append((column.name, column.type, column.reason, missing, shown(column.shape)))
    target = data.target
    return [
        f"predicts {', '.join(target.columns)}: {target.kind} ({target.reason})",
        "",
        *table(rows, "<<<>>"),
    ]
