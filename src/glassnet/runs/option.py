"""How an option of a training is declared: with its help, which the command line reads."""

from dataclasses import field
from typing import Any

# panels of the help
TABLES, TEXTS, TRAINING = "Tables", "Texts", "Training"
NETWORK, TUNING = "The network", "Fine-tuning"


def option(default: Any, help: str, panel: str = TRAINING, **details: Any) -> Any:
    """Return a setting that commands offer as an option; `details` are those of `typer.Option`.

    With `show_default`, the default depends on the network or the data, and `choose` sets it.
    """
    return field(default=default, metadata={"help": help, "rich_help_panel": panel, **details})
