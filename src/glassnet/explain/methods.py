"""The methods by name, and the function that explains an example by any of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from glassnet.core.arrays import Array, as_numbers, as_tuple, map_arrays
from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.trees import Tree
from glassnet.explain.counterfactual import Counterfactual, find_counterfactual
from glassnet.explain.deletion import deletion
from glassnet.explain.effort import FULL, Effort
from glassnet.explain.explanation import Evidence, Explanation
from glassnet.explain.gradcam import grad_cam
from glassnet.explain.integrated import completeness_error, integrated_gradients
from glassnet.explain.lifting import Lifted, Lifting, needs_lifting
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
_OF_IMAGES = ("smoothgrad", "grad-cam")  # not of vectors, nor of inputs of different scales


@dataclass(frozen=True, eq=False)
class Question:
    """An example and the question about it; `explain` replaces None by a default."""

    x: Any  # without a batch axis; with multiple inputs, a tuple
    of: int | None = None
    against: int | None = None
    baseline: Any = None  # stands for "no information"; None: 0, and vectors of 0 for ids
    bounds: tuple[Any, Any] | None = None  # the range of a counterfactual's input values
    training: tuple[Any, Array] | None = None  # x and y, searched for neighbors
    counts: Sequence[Any] | None = None  # of the values of the columns of a CategoryEmbedding


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
    the method does not apply to. Networks with embeddings or multiple inputs are explained by a
    `Lifting`; no edit is searched for them.
    """
    if method is None:
        method = "integrated-gradients" if question.against is None else "contrast"
    if method not in METHODS:
        raise unknown("method", method, METHODS, where="explain")
    x = map_arrays(lambda array: as_numbers(array, "x").astype(dtype), question.x)
    outputs = network.forward(params, map_arrays(lambda array: array[None], x), INFERENCE)[0]
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
        return _nearest(network, params, question, x, of, dtype)
    score, numbers, baseline = score_at(score, replace(question, x=x))
    is_lifted = isinstance(score.network, Lifted)
    if is_lifted and method in _OF_IMAGES:
        raise GlassnetError(
            f"{method} is for networks with one input and no embeddings, such as those of images.",
            where="explain",
            fix=f"Use {', '.join(m for m in METHODS if m not in _OF_IMAGES)}.",
        )
    attribute = ATTRIBUTIONS.get(method, integrated_gradients)
    values, evidence = _attribution(attribute, score, numbers, baseline, effort)
    values, warnings = score.layout(numbers).folded(values), evidence.warnings()
    if not any(part.any() for part in as_tuple(values)):
        warnings = ("The attribution is 0 everywhere: it explains nothing.", *warnings)
    at_x, at_baseline = score.values(np.stack([numbers, baseline])).tolist()
    result = Explanation(
        method, of, against, values, evidence, warnings, scores=(at_x, at_baseline)
    )
    if method != "contrast" or is_lifted:
        return result
    assert against is not None
    goal = of if predicted == against else against
    counterfactual = _counterfactual(network, score, question, x, goal, effort.edits)
    if counterfactual is None:
        what = "No edit within the range of the data was found that changes the prediction."
        if effort.edits is not None:
            what = f"No edit that changes the prediction was found in {effort.edits} steps."
        warnings = (*warnings, what)
    return replace(result, warnings=warnings, counterfactual=counterfactual)


def score_at(score: Score, question: Question) -> tuple[Score, Array, Array]:
    """Return (the score as a function of one array, the example and the baseline as such)."""
    x, chosen = question.x, question.baseline
    if not needs_lifting(score.network):
        plain = np.broadcast_to(np.asarray(0.0 if chosen is None else chosen, x.dtype), x.shape)
        return score, x, plain
    inputs = as_tuple(x)
    baselines = chosen if isinstance(chosen, list | tuple) and len(inputs) > 1 else None
    if baselines is None:
        baselines = (chosen,) * len(inputs)
    if len(baselines) != len(inputs):
        what = f"has {len(baselines)} arrays, but the network takes {len(inputs)} inputs."
        raise GlassnetError(what, where="baseline")
    start = tuple(
        None if b is None else np.broadcast_to(np.asarray(b, array.dtype), array.shape)
        for b, array in zip(baselines, inputs, strict=True)
    )
    lifting = Lifting(score.network, inputs, start, question.counts)
    lifted, numbers, baseline = lifting.at(score.params)
    return replace(score, network=lifted), numbers, baseline


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
    each = [values, *others]
    if isinstance(score.network, Lifted):  # vectors count as what they stand for
        each = [score.layout(x).by_position(v) for v in each]
    return values, Evidence(error, similarity(each[0], each[1:]), curve)


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


def _nearest(
    network: Layer, params: Tree, question: Question, x: Any, of: int, dtype: str
) -> Explanation:
    if question.training is None:
        raise GlassnetError(
            "needs training examples to search.", where="nearest", fix="Pass training=(x, y)."
        )
    x_train = map_arrays(lambda part: as_numbers(part, "training"), question.training[0])
    y_train = as_numbers(question.training[1], "training")
    neighbors = nearest(network, params, x, x_train, y_train, dtype)
    evidence = Evidence(similarity=similarity_of_distances(network, params, x, x_train, dtype))
    warnings = evidence.warnings()
    count = len(neighbors.labels)
    if (others := int((neighbors.labels != of).sum())) * 2 > count:
        warnings += (f"{others} of the {count} nearest examples belong to other classes.",)
    return Explanation("nearest", of, None, None, evidence, warnings, neighbors=neighbors)
