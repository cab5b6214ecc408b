"""The colors of all drawings, by meaning. Pages replace them by variables, for light and dark.

`TOKENS` has the variable of `pages/style.css` for each; a test checks that they are equal there.
"""

# Okabe & Ito's colors, safe for color-blind readers; without yellow, too faint on white, and with a
# darker orange, since it also colors words.
BLUE, ORANGE, GREEN, PINK = "#0072B2", "#B84E00", "#009E73", "#CC79A7"
SKY, AMBER = "#56B4E9", "#E69F00"
INK, GRAY, GRID, FAINT, PAPER = "#1D2126", "#646D77", "#E3E7EB", "#B9BEC4", "#FFFFFF"
COLORS = (BLUE, ORANGE, GREEN, PINK, SKY, AMBER, INK)
TOKENS = {
    "blue": BLUE, "orange": ORANGE, "green": GREEN, "pink": PINK, "sky": SKY, "amber": AMBER,
    "ink": INK, "gray": GRAY, "grid": GRID, "faint": FAINT, "paper": PAPER,
}  # fmt: skip
# On what has the same color on light and dark pages: a cell of a heat map, a picture.
ON_LIGHT, ON_DARK = "#202020", "#FEFEFE"


def tint(color: str) -> str:
    """Return the color mixed with 90% white."""
    parts = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(255 - 0.1 * (255 - part)):02X}" for part in parts)
