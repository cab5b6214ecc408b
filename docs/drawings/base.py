"""What the drawings share: their list, their style, networks trained on the handwritten digits."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from glassnet import Dense, Flatten, Model, Rescaling, load
from glassnet.pages.svg import svg_of
from glassnet.plots.images import bare
from glassnet.plots.style import WIDTH, house_style

ROOT = Path(__file__).parents[2]
DRAWINGS: dict[str, Callable[[], Figure]] = {}


def drawing(function: Callable[[], Figure]) -> Callable[[], Figure]:
    """Add a function to the drawings; `its_name` draws `its-name.svg`."""
    styled: Callable[[], Figure] = house_style(function)
    DRAWINGS[function.__name__.replace("_", "-")] = styled
    return styled


def panels(count: int, height: float = 2.4, **options: Any) -> tuple[Figure, Any]:
    """Return a figure with panels side by side."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    return figure, figure.subplots(1, count, squeeze=False, **options)[0]


def images(count: int, height: float) -> tuple[Figure, Any]:
    """Return a figure with panels for images side by side, without axes."""
    figure, axes = panels(count, height)
    for place in axes:
        bare(place)
    return figure, axes


def colors() -> str:
    """Return the CSS of the one look that has its colors, light and dark: it begins with them."""
    style = (ROOT / "src/glassnet/pages/style.css").read_text(encoding="utf-8")
    return style[style.index(":root") : style.index("* {")].strip()


def draw(name: str) -> str:
    """Return a drawing as an SVG, on one line, that follows the reader's light or dark mode."""
    svg = svg_of(DRAWINGS[name](), name)
    head, rest = svg.split(">", 1)
    return " ".join(f"{head}><style>{colors()}</style>{rest}".split()) + "\n"


@cache
def digits() -> Any:
    """Return the 8 × 8 images of handwritten digits, values 0 to 16."""
    return load("digits")


def network(*layers: Any, scaled: bool = True) -> Model:
    """Return an untrained network for the digits."""
    scale = [Rescaling(1 / 16)] if scaled else []
    return Model([Flatten(), *scale, *layers, Dense(10, "softmax")], (8, 8))


def fit(model: Model, optimizer: Any, epochs: int, **options: Any) -> Any:
    """Train on the digits, with a fixed seed; return the history."""
    model.compile(optimizer, "sparse_categorical_crossentropy", ["accuracy"])
    data = digits()
    x, y = options.pop("examples", (data.x_train, data.y_train))
    return model.fit(x, y, epochs=epochs, verbose=0, **options)
