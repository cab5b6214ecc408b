"""Links to files outside docs lead to the repository; those to README.md to the front page."""

import os.path
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOT = Path(__file__).parents[2]
_URLS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["urls"]
LINK = re.compile(r"(?<=\]\()(?!\w+:|#)([^)#\s]+)(#[^)\s]*)?(?=\))")
_PAGES = {
    "CHANGELOG.md": "changelog.md", "CONTRIBUTING.md": "contributing.md", "README.md": "index.md",
    "notebooks/README.md": "notebooks/index.md",
}  # fmt: skip


def _outside(app: "Sphinx", page: str, source: list[str]) -> None:
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
        if path.suffix == ".ipynb":
            path = Path(app.srcdir, "notebooks", f"{path.stem}.md")
        if path.is_relative_to(app.srcdir) and path.is_file():
            anchor = "" if name == "README.md" else link[2] or ""  # the front page has others
            return os.path.relpath(path, Path(app.srcdir, page).parent) + anchor
        kind = "tree" if path.is_dir() else "blob"
        return f"{_URLS['Homepage']}/{kind}/main/{name}"

    source[0] = LINK.sub(target, source[0])


def setup(app: "Sphinx") -> dict[str, bool]:
    """Rewrite the links of each page when it is read."""
    app.connect("source-read", _outside)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
