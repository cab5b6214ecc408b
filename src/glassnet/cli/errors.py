"""Errors of the command line: one line each, and options under the names that people type."""

import re
from difflib import get_close_matches

import typer

from glassnet.core.errors import GlassnetError
from glassnet.runs.command import SETTINGS, TABLE
from glassnet.runs.settings import option_name

# An unknown option, a missing argument, ...: Typer doesn't export this base class.
UsageError: type[Exception] = typer.BadParameter.__mro__[1]
_LAYERS = {"Dropout": "dropout"}  # whose errors are about an option of another name
_LINE = re.compile(r", line \d+: ")
_KIND = re.compile(r"unknown (\w+)")


def one_line(error: Exception) -> str:
    """Return the message of a `UsageError` with the closest option, and where the help is."""
    message = " ".join(error.format_message().split())  # type: ignore[attr-defined]
    message = re.sub(r"^Invalid value for '(.+?)': (Input )?", r"\1: ", message)
    message = re.sub(r", unable to parse.*", "", message)
    message = re.sub(r" \(Possible options: .*| Did you mean .*", "", message).rstrip(".") + "."
    context = getattr(error, "ctx", None)
    name = str(getattr(error, "option_name", ""))
    choices = getattr(error, "possibilities", None) or ()
    if match := re.match(r"No such command '(.+)'", message):
        name, choices = match[1], context.command.list_commands(context) if context else ()
    for closest in get_close_matches(name, choices, n=1):
        message += f" Did you mean {closest}?"
    return f"{message} Help: {context.command_path} --help" if context else message


def by_option(error: GlassnetError) -> GlassnetError:
    """Return an error of a setting, which names an argument in Python, with the option's name.

    `Adam: learning_rate` becomes `--learning-rate`; so does `Dense: unknown activation ...`.
    """
    if _LINE.search(error.where):  # of a file that has the setting
        return error
    place = error.where.rpartition(": ")[2]
    words = [place, _LAYERS.get(place, ""), error.what.split(" ")[0]]
    words += [match[1] for match in [_KIND.match(error.what)] if match]
    for name in words:
        # Columns of a table may be named like its options, which their errors name themselves.
        if name in SETTINGS and name not in TABLE and SETTINGS[name].metadata:
            return GlassnetError(
                error.what.removeprefix(f"{name} "), where=option_name(name), fix=error.fix
            )
    return error
