"""The options that say what a network is made of; one that is not given is its own default."""

from typing import Annotated, Any

import typer

from glassnet.runs.settings import NETWORKS

PANEL: Any = {"rich_help_panel": "The network", "show_default": False}


def _of(networks: str, text: str, *names: str, **more: Any) -> Any:
    """An option that only these networks have."""
    option: Any = typer.Option
    return option(*names, help=f"{text} For {networks}.", **PANEL, **more)


Network = Annotated[
    str | None,
    typer.Option(
        help=f"{', '.join(NETWORKS)}. If not given: mlp, text-transformer for texts, char-lm "
        "for one long text.",
        **PANEL,
    ),
]
Hidden = Annotated[
    str | None,
    _of("mlp, lenet", "Sizes of the hidden layers: 128, or 240,120,60; '' for none."),
]
Filters = Annotated[
    str | None, _of("lenet, cnn, resnet", "Filters of the convolutions: 32,64,128.")
]
Units = Annotated[int | None, _of("rnn, lstm, gru", "Of each recurrent layer.", min=1)]
Width = Annotated[
    int | None, _of("vit, text-transformer, char-lm", "Numbers for each step.", min=1)
]
Depth = Annotated[
    int | None,
    _of(
        "all but mlp, lenet",
        "Recurrent layers, transformer blocks, or blocks of one size.",
        min=1,
    ),
]
Heads = Annotated[int | None, _of("vit, text-transformer, char-lm", "Of attention.", min=1)]
Patch = Annotated[int | None, _of("vit", "Side of the patches.", min=1)]
Stem = Annotated[str | None, _of("vit", "How it reads patches: convolutions, or patches.")]
Embedding = Annotated[
    int | None, _of("rnn, lstm, gru", "Numbers for a word or byte of a text.", min=1)
]
Bidirectional = Annotated[bool | None, _of("rnn, lstm, gru", "Read both ways.", "--bidirectional")]
Activation = Annotated[
    str | None, _of("mlp, lenet, cnn", "Of the hidden layers: relu, tanh, gelu, and others.")
]
Normalization = Annotated[str | None, _of("mlp", "none, batch or layer: in each hidden layer.")]
Dropout = Annotated[
    float | None,
    _of("all but resnet", "Rate.", min=0, max=1),
]
L1 = Annotated[float | None, _of("mlp", "Penalty on all kernels: l1 Σ|w|.", "--l1", min=0)]
L2 = Annotated[float | None, _of("mlp", "Penalty on all kernels: l2 Σw².", "--l2", min=0)]
