"""The colors of the one look, from pages/style.css, as the theme's variables."""

import re

from glassnet.pages.notebook import light_and_dark

_NAMES = {
    "color-foreground-primary": "ink",
    "color-foreground-secondary": "soft",
    "color-foreground-muted": "soft",
    "color-background-primary": "paper",
    "color-background-secondary": "panel",
    "color-code-background": "panel",
    "color-background-border": "line",
    "color-api-name": "accent",
    "color-api-pre-name": "soft",
    "color-brand-primary": "accent",
    "color-brand-content": "accent",
    "color-brand-visited": "accent",
}


def variables() -> tuple[dict[str, str], dict[str, str]]:
    """Return the theme's variables in light and in dark mode."""
    colors = [dict(re.findall(r"--(\w+): (#\w+)", text)) for text in light_and_dark()]
    light_names, dark_names = ({name: c[ours] for name, ours in _NAMES.items()} for c in colors)
    return light_names, dark_names
