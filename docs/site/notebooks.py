"""The pages of the notebooks: text, code and outputs of each, as they are in its file."""

import base64
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from links import LINK

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_IMAGES = {"image/svg+xml": "svg", "image/png": "png"}


def _text(lines: str | list[str]) -> str:
    return "".join(lines).rstrip()


def _output(output: dict[str, Any], image: Path) -> str:
    """Return an output in Markdown; an image is written to this file, without its suffix."""
    data = output.get("data", {})
    for kind, suffix in _IMAGES.items():
        if kind in data:
            text = _text(data[kind])
            file = image.with_suffix(f".{suffix}")
            file.write_bytes(base64.b64decode(text) if suffix == "png" else text.encode())
            return f"![An output of the code above]({file.name})"
    if "text/html" in data:
        return f"```{{raw}} html\n{_text(data['text/html'])}\n```"
    text = output.get("text") or data.get("text/plain") or output.get("traceback", "")
    return f"```text\n{_text(text)}\n```"


def page(notebook: dict[str, Any], image: Path) -> Iterator[str]:
    """Yield a notebook's parts in Markdown; images get this path and their number.

    Its links, relative to the folder of notebooks, become relative to that of the pages.
    """
    count = 0
    for cell in notebook["cells"]:
        text = _text(cell["source"])
        if cell["cell_type"] == "markdown":
            yield LINK.sub(r"../../notebooks/\1\2", text)
        elif cell["cell_type"] == "code" and text:
            yield f"```ipython3\n{text}\n```"
            for output in cell["outputs"]:
                count += 1
                yield _output(output, image.with_name(f"{image.name}-{count}"))


def _generate(app: "Sphinx") -> None:
    """Write the pages, and their list: empty where there are no notebooks."""
    folder, source = Path(app.srcdir, "notebooks"), Path(app.srcdir).parent / "notebooks"
    shutil.rmtree(folder, ignore_errors=True)  # no page of a notebook that is gone
    folder.mkdir()
    files = sorted(source.glob("*.ipynb"))
    for file in files:
        parts = page(json.loads(file.read_text(encoding="utf-8")), folder / file.stem)
        (folder / f"{file.stem}.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    names = "\n".join(file.stem for file in files)
    text = "There are none in this checkout."
    if files:
        text = "To read here, or to run: they are in the folder `notebooks`.\n"
        text += f"\n```{{toctree}}\n:maxdepth: 1\n\n{names}\n```"
    (folder / "index.md").write_text(f"# Notebooks\n\n{text}\n", encoding="utf-8")


def setup(app: "Sphinx") -> dict[str, bool]:
    """Write the pages before anything is read."""
    app.connect("builder-inited", _generate)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
