"""The command line, one file per command: parse, call, print; no arithmetic.

Nothing heavy is imported here or at the top of a command's file, so `--help` and completion are
fast. Results go to stdout, messages to stderr. Exit codes: 0 success, 1 a check failed, 2 usage or
data error, 130 interrupted, 143 terminated.
"""

import io
import sys
from importlib import import_module

import typer

from glassnet.cli.errors import UsageError, by_option, one_line
from glassnet.cli.help import Help
from glassnet.cli.options import quietly
from glassnet.cli.printing import log_messages
from glassnet.core.errors import GlassnetError
from glassnet.core.terminal import discard_unwritable, open_closed_streams, say

# In the order of the help. The command X is the function `command` in cli/X.py.
COMMANDS = (
    "train tune lr-find resume repeat runs evaluate compare predict explain trace generate summary "
    "plot report data doctor export import_ twin verify"  # import is a keyword of Python
)
app = typer.Typer(
    name="glassnet",
    help="Deep neural networks you can see through: train, evaluate, use.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for name in COMMANDS.split():
    module = import_module(f"glassnet.cli.{name.replace('-', '_')}")
    epilog = getattr(module, "EPILOG", None)
    app.command(name.rstrip("_"), cls=Help, epilog=epilog)(quietly(module.command))


@app.callback(invoke_without_command=True)
def start(show: bool = typer.Option(False, "--version", help="Print the version.")) -> None:
    """Print the version and exit; else prepare the process for the command."""
    from glassnet.core.memory import keep_freed_memory

    keep_freed_memory()
    if show:
        from glassnet import __version__

        sys.stdout.write(f"glassnet {__version__}\n")
        raise typer.Exit


def main() -> None:
    """Run the command line; errors become one message and an exit code."""
    open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # training goes on if a terminal lacks ←
    if len(sys.argv) == 1:
        sys.argv.append("--help")
    try:
        with log_messages():
            sys.exit(app(standalone_mode=False))
    except UsageError as error:
        say(f"error: {one_line(error)}", always=True)
        sys.exit(2)
    except GlassnetError as error:
        say(f"error: {by_option(error)}", always=True)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:  # from stdout: errors with files are GlassnetErrors
        say(f"error: {error}", always=True)
        sys.exit(2)
    finally:
        discard_unwritable()
