"""How an option of a training is declared, with its help; how a list of sizes is written."""

from dataclasses import field
from typing import Any

from glassnet.core.errors import GlassnetError

# panels of the help
TABLES, TEXTS, TRAINING = "Tables", "Texts", "Training"
NETWORK, TUNING = "The network", "Fine-tuning"


def option(default: Any, help: str, panel: str = TRAINING, **details: Any) -> Any:
    """Return a setting that commands offer as an option; `details` are those of `typer.Option`.

    With `show_default`, the default depends on the network or the data, and `choose` sets it.
    """
    return field(default=default, metadata={"help": help, "rich_help_panel": panel, **details})


def parsed_sizes(text: str) -> tuple[int, ...]:
    """Return the sizes of layers in a list of whole numbers such as 240,120,60."""
    parts = text.split(",") if text.strip() else []
    if not all(part.strip().isdecimal() and int(part) > 0 for part in parts):
        raise GlassnetError(f"{text!r} is not a list of whole numbers above 0, such as 240,120,60.")
    return tuple(map(int, parts))
