"""Two text data sets made from installed packages, without a download.

They depend on the installed versions; `source` names these, and the hash identifies the texts.
"""

import ast
import platform
import warnings
from collections.abc import Iterator
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from zlib import crc32

from glassnet.core.errors import GlassnetError
from glassnet.data.text.datasets import Corpus, Texts, make_corpus, make_texts

LIBRARIES = {  # import name -> name of the distribution; glassnet needs all of them
    "matplotlib": "matplotlib",
    "numpy": "numpy",
    "scipy": "scipy",
    "sklearn": "scikit-learn",
}
_EACH, _TEST = 1500, 0.2  # docstrings per library; the share of them for testing
_SHORTEST = 40  # characters; shorter ones contain too little information
_LEFT_OUT = {"test", "tests", "externals", "__pycache__"}


def docstrings() -> Texts:
    """Return 1,500 docstrings each of Matplotlib, NumPy, scikit-learn and SciPy, as four classes.

    The test rows, a fifth or slightly more, come from other files than the training rows, so that
    repetitions within a file are not in both; duplicate docstrings are used once.
    """
    names = tuple(sorted(LIBRARIES.values()))
    train: list[tuple[str, int]] = []
    test: list[tuple[str, int]] = []
    seen: set[str] = set()
    for package, name in sorted(LIBRARIES.items(), key=lambda item: item[1]):
        texts: list[str] = []
        for file in _files(package):
            if len(texts) >= _EACH:
                break
            new = [text for text in dict.fromkeys(_docstrings_in(file)) if text not in seen]
            seen.update(new)
            # The first files are for testing, until a fifth of the docstrings is reached.
            part = test if len(texts) < _TEST * _EACH else train
            new = new[: _EACH - len(texts)]
            part += [(text, names.index(name)) for text in new]
            texts += new
    source = ", ".join(f"{name} {version(name)}" for name in names)
    return make_texts("docstrings", train, test, names, f"the docstrings of {source}")


def python_reference() -> Corpus:
    """Return the chapters of Python's language reference that `help()` shows, a text of 0.4 MB.

    A paragraph that is in more than one chapter is used once; the last tenth is for testing.
    """
    from pydoc_data.topics import topics

    paragraphs = (part.rstrip() for name in sorted(topics) for part in topics[name].split("\n\n"))
    data = "\n\n".join(dict.fromkeys(part for part in paragraphs if part.strip())).encode()
    end = len(data) - len(data) // 10
    source = f"the language reference in Python {platform.python_version()}"
    return make_corpus("python-reference", data[:end], data[end:], source)


def _files(package: str) -> list[Path]:
    """Return the Python files of an installed package, in an order that mixes its parts."""
    spec = find_spec(package)  # does not import it
    if spec is None or spec.origin is None:
        raise GlassnetError(
            f"{package} is not installed.", where="docstrings", fix=f"pip install {package}"
        )
    top = Path(spec.origin).parent
    paths = (path.relative_to(top) for path in top.rglob("*.py"))
    names = [path.as_posix() for path in paths if not _LEFT_OUT & set(path.parts[:-1])]
    return [top / name for name in sorted(names, key=lambda name: (crc32(name.encode()), name))]


def _docstrings_in(file: Path) -> Iterator[str]:
    """Yield the docstrings in a file: of the module, its classes and its functions."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about invalid escapes
            tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError):  # written for another version of Python, or a template
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node)
            if text and len(text) >= _SHORTEST:
                yield text
