"""The colors of the one look, from pages/style.css, as the theme's variables."""

import re
from pathlib import Path

STYLE = Path(__file__).parents[2] / "src/glassnet/pages/style.css"
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
    light, dark = re.findall(r":root \{(.*?)\}", STYLE.read_text(encoding="utf-8"), flags=re.S)[:2]
    colors = [dict(re.findall(r"--(\w+): (#\w+)", text)) for text in (light, dark)]
    light_names, dark_names = ({name: c[ours] for name, ours in _NAMES.items()} for c in colors)
    return light_names, dark_names
