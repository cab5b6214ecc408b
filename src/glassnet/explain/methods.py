"""The methods by name, and the function that explains an example by any of them."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from glassnet.core.arrays import Array, as_numbers
from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.trees import Tree
from glassnet.explain.counterfactual import Counterfactual, find_counterfactual
from glassnet.explain.deletion import deletion
from glassnet.explain.effort import FULL, Effort
from glassnet.explain.explanation import Evidence, Explanation
from glassnet.explain.gradcam import grad_cam
from glassnet.explain.integrated import completeness_error, integrated_gradients
from glassnet.explain.nearest import nearest, similarity_of_distances
from glassnet.explain.occlusion import occlusion
from glassnet.explain.saliency import gradient_times_input, saliency
from glassnet.explain.sanity_check import Method, attributions_of_random_weights, similarity
from glassnet.explain.score import Score, score_of
from glassnet.explain.smoothgrad import smoothgrad
from glassnet.layers import INFERENCE, Layer

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
    """An example and the question about it; `explain` replaces None by a default."""

    x: Array  # without a batch axis
    of: int | None = None
    against: int | None = None
    baseline: Any = 0.0  # stands for "no information": the background of images
    bounds: tuple[Any, Any] | None = None  # the range of a counterfactual's input values
    training: tuple[Array, Array] | None = None  # x and y, searched for neighbors


def explain(
    network: Layer,
    params: Tree,
    question: Question,
    method: str | None = None,
    *,
    dtype: str,
    effort: Effort = FULL,
) -> Explanation:
    """Explain the network's output for an example.

    Explains the predicted class if `of` is None. The default method is integrated gradients, or
    contrast if `against` is given; contrast is against the second likeliest class if `against` is
    None. Raises GlassnetError for an unknown method or class, and for a network or question that
    the method does not apply to.
    """
    if method is None:
        method = "integrated-gradients" if question.against is None else "contrast"
    if method not in METHODS:
        raise unknown("method", method, METHODS, where="explain")
    x = as_numbers(question.x, "x").astype(dtype)
    outputs = network.forward(params, x[None], INFERENCE)[0]
    if isinstance(outputs, tuple) or outputs.ndim != 2:
        raise GlassnetError(
            "only explains networks that output one row of classes per example.", where="explain"
        )
    ranked = np.argsort(-outputs[0], kind="stable")
    predicted, against = int(ranked[0]), question.against
    of = predicted if question.of is None else question.of
    if method == "contrast" and against is None:
        if len(ranked) < 2:
            raise GlassnetError(
                "needs two classes, but the network has one output.",
                where="contrast",
                fix='Use another method, such as "integrated-gradients".',
            )
        against = int(ranked[ranked != of][0])
    score = score_of(network, params, len(ranked), of, against)
    if method == "nearest":
        return _nearest(network, params, question, x, of)
    baseline = np.broadcast_to(np.asarray(question.baseline, dtype), x.shape)
    attribute = ATTRIBUTIONS.get(method, integrated_gradients)
    values, evidence = _attribution(attribute, score, x, baseline, effort)
    warnings = evidence.warnings()
    if not values.any():
        warnings = ("The attribution is 0 everywhere: it explains nothing.", *warnings)
    if method != "contrast":
        return Explanation(method, of, against, values, evidence, warnings)
    assert against is not None
    goal = of if predicted == against else against
    counterfactual = _counterfactual(network, score, question, x, goal, effort.edits)
    if counterfactual is None:
        what = "No edit within the range of the data was found that changes the prediction."
        if effort.edits is not None:
            what = f"No edit that changes the prediction was found in {effort.edits} steps."
        warnings = (*warnings, what)
    return Explanation(method, of, against, values, evidence, warnings, counterfactual)


def _attribution(
    attribute: Method, score: Score, x: Array, baseline: Array, effort: Effort
) -> tuple[Array, Evidence]:
    error, fast = None, attribute
    if attribute is not integrated_gradients:
        values = attribute(score, x, baseline)
    else:
        values = integrated_gradients(score, x, baseline, most=effort.intervals)
        error = completeness_error(score, values, x, baseline)
        fast = partial(
            integrated_gradients, exact=False, steps=effort.steps
        )  # precise enough to rank positions
    others = attributions_of_random_weights(fast, score, x, baseline)
    curve = deletion(score, x, baseline, values, others)
    return values, Evidence(error, similarity(values, others), curve)


def _counterfactual(
    network: Layer, score: Score, question: Question, x: Array, goal: int, most: int | None
) -> Counterfactual | None:
    """The counterfactual, if the whole network, softmax included, predicts the goal for it."""
    if question.bounds is None:
        raise GlassnetError(
            "an edit must stay in the range of the data, which is unknown.",
            where="contrast",
            fix="Pass bounds=(smallest, largest), such as (0, 255) for bytes.",
        )
    low, high = (np.broadcast_to(np.asarray(b, x.dtype), x.shape) for b in question.bounds)
    whole = np.asarray(question.x).dtype.kind in "iu"
    result = find_counterfactual(score, x, goal, (low, high), whole, most)
    if result is None:
        return None
    outputs = network.forward(score.params, result.edited[None], INFERENCE)[0]
    return result if np.argmax(outputs) == goal else None


def _nearest(network: Layer, params: Tree, question: Question, x: Array, of: int) -> Explanation:
    if question.training is None:
        raise GlassnetError(
            "needs training examples to search.", where="nearest", fix="Pass training=(x, y)."
        )
    x_train, y_train = (as_numbers(part, "training") for part in question.training)
    neighbors = nearest(network, params, x, x_train, y_train)
    evidence = Evidence(similarity=similarity_of_distances(network, params, x, x_train))
    warnings = evidence.warnings()
    count = len(neighbors.labels)
    if (others := int((neighbors.labels != of).sum())) * 2 > count:
        warnings += (f"{others} of the {count} nearest examples belong to other classes.",)
    return Explanation("nearest", of, None, None, evidence, warnings, neighbors=neighbors)
