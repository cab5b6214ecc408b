"""Why the network says what it says: of examples that it judges rightly and wrongly."""

from collections.abc import Iterator

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.evaluate.classifier import Evaluation
from glassnet.report.html import Html, bullets, picture, section, tag
from glassnet.report.pictures import pair, svg_of
from glassnet.runs.explain import ExplainedExample, Query, explain_outputs, figure_of
from glassnet.runs.outputs import RunOutputs

_AMONG = 5000  # first training rows, for the nearest of them; all would take a CNN 20 s


def explanations(outputs: RunOutputs, found: Evaluation) -> Html:
    """One right answer and the surest mistake, each with the evidence for its explanation."""
    intro = tag(
        "p",
        "Red speaks for the answer, blue against it. Beside each picture stands what was measured "
        "of it: whether the attributions sum to what they should, whether random weights would "
        "give the same picture, and what becomes of the answer without what is marked. Where one "
        "of these fails, the picture says so, and is not to be believed.",
    )
    try:
        shown = [_shown(number, one) for number, one in enumerate(_explained(outputs, found))]
    except GlassnetError as error:  # of texts, whose ids have no gradient
        return section("Explanations", tag("p", f"There are none: {error.what}"))
    return section("Explanations", intro, *shown)


def _explained(outputs: RunOutputs, found: Evaluation) -> Iterator[ExplainedExample]:
    answers, labels = outputs.scores().argmax(axis=1), outputs.test.labels
    right = np.flatnonzero(answers == labels)
    if len(right):
        yield explain_outputs(outputs, int(right[0]))
        yield explain_outputs(outputs, int(right[0]), Query("nearest"), training_limit=_AMONG)
    if found.mistakes:
        row = found.mistakes[0].row
        yield explain_outputs(outputs, row, Query(of=int(answers[row]), against=int(labels[row])))


def _shown(number: int, one: ExplainedExample) -> Html:
    lines = one.lines()
    columns = 3 if one.explanation.neighbours else 2  # narrow: read on a telephone as well
    caption = f"Of the first {_AMONG:,} training rows." if one.explanation.neighbours else ""
    drawing = picture(svg_of(figure_of(one, columns), f"why-{number}"), lines[0], caption)
    title = "What looks like it to the network?" if caption else one.question()
    return tag("div", tag("h3", title), pair(drawing, bullets(lines)))
