"""`glassnet generate`."""

from typing import Annotated

import typer

from glassnet.cli.options import AsJson, RunOrFile
from glassnet.cli.printing import show_result


def command(
    run: RunOrFile,
    prompt: Annotated[
        str, typer.Option(help="Text to continue.", show_default="a line break")
    ] = "\n",
    length: Annotated[int, typer.Option(help="Number of bytes to generate.")] = 400,
    temperature: Annotated[
        float,
        typer.Option(
            help="0 takes the most likely byte each time; 1 samples the predicted probabilities."
        ),
    ] = 0.8,
    seed: Annotated[int, typer.Option(help="The same seed gives the same text.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Generate text with a network that was trained on one long text (--network char-lm)."""
    from glassnet.runs.generate import generate

    text = generate(run, prompt, length, temperature, seed)
    show_result(as_json, {"run": run, "prompt": prompt, "text": text}, [text])
