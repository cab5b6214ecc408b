"""The methods by name, and one explanation made by any of them, with its evidence."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.trees import Tree
from glassnet.explain.counterfactual import Counterfactual, smallest_edit
from glassnet.explain.deletion import deletion
from glassnet.explain.explanation import Evidence, Explanation
from glassnet.explain.gradcam import grad_cam
from glassnet.explain.integrated import completeness_error, integrated_gradients
from glassnet.explain.nearest import nearest, order_of_random_weights
from glassnet.explain.occlusion import occlusion
from glassnet.explain.saliency import gradient_times_input, saliency
from glassnet.explain.sanity_check import Method, by_random_weights, similarity
from glassnet.explain.score import Score, score_of
from glassnet.explain.smoothgrad import smoothgrad
from glassnet.layers import Layer

ATTRIBUTIONS: dict[str, Method] = {
    "saliency": saliency,
    "gradient-times-input": gradient_times_input,
    "integrated-gradients": integrated_gradients,
    "smoothgrad": smoothgrad,
    "grad-cam": grad_cam,
    "occlusion": occlusion,
}
METHODS = (*ATTRIBUTIONS, "contrast", "nearest")


@dataclass(frozen=True, eq=False)
class Question:
    """An example and what is asked of it; what is None is chosen by `explain`."""

    x: Array  # without a batch axis
    of: int | None = None
    against: int | None = None
    baseline: Any = 0.0  # what counts as nothing: the background of pictures
    bounds: tuple[Any, Any] | None = None  # the least and greatest numbers of an edit
    training: tuple[Array, Array] | None = None  # x and y, to look for neighbours in


def explain(
    network: Layer, params: Tree, question: Question, method: str | None = None, *, dtype: str
) -> Explanation:
    """Why the network says what it says of an example.

    Of the class that it predicts if `of` is None. The method is integrated gradients, or contrast
    if there is an `against`; contrast is against the second likeliest class if that is None.
    """
    if method is None:
        method = "integrated-gradients" if question.against is None else "contrast"
    if method not in METHODS:
        raise unknown("method", method, METHODS, where="explain")
    given = np.asarray(question.x)
    x = given.astype(dtype)
    outputs = network.forward(params, x[None])[0]
    if isinstance(outputs, tuple) or outputs.ndim != 2:
        raise GlassnetError(
            "explains networks that put out one row of classes for an example.", where="explain"
        )
    ranked = np.argsort(-outputs[0], kind="stable")
    answer, against = int(ranked[0]), question.against
    of = answer if question.of is None else question.of
    if method == "contrast" and against is None:
        if len(ranked) < 2:
            raise GlassnetError(
                "needs two classes, and the network has one output.",
                where="contrast",
                fix='Take another method, such as "integrated-gradients".',
            )
        against = int(ranked[ranked != of][0])
    score = score_of(network, params, len(ranked), of, against)
    if method == "nearest":
        return _nearest(network, params, question, x, of)
    baseline = np.broadcast_to(np.asarray(question.baseline, dtype), x.shape)
    attribute = ATTRIBUTIONS.get(method, integrated_gradients)
    evidence, values = _attributed(attribute, score, x, baseline)
    warnings = evidence.warnings()
    if not values.any():
        warnings = ("The attribution is 0 everywhere: it explains nothing.", *warnings)
    if method != "contrast":
        return Explanation(method, of, against, values, evidence, warnings)
    assert against is not None
    criterion = of if answer == against else against
    edit = _edited(network, score, question, x, criterion)
    if edit is None:
        warnings = (*warnings, "No edit within the range of the data was found to turn the answer.")
    return Explanation(method, of, against, values, evidence, warnings, edit)


def _attributed(
    attribute: Method, score: Score, x: Array, baseline: Array
) -> tuple[Evidence, Array]:
    values = attribute(score, x, baseline)
    complete, rough = None, attribute
    if attribute is integrated_gradients:
        complete = completeness_error(score, values, x, baseline)
        rough = partial(integrated_gradients, exact=False)  # the order of places needs no more
    others = by_random_weights(rough, score, x, baseline)
    curve = deletion(score, x, baseline, values, others)
    return Evidence(complete, similarity(values, others), curve), values


def _edited(
    network: Layer, score: Score, question: Question, x: Array, criterion: int
) -> Counterfactual | None:
    """The smallest edit found, if the network itself, softmax and all, gives it the answer."""
    if question.bounds is None:
        raise GlassnetError(
            "an edit must stay in the range of the data, which is not known here.",
            where="contrast",
            fix="Give bounds=(least, greatest): (0, 255) for bytes.",
        )
    low, high = (np.broadcast_to(np.asarray(b, x.dtype), x.shape) for b in question.bounds)
    whole = np.asarray(question.x).dtype.kind in "iu"
    edit = smallest_edit(score, x, criterion, (low, high), whole)
    if edit is None or np.argmax(network.forward(score.params, edit.edited[None])[0]) != criterion:
        return None
    return edit


def _nearest(network: Layer, params: Tree, question: Question, x: Array, of: int) -> Explanation:
    if question.training is None:
        raise GlassnetError(
            "needs examples to look among.", where="nearest", fix="Give training=(x, y)."
        )
    x_train, y_train = (np.asarray(part) for part in question.training)
    found = nearest(network, params, x, x_train, y_train)
    evidence = Evidence(similarity=order_of_random_weights(network, params, x, x_train))
    warnings = evidence.warnings()
    if (others := int((found.labels != of).sum())) * 2 > len(found.labels):
        warnings += (f"{others} of the {len(found.labels)} nearest are of other classes.",)
    return Explanation("nearest", of, None, None, evidence, warnings, neighbours=found)
