"""The model card, every line of it measured or read from the run."""

from collections.abc import Mapping, Sequence
from typing import Any

from glassnet.evaluate.classifier import Evaluation
from glassnet.evaluate.language_model import NextByte
from glassnet.model.summary import forward_flops, shown_number
from glassnet.report.html import Html, bullets, facts, joined, section, tag
from glassnet.report.words import OTHER_DATA, between, listed, percent
from glassnet.runs.outputs import RunOutputs

_WEAK = 0.1  # of F1 below the mean


def card(
    outputs: RunOutputs,
    found: Evaluation | NextByte,
    config: Mapping[str, Any],
    warnings: Sequence[str],
) -> Html:
    """What it is, for what, learned from what, how good, and where it ends."""
    model, data, settings = outputs.model, config["data"], config["settings"]
    size = outputs.run.model.stat().st_size
    rows = data["train"]
    held_out = len(outputs.validation) if isinstance(found, Evaluation) else 0
    work = forward_flops(model.network, model.input_shape)
    pairs = [
        ("What it is", _kind(settings)),
        ("Reads", f"examples of shape {model.input_shape}"),
        ("Size", f"{model.count_params():,} weights, {size / 1e6:.2f} MB"),
        ("Work", f"{shown_number(work)} floating-point operations for an example"),
        ("For", _purpose(found)),
        ("Learned from", f"{data['name']}: {rows - held_out:,} examples, from {data['source']}"),
        ("Watched on", f"{held_out or 'none'} of its training examples, held out"),
        ("Judged on", f"{data['test']:,} test examples, looked at once, after training"),
        ("How good", _quality(found)),
        ("Data’s hash", f"sha256 {data['sha256']}"),
    ]
    folder = outputs.run.folder
    first = f"predict {folder} SUBJECT" if isinstance(found, Evaluation) else f"generate {folder}"
    use = [f"glassnet {command}" for command in (first, f"evaluate {folder}", f"repeat {folder}")]
    knows_strangers = model.typical is not None
    limits = _limits(found, warnings, knows_strangers, outputs.data_changed)
    return section(
        "Model card",
        facts(pairs),
        joined(tag("h3", "Where it ends"), bullets(limits)),
        joined(tag("h3", "To use it"), tag("pre", "\n".join(use))),
    )


def _kind(settings: Mapping[str, Any]) -> str:
    if "network" not in settings:
        return "a network imported from another program"
    engine = settings.get("engine", "numpy")
    return f"a network of the kind {settings['network']}, trained by glassnet ({engine})"


def _purpose(found: Evaluation | NextByte) -> str:
    if isinstance(found, NextByte):
        return "continuing texts like those it was trained on"
    names = listed([one.name for one in found.test.classes])
    return f"telling apart {names}, in examples made as those of its data were"


def _quality(found: Evaluation | NextByte) -> str:
    if isinstance(found, NextByte):
        return (
            f"{found.bits_per_byte:.3f} bits per byte, {percent(found.accuracy)} of bytes foretold"
        )
    test = found.test
    return f"{percent(test.accuracy)} right (95% interval {between(test.accuracy_interval)})"


def _limits(
    found: Evaluation | NextByte, warnings: Sequence[str], knows_strangers: bool, data_changed: bool
) -> list[str]:
    lines = [OTHER_DATA] if data_changed else []
    if isinstance(found, Evaluation):
        mean = found.test.macro_f1
        weak = [one for one in found.test.tested if one.f1 < mean - _WEAK]
        lines += [
            f"{one.name}: F1 {one.f1:.2f}, well below the mean of {mean:.2f}." for one in weak
        ]
        lines += [f"{name}: never tested, without test examples." for name in found.test.untested]
        if found.told:
            lines.append(f"Its probabilities are {percent(found.told.ece)} off on average.")
        lines.append(
            "It knows no other classes: whatever it is shown, it names one of its own."
            if not knows_strangers
            else "It knows no other classes. Of photos that don't look like its training data "
            "glassnet predict says so, but it does not notice all of them."
        )
    lines.append(
        "The numbers hold for examples drawn as the test set was. Of others, such as those from "
        "another camera, another shop or another year, nothing is known."
    )
    return lines + [f"The doctor: {line}" for line in warnings]
