"""Plain-text tables for terminals, pipes and files."""

import math
from collections.abc import Sequence


def shortened(text: str, most: int) -> str:
    """Return the text on one line, cut to at most `most` characters."""
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1]}…"


def significant(value: float, digits: int = 4) -> str:
    """Return a number of any unit with so many significant digits: 0.01234, 12.34, 12,340."""
    size = abs(value)
    if not math.isfinite(value) or (value and not 1e-4 <= size < 1e12):
        return f"{value:.{digits}g}"
    exponent = int(f"{size:.{digits - 1}e}".partition("e")[2])
    return f"{round(value, digits - 1 - exponent):,.{max(0, digits - 1 - exponent)}f}"


def table(rows: Sequence[Sequence[str]], align: str, rule: bool = True) -> list[str]:
    """Return the rows as lines of aligned columns; `align` has '<' or '>' for each column.

    The first row is the header, underlined if `rule`. No cell is cut off.
    """
    widths = [max(len(row[i]) for row in rows) for i in range(len(align))]
    lines = [
        "  ".join(
            f"{cell:{side}{width}}" for cell, side, width in zip(row, align, widths, strict=True)
        )
        for row in rows
    ]
    if rule:
        lines.insert(1, "─" * (sum(widths) + 2 * (len(widths) - 1)))
    return [line.rstrip() for line in lines]
