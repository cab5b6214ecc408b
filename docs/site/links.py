"""Links to files outside docs lead to the repository; those to README.md to the front page."""

import os.path
import re
import tomllib
from pathlib import Path

from sphinx.application import Sphinx

ROOT = Path(__file__).parents[2]
_URLS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["urls"]
_LINK = re.compile(r"(?<=\]\()(?!\w+:|#)([^)#\s]+)(#[^)\s]*)?(?=\))")
_PAGES = {"CHANGELOG.md": "changelog.md", "CONTRIBUTING.md": "contributing.md"}  # included in docs


def _outside(app: Sphinx, page: str, source: list[str]) -> None:
    folder = Path(app.srcdir, page).parent
    included = re.search(r"\{include\} (\S+)", source[0])
    if included:
        path = folder / included[1]
        folder, source[0] = path.parent, path.read_text()

    def target(link: re.Match[str]) -> str:
        path = Path(os.path.normpath(folder / link[1]))
        name = path.relative_to(ROOT).as_posix()
        if name in _PAGES:
            path = Path(app.srcdir, _PAGES[name])
        if path.is_relative_to(app.srcdir) and path.is_file():
            return os.path.relpath(path, Path(app.srcdir, page).parent) + (link[2] or "")
        kind = "tree" if path.is_dir() else "blob"
        return f"{_URLS['Homepage']}/{kind}/main/{name}"

    source[0] = _LINK.sub(target, source[0])


def setup(app: Sphinx) -> dict[str, bool]:
    """Rewrite the links of each page when it is read."""
    app.connect("source-read", _outside)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
