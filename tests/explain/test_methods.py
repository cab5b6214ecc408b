"""Explanations by every method: the question, the result, and the patch it points to."""

import json
from typing import Any

import numpy as np
import pytest

from glassnet import Dense, Model
from glassnet.core.errors import GlassnetError
from glassnet.core.strict_json import as_json
from glassnet.explain import METHODS, Explanation, Question, explain
from tests.explain.conftest import PATCH, planted


def asked(model: Model, method: str | None, **options: Any) -> Explanation:
    """An explanation of the first planted example."""
    x, _ = planted(1, seed=8)
    question = Question(**{"x": x[0], "bounds": (0, 1), "training": planted(100, 0)} | options)
    return explain(model.network, model.params, question, method, dtype="float32")


@pytest.mark.parametrize("method", METHODS)
def test_each_method_comes_with_its_evidence(cnn: Model, method: str) -> None:
    found = asked(cnn, method)
    said = json.loads(json.dumps(as_json(found), allow_nan=False))
    assert said["method"] == found.method == method
    assert found.evidence.similarity is not None
    assert (found.evidence.deletion is None) == (method == "nearest")
    is_complete = method in ("integrated-gradients", "contrast")
    assert (found.evidence.completeness_error is not None) == is_complete
    assert set(found.evidence.warnings()) <= set(found.warnings)
    assert found.evidence.lines()


@pytest.mark.parametrize("method", ["integrated-gradients", "contrast", "smoothgrad"])
def test_the_patch_that_decides_has_90_percent_of_the_attribution(mlp: Model, method: str) -> None:
    for x in planted(5, seed=9)[0]:
        found = asked(mlp, method, x=x)
        mass = np.abs(found.values)
        assert mass[PATCH].sum() >= 0.9 * mass.sum()
        assert not found.warnings


@pytest.mark.parametrize("network", ["mlp", "cnn"])
def test_what_contrast_changes_lies_on_the_patch(
    network: str, request: pytest.FixtureRequest
) -> None:
    """Also in a CNN, whose logits the noise does move, but never far enough to matter."""
    model = request.getfixturevalue(network)
    for x in planted(10, seed=9)[0]:
        edit = asked(model, "contrast", x=x).counterfactual
        assert edit is not None
        change = np.abs(edit.edited - x)
        assert change[PATCH].sum() >= 0.9 * change.sum() > 0


def test_contrast_is_the_likeliest_against_the_second(mlp: Model) -> None:
    x, _ = planted(1, seed=8)
    ranked = np.argsort(-mlp.predict(x)[0])
    found = asked(mlp, "contrast")
    assert (found.target, found.against) == tuple(ranked[:2])
    assert found.counterfactual is not None
    assert mlp.predict(found.counterfactual.edited[None]).argmax() == found.against
    assert asked(mlp, None, against=int(ranked[2])).method == "contrast"
    other = asked(mlp, "contrast", of=int(ranked[2]), against=int(ranked[0]))
    assert other.counterfactual is not None
    assert (
        other.counterfactual.answer == ranked[2]
    )  # `against` is already predicted: the edit goes the other way


def test_without_an_edit_it_says_so(mlp: Model) -> None:
    x, _ = planted(1, seed=8)
    found = asked(mlp, "contrast", bounds=(x[0], x[0]))
    assert found.counterfactual is None
    assert any("No edit" in warning for warning in found.warnings)


def test_an_attribution_of_nothing_says_so(mlp: Model) -> None:
    x, _ = planted(1, seed=8)
    found = asked(mlp, "gradient-times-input", baseline=x[0])
    assert "0 everywhere" in found.warnings[0]


@pytest.mark.parametrize(
    ("method", "options", "message"),
    [
        ("integrated-gradient", {}, "Did you mean 'integrated-gradients'"),
        ("contrast", {"bounds": None}, "Pass bounds="),
        ("nearest", {"training": None}, "Pass training="),
        ("saliency", {"of": 5}, "there is no class 5"),
    ],
)
def test_what_can_not_be_answered(mlp: Model, method: str, options: Any, message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        asked(mlp, method, **options)


def test_one_output_has_no_contrast() -> None:
    model = Model([Dense(1, "sigmoid")], (4,))
    with pytest.raises(GlassnetError, match=r"two classes.*Use another method"):
        asked(model, "contrast", x=np.ones(4))
