"""`glassnet generate`."""

from typing import Annotated

import typer

from glassnet.cli.options import AsJson, RunOrFile
from glassnet.cli.printing import show, show_json


def command(
    run: RunOrFile,
    prompt: Annotated[str, typer.Option(help="Text to continue.")] = "\n",
    length: Annotated[int, typer.Option(help="Bytes to add.")] = 400,
    temperature: Annotated[
        float,
        typer.Option(
            help="0 takes the likeliest byte each time; 1 draws from the predicted probabilities."
        ),
    ] = 0.8,
    seed: Annotated[int, typer.Option(help="The same seed gives the same text.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Let a network that was trained on a long text (--network char-lm) continue a text."""
    from glassnet.runs.generate import generate

    text = generate(run, prompt, length, temperature, seed)
    if as_json:
        show_json({"run": run, "prompt": prompt, "text": text})
    else:  # a terminal obeys some control characters
        show(["".join(c if c.isprintable() or c in "\n\t" else "�" for c in text)])
