"""What an explanation shows in a notebook: its attribution, and whether to trust it."""

from typing import TYPE_CHECKING

import numpy as np

from glassnet.pages.html import Html, bullets, tag
from glassnet.pages.notebook import drawn, shown
from glassnet.pages.svg import side_by_side
from glassnet.plots.explanation import explanation

if TYPE_CHECKING:
    from glassnet.explain.explanation import Explanation


def html_of(result: "Explanation") -> str:
    """The output of a notebook cell."""
    against = "" if result.against is None else f", not {result.against}"
    title = f"Why class {result.target}{against}? ({result.method})"
    values, curve, drawing = result.values, result.evidence.deletion, Html()
    if isinstance(values, np.ndarray) and values.ndim <= 3:
        figure = explanation(
            None, values, title="", evidence=(), warnings=None,
            deletion=(curve.shares, curve.most_first, curve.at_random.mean(axis=0))
            if curve
            else None,
        )  # fmt: skip
        drawing = drawn(figure, f"{title} The attribution of the input")
    lines = [f"compared with {result.baseline}"] if result.baseline else []
    words = bullets([*lines, *result.evidence.lines()])
    warnings = [tag("p", warning, class_="warn") for warning in result.warnings]
    verdict = warnings or [tag("p", "It passes all of its tests.")]
    return shown(title, side_by_side(drawing, tag("div", words, *verdict)))
