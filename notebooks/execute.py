"""Execute the notebooks, and write them with their outputs beside the texts.

    python notebooks/execute.py            # all
    python notebooks/execute.py 01 05      # those whose names begin so

A notebook is a text, NAME.py, in Jupytext's percent format; NAME.ipynb is made from it.
"""

import sys
import time
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).parent
TEXTS = sorted(HERE.glob("0*.py"))
METADATA = {
    "jupytext": {"formats": "ipynb,py:percent"},
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"},
}


def executed(text: Path) -> nbformat.NotebookNode:
    """Return the notebook of this text with its outputs; raise if a cell fails."""
    notebook = jupytext.read(text)
    NotebookClient(
        notebook,
        timeout=900,
        kernel_name="python3",
        record_timing=False,
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(HERE)}},
    ).execute()
    notebook.metadata = nbformat.from_dict(METADATA)
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"  # random ones would be another file each time
    return notebook


def main(names: list[str]) -> None:
    """Execute the notebooks whose names begin with one of these, or all."""
    for text in TEXTS:
        if not names or text.name.startswith(tuple(names)):
            begin = time.perf_counter()
            nbformat.write(executed(text), text.with_suffix(".ipynb"))
            print(f"{text.stem}: {time.perf_counter() - begin:.0f} s", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
