"""The pages of the commands, from the command line itself: what `--help` says, as a page each."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from names import write

from glassnet.cli import app as program

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def _page(name: str, command: Any) -> Iterator[str]:
    context = typer.Context(command, info_name=f"glassnet {name}", terminal_width=96)
    yield from (f"# glassnet {name}", "", "```text", command.get_help(context).rstrip(), "```")


def _generate(app: "Sphinx") -> None:
    folder = Path(app.srcdir, "commands")
    folder.mkdir(exist_ok=True)
    group = typer.main.get_command(program)
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        write(folder / f"{name}.md", _page(name, command))


def setup(app: "Sphinx") -> dict[str, bool]:
    """Write the pages before anything is read."""
    app.connect("builder-inited", _generate)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
