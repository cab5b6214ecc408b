"""Explanations of some predictions: a correct one and the most confident mistake, or the worst."""

from collections.abc import Iterator

import numpy as np

from glassnet.core.arrays import map_arrays, take
from glassnet.core.errors import GlassnetError
from glassnet.evaluate.classifier import Evaluation
from glassnet.evaluate.multi_label import MultiLabel
from glassnet.evaluate.tasks import TaskResult
from glassnet.explain import Question
from glassnet.explain.effort import Effort, affordable
from glassnet.explain.lifting import needs_lifting
from glassnet.explain.methods import score_at
from glassnet.explain.score import score_of
from glassnet.pages.html import Html, bullets, figure, join, picture, pictures, section, tag
from glassnet.pages.svg import side_by_side, svg_of
from glassnet.plots.images import is_image, png_of, upright
from glassnet.runs.explain import Query, explain_row
from glassnet.runs.explained_example import ExplainedExample, figure_of
from glassnet.runs.outputs import RunOutputs

_SECONDS = 10.0  # for each explanation; more only if the least takes more
_SEARCHED = 5000  # training rows searched for the nearest; all of them would take a CNN 20 s


def explanations(outputs: RunOutputs, result: Evaluation | TaskResult) -> Html:
    """The section that explains some predictions.

    Of classes, a correct one and the most confident mistake; of numbers and counts, the first test
    row and the one with the largest error; of labels, the first test row.
    """
    is_unit = not isinstance(result, Evaluation | MultiLabel)
    red, blue = ("adds to the prediction", "takes from it") if is_unit else (
        "is evidence for the predicted class", "is evidence against it")  # fmt: skip
    intro = tag(
        "p",
        f"Red {red}, blue {blue}, compared with the baseline that is named. Each plot comes "
        "with tests of the explanation: whether the attributions sum to the change of the score, "
        "whether random weights would give a similar plot, and how far the score falls when the "
        "highest-ranked parts are removed. If a test fails, the plot says so, and the explanation "
        "should not be trusted.",
    )
    try:
        effort = _effort(outputs)
        explained = list(_explained(outputs, result, effort))
        parts = [_part(i, explanation) for i, explanation in enumerate(explained)]
    except GlassnetError as error:  # categories that are encoded; volumes can't be drawn
        return section("Explanations", tag("p", f"There are no explanations: {error.what}"))
    edits = not needs_lifting(outputs.model.network)
    slow = effort.sentence(edits) if parts else ""
    return section("Explanations", intro, tag("p", slow) if slow else "", *parts)


def _effort(outputs: RunOutputs) -> Effort:
    """Return what can be computed for each explanation in a few seconds."""
    model = outputs.model
    x = take(outputs.training_data.test.x, 0)
    x = map_arrays(lambda array: array.astype(model.dtype), x)
    score = score_of(model.network, model.params, model.output_shape[-1], 0)
    return affordable(*score_at(score, Question(x))[:2], _SECONDS)


def _explained(
    outputs: RunOutputs, result: Evaluation | TaskResult, effort: Effort
) -> Iterator[ExplainedExample]:
    if not isinstance(result, Evaluation):
        yield explain_row(outputs, 0, effort=effort)
        worst = getattr(result, "worst", ())
        if worst and worst[0].row:
            yield explain_row(outputs, worst[0].row, Query(of=worst[0].target), effort=effort)
        return
    predicted, labels = outputs.scores().argmax(axis=1), outputs.test.labels
    correct = np.flatnonzero(predicted == labels)
    if len(correct):
        yield explain_row(outputs, int(correct[0]), effort=effort)
        yield explain_row(outputs, int(correct[0]), Query("nearest"), training_limit=_SEARCHED)
    if result.mistakes:
        row = result.mistakes[0].row
        query = Query(of=int(predicted[row]), against=int(labels[row]))
        yield explain_row(outputs, row, query, effort=effort)


def _part(number: int, explained: ExplainedExample) -> Html:
    lines, nearest = explained.lines(), explained.explanation.neighbors is not None
    title = "Which training examples does the network find most similar?"
    heading = tag("h3", title if nearest else explained.question())
    caption = f"Among the first {_SEARCHED:,} training rows." if nearest else ""
    if nearest and not explained.in_parts and is_image(explained.example.shape):
        near = f"{lines[0]} {caption}"
        evidence = [*explained.explanation.evidence.lines(), *explained.explanation.warnings]
        return tag("div", heading, tag("p", near), _neighbors(explained), bullets(evidence))
    columns = 3 if nearest else 2  # narrow enough for a phone
    drawing = figure_of(explained, columns, words=False)
    plot = figure(svg_of(drawing, f"why-{number}"), lines[0], caption)
    return tag("div", heading, side_by_side(plot, bullets(explained.sentences())))


def _neighbors(explained: ExplainedExample) -> Html:
    """The example and the training examples nearest to it, as pictures."""
    near = explained.explanation.neighbors
    assert near is not None
    turned = upright if explained.is_clip else np.asarray
    items = [join(picture(png_of(turned(explained.example)), ""), tag("span", explained.subject))]
    for row, label, distance, x in zip(
        near.rows, near.labels, near.distances, near.examples, strict=True
    ):
        place, name = explained.training_name(row), explained.names[label]
        soft = tag("span", f"{place}, distance {distance:.2f}", class_="soft")
        items.append(join(picture(png_of(turned(x)), place), tag("span", tag("bdi", name)), soft))
    return pictures(items, "The example and the most similar training examples")
