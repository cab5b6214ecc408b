"""The files of other libraries, by suffix, and the modules that read and write them.

Rooms import rooms below them only, but a model is saved and loaded by one method whatever the
suffix. The package itself, which stands above all rooms, enters the modules here.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # `import glassnet` is light
    from pathlib import Path

FORMATS: dict[str, str] = {}  # suffix -> module with `read`, `read_weights` and `write`
SERVICES: dict[str, str] = {}  # likewise, what a room needs of a module above it: -> module


def service(name: str) -> Any:
    """Return the module above the caller's room that does this."""
    return import_module(SERVICES[name])


def format_of(path: "Path") -> Any:
    """Return the module for a file of another library; None for glassnet's own files."""
    name = FORMATS.get(path.suffix.lower())
    return import_module(name) if name else None
