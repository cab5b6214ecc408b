"""The model card of a run: every line is measured or read from the run."""

from collections.abc import Mapping, Sequence
from typing import Any

from glassnet.evaluate.classifier import Evaluation
from glassnet.evaluate.language_model import NextByte
from glassnet.evaluate.recommendation import Recommendation
from glassnet.evaluate.tasks import TaskResult
from glassnet.model.summary import forward_flops, shown_number, trained_share
from glassnet.pages.html import Html, bullets, definitions, join, section, tag
from glassnet.report.sentences import OTHER_DATA, interval_text, name_list, percent
from glassnet.report.tasks import intended_use
from glassnet.runs.outputs import RunOutputs

_WEAK = 0.1  # how far below the mean F1 the F1 of a weak class is


def card(
    outputs: RunOutputs,
    result: Evaluation | NextByte | TaskResult,
    config: Mapping[str, Any],
    warnings: Sequence[str],
) -> Html:
    """The model card: intended use, data, performance, limitations and usage."""
    model, data, settings = outputs.model, config["data"], config["settings"]
    size = outputs.run.model.stat().st_size
    held_out = len(outputs.training_data.validation)
    flops = forward_flops(model.network, model.input_shape)
    share = trained_share(model.network, model.input_shape)
    training_rows = data["train"] - held_out
    pairs = [
        ("Model", _kind(settings)),
        ("Input", f"examples of shape {model.input_shape}"),
        ("Size", f"{model.count_params():,} weights, {size / 1e6:.2f} MB"),
        *([("Trained", share)] if share else []),
        ("Computation", f"{shown_number(flops)} floating-point operations per example"),
        ("Intended use", _intended_use(result)),
        ("Training data", f"{data['name']}: {training_rows:,} examples, from {data['source']}"),
        ("Validation data", f"{held_out:,} held-out training examples" if held_out else "none"),
        ("Test data", f"{data['test']:,} examples, not used for training or validation"),
        ("Performance", _performance(result)),
        ("Data hash", f"sha256 {data['sha256']}"),
    ]
    folder = outputs.run.folder
    subject = "TABLE" if "rows" in model.about else "SUBJECT"
    if isinstance(result, Recommendation):
        subject = "--user NAME"
    first = f"predict {folder} {subject}"
    if isinstance(result, NextByte):
        first = f"generate {folder}"
    usage = [f"glassnet {command}" for command in (first, f"evaluate {folder}", f"repeat {folder}")]
    detects_others = model.typical is not None
    limits = _limits(result, warnings, detects_others, outputs.data_changed)
    return section(
        "Model card",
        definitions(pairs),
        join(tag("h3", "Limitations"), bullets(limits)),
        join(tag("h3", "Usage"), tag("pre", "\n".join(usage))),
    )


def _kind(settings: Mapping[str, Any]) -> str:
    if "network" not in settings:
        return "a network imported from another program"
    engine = settings.get("engine", "numpy")
    if "from_" in settings:
        return f"the network of {settings['from_']}, fine-tuned by glassnet (engine {engine})"
    return f"a network of type {settings['network']}, trained by glassnet (engine {engine})"


def _intended_use(result: Evaluation | NextByte | TaskResult) -> str:
    if isinstance(result, NextByte):
        return "continuing texts like those it was trained on"
    if not isinstance(result, Evaluation):
        return intended_use(result)
    names = name_list([score.name for score in result.test.classes])
    return f"classifying examples like those of its data set into the classes {names}"


def _performance(result: Evaluation | NextByte | TaskResult) -> str:
    if isinstance(result, NextByte):
        accuracy = percent(result.accuracy)
        return f"{result.bits_per_byte:.3f} bits per byte, {accuracy} of bytes predicted correctly"
    if not isinstance(result, Evaluation):
        return result.headline()
    test = result.test
    interval = interval_text(test.accuracy_interval)
    return f"test accuracy {percent(test.accuracy)} (95% interval {interval})"


def _limits(
    result: Evaluation | NextByte | TaskResult,
    warnings: Sequence[str],
    detects_others: bool,
    data_changed: bool,
) -> list[str]:
    """Return the known limitations, a sentence or two each."""
    lines = [OTHER_DATA] if data_changed else []
    if isinstance(result, Evaluation):
        mean = result.test.macro_f1
        weak = [score for score in result.test.tested if score.f1 < mean - _WEAK]
        lines += [
            f"{score.name}: F1 is {score.f1:.2f}, well below the mean of {mean:.2f}."
            for score in weak
        ]
        lines += [
            f"{name}: not tested, because the test set has no examples of this class."
            for name in result.test.untested
        ]
        if result.reported:
            error = percent(result.reported.ece)
            at = "at its temperature, " if result.stored else ""
            lines.append(f"On average, {at}its confidence differs from its accuracy by {error}.")
        lines.append(
            "It does not know other classes. glassnet predict warns about photos that don’t look "
            "like the training data, but does not detect all of them."
            if detects_others
            else "It does not know other classes: it assigns every input to one of its own."
        )
    lines.append(
        "These numbers hold for examples from the same source as the test set. Performance on "
        "other examples, such as those from another camera, shop or year, is unknown."
    )
    return lines + [f"From the doctor: {line}" for line in warnings]
