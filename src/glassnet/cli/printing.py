"""How commands print: results on stdout, messages on stderr."""

import json
import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from glassnet.evaluate.classification import Classification
    from glassnet.evaluate.language_model import NextByte


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
    from glassnet.core.strict_json import to_strict

    show([json.dumps(to_strict(value), ensure_ascii=False, allow_nan=False)])


def tell(line: str) -> None:
    """Print a message, which is not a result."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def percent(share: float) -> str:
    """A share as people read it."""
    return f"{100 * share:.2f}%"


def tested(test: "Classification | NextByte") -> str:
    """The results on the test set, in one line."""
    from glassnet.evaluate.language_model import NextByte

    if isinstance(test, NextByte):
        return (
            f"test {test.bits_per_byte:.3f} bits per byte (perplexity {test.perplexity:.2f}; by "
            f"frequency alone {test.by_frequency:.3f} bits), {percent(test.accuracy)} of "
            f"{test.count:,} bytes predicted"
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
