"""Explanations of some predictions: a correct one and the most confident mistake."""

from collections.abc import Iterator

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.evaluate.classifier import Evaluation
from glassnet.explain.effort import Effort, affordable
from glassnet.explain.score import score_of
from glassnet.pages.html import Html, bullets, figure, section, tag
from glassnet.pages.svg import side_by_side, svg_of
from glassnet.runs.explain import ExplainedExample, Query, explain_row, figure_of, require_one_input
from glassnet.runs.outputs import RunOutputs

_SECONDS = 10.0  # for each explanation; more only if the least takes more
_SEARCHED = 5000  # training rows searched for the nearest; all of them would take a CNN 20 s


def explanations(outputs: RunOutputs, result: Evaluation) -> Html:
    """The section that explains a correct prediction and the most confident mistake."""
    intro = tag(
        "p",
        "Red is evidence for the predicted class, blue is evidence against it. Each plot comes "
        "with tests of the explanation: whether the attributions sum to the change of the score, "
        "whether random weights would give a similar plot, and how far the score falls when the "
        "highest-ranked parts are removed. If a test fails, the plot says so, and the explanation "
        "should not be trusted.",
    )
    try:
        require_one_input(outputs.model, str(outputs.run.folder))
        effort = _effort(outputs)
        explained = list(_explained(outputs, result, effort))
        parts = [_part(i, explanation) for i, explanation in enumerate(explained)]
    except GlassnetError as error:  # token ids have no gradient; volumes can't be drawn
        return section("Explanations", tag("p", f"There are no explanations: {error.what}"))
    slow = effort.sentence() if parts else ""
    return section("Explanations", intro, tag("p", slow) if slow else "", *parts)


def _effort(outputs: RunOutputs) -> Effort:
    """Return what can be computed for each explanation in a few seconds."""
    model, x = outputs.model, outputs.test.x[0].astype(outputs.model.dtype)
    score = score_of(model.network, model.params, model.output_shape[-1], 0)
    return affordable(score, x, _SECONDS)


def _explained(
    outputs: RunOutputs, result: Evaluation, effort: Effort
) -> Iterator[ExplainedExample]:
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
    columns = 3 if nearest else 2  # narrow enough for a phone
    caption = f"Among the first {_SEARCHED:,} training rows." if nearest else ""
    title = "Which training examples does the network find most similar?"
    plot = figure(svg_of(figure_of(explained, columns), f"why-{number}"), lines[0], caption)
    heading = tag("h3", title if nearest else explained.question())
    return tag("div", heading, side_by_side(plot, bullets(lines)))
