"""The programs of Keras's guides and examples, as people type them, run with Keras or glassnet.

`programs/*.py` hold them, each under a line `# --- title`. After the title may come, behind a bar:

- `refused: word`: glassnet raises one sentence with this word in it, and says what to write;
- `needs package`: runs only where the package is installed;
- `offline`: not run with Keras, which would need the network or Graphviz; `result` is tested here.

A program leaves its values in `result`. `keras.json` has those of Keras: `python -m
tests.keras_guides.ask_keras` writes it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

PROGRAMS = Path(__file__).parent / "programs"


@dataclass(frozen=True)
class Program:
    """A program of a page."""

    page: str
    title: str
    code: str
    refused: str = ""  # a word of the error
    needs: str = ""
    offline: bool = False

    @property
    def name(self) -> str:
        return f"{self.page}: {self.title}"


def programs() -> Iterator[Program]:
    """Yield all programs, page by page."""
    for path in sorted(PROGRAMS.glob("*.py")):
        _, *parts = re.split(r"^# --- ", path.read_text(), flags=re.M)
        for part in parts:
            line, code = part.split("\n", 1)
            title, _, notes = line.partition(" | ")
            options = dict.fromkeys(("refused", "needs", "offline"), "")
            for note in notes.split(", ") if notes else ():
                key, _, value = note.partition(" ")
                options[key.rstrip(":")] = value or "yes"
            yield Program(
                path.stem, title.strip(), code,
                options["refused"], options["needs"], bool(options["offline"]),
            )  # fmt: skip


def run(program: Program, library: Any) -> Any:
    """Return `result` of the program, with Keras's module or glassnet's in the place of Keras."""
    code = program.code
    if library.__name__ != "keras":
        code = re.sub(r"^(from|import) keras\b", rf"\1 {library.__name__}", code, flags=re.M)
    names = prelude(library)
    exec(compile(code, program.name, "exec"), names)
    return names.get("result")


def prelude(keras: Any) -> dict[str, Any]:
    """Return the names that all programs share."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(64, 8)).astype("float32")
    labels = ((x.sum(axis=1) > 0).astype("int32") + (x[:, 0] > 1)).astype("int32")
    tokens = rng.integers(1, 20, size=(32, 6)).astype("int32")
    tokens[::3, 4:] = 0
    layers = keras.layers

    def fill(model: Any, only: Any = None) -> None:
        """Set the weights of all layers to values that depend on their shapes only."""
        if only is None:
            model.set_weights([values(w.shape) for w in model.get_weights()])
        for layer in model.layers if only else ():
            if isinstance(layer, only):
                layer.set_weights([values(w.shape) for w in layer.get_weights()])

    def values(shape: tuple[int, ...]) -> Any:
        waves = np.sin(np.arange(int(np.prod(shape))) * 0.7 + len(shape)).reshape(shape)
        return (0.2 * waves + 0.3 * (len(shape) == 1)).astype("float32")  # variances are positive

    def model(*rest: Any, empty: bool = False) -> Any:
        network = keras.Sequential([keras.Input((8,)), *rest])
        if not empty:
            fill(network)
        return network

    def classifier(empty: bool = False) -> Any:
        hidden = layers.Dense(5, activation="tanh", name="hidden")
        return model(hidden, layers.Dense(3, activation="softmax", name="out"), empty=empty)

    def regressor() -> Any:
        return model(layers.Dense(1))

    return {
        "__name__": "guide", "np": np, "keras": keras, "layers": layers, "fill": fill,
        "classifier": classifier, "regressor": regressor,
        "x": x, "labels": labels, "binary": (labels > 0).astype("float32")[:, None],
        "targets": x[:, :1] * 2 - x[:, 1:2],
        "tokens": tokens,
        "sequences": rng.normal(size=(32, 6, 4)).astype("float32"),
        "images": rng.uniform(size=(16, 12, 12, 3)).astype("float32"),
        "image_labels": (np.arange(16) % 4).astype("int32"),
    }  # fmt: skip


def plain(value: Any) -> Any:
    """Return a result as JSON values; of a large array, its first numbers and two sums."""
    if isinstance(value, dict):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, str | bool | int) or value is None:
        return value
    array = np.asarray(value, "float64")
    if array.size > 12:
        flat = array.ravel()
        weights = np.cos(np.arange(flat.size))  # so that the order counts
        array = np.array([*flat[:4], flat.sum(), flat @ weights])
    return np.vectorize(lambda number: float(f"{number:.7g}"))(array).tolist() if array.size else []
