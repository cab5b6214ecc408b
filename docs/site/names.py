"""The pages of the API: a page for each public module, and one for the names of `glassnet` itself.

They are written before the site is built, from what can be imported: nothing can be forgotten.
"""

import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import glassnet

if TYPE_CHECKING:
    from sphinx.application import Sphinx

MODULES = {
    "models": "Models",
    "layers": "Layers",
    "activations": "Activations",
    "losses": "Losses",
    "metrics": "Metrics",
    "optimizers": "Optimizers",
    "callbacks": "Callbacks",
    "initializers": "Initializers",
    "regularizers": "Regularizers",
    "constraints": "Constraints",
    "datasets": "Data sets",
    "utils": "Utilities",
    "saving": "Saving",
}


def _is_own(thing: Any) -> bool:
    """True for a class or function that is written here, and not only imported."""
    home = getattr(thing, "__module__", None) or ""
    return callable(thing) and home.startswith("glassnet.") and home != "glassnet.core.protocols"


def _entry(module: str, name: str, thing: Any) -> list[str]:
    path = f"{module}.{name}"
    if inspect.isclass(thing):
        return [f".. autoclass:: {path}", "   :members:", "   :inherited-members: object, type", ""]
    if callable(thing):
        return [f".. autofunction:: {path}", ""]
    return []


def _page(title: str, module: str, names: list[str], members: bool) -> Iterator[str]:
    yield from (title, "=" * len(title), "")
    package = import_module(module)
    if module != "glassnet":
        yield from (f"The names of ``{module}``, as in Keras.", "")
    for name in names:
        entry = _entry(module, name, getattr(package, name))
        yield from (line for line in entry if members or "members" not in line)


def write(path: Path, lines: Iterator[str]) -> None:
    """Write a page, unless it is as it should be."""
    text = "\n".join(lines) + "\n"
    if not path.exists() or path.read_text() != text:  # only what changed is built again
        path.write_text(text)


def _generate(app: "Sphinx") -> None:
    folder = Path(app.srcdir, "api")
    folder.mkdir(exist_ok=True)
    listed: set[str] = set()
    for module, title in MODULES.items():
        path = f"glassnet.{module}"
        names = [n for n in dir(import_module(path)) if _is_own(getattr(import_module(path), n))]
        listed |= set(names)
        whole = module in ("models", "callbacks")
        write(folder / f"{module}.rst", _page(title, path, names, whole))
    own = [n for n in glassnet.__all__ if n not in listed and n not in MODULES]
    write(folder / "glassnet.rst", _page("Names of its own", "glassnet", own, members=False))


def setup(app: "Sphinx") -> dict[str, bool]:
    """Write the pages before anything is read."""
    app.connect("builder-inited", _generate)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
