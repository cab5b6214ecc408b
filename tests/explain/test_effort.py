"""What is computed for an explanation follows the time of a gradient."""

import numpy as np
import pytest

from glassnet import Model
from glassnet.core.arrays import Array
from glassnet.explain import Question, explain
from glassnet.explain.effort import FULL, Effort, affordable
from glassnet.explain.score import Score, score_of
from tests.explain.conftest import planted


def test_a_slow_network_gets_less(mlp: Model) -> None:
    x = planted(1, seed=8)[0][0]
    score = score_of(mlp.network, mlp.params, 3, 0)
    assert affordable(score, x, 60.0) == FULL
    assert FULL.sentence() == ""
    least = affordable(score, x, 0.0)
    assert least == Effort(64, 8, 8)
    assert "64 intervals for the attributions instead of 1024" in least.sentence()


def test_less_is_computed_and_the_result_says_so(
    cnn: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    x = planted(1, seed=8)[0]
    counts: dict[str, int] = {}

    def counted(name: str) -> None:
        compute = getattr(Score, name)

        def count(self: Score, examples: Array) -> Array:
            counts[name] = counts.get(name, 0) + len(examples)
            result: Array = compute(self, examples)
            return result

        monkeypatch.setattr(Score, name, count)

    counted("gradients")
    question = Question(x[0], against=int(np.argmin(cnn.predict(x)[0])), bounds=(0, 1))
    whole = explain(cnn.network, cnn.params, question, dtype="float32")
    of_all, counts["gradients"] = counts["gradients"], 0
    effort = Effort(intervals=32, steps=4, edits=0)
    less = explain(cnn.network, cnn.params, question, dtype="float32", effort=effort)
    assert counts["gradients"] == 32 + 19 * 4 < of_all
    assert whole.counterfactual is not None
    assert less.counterfactual is None
    assert any("in 0 steps" in warning for warning in less.warnings)
