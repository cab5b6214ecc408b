"""The part of a report on the weights of a network that was trained before."""

from pathlib import Path
from typing import Any

import pytest

from glassnet import Model
from glassnet.report.changes import changes, is_changes
from glassnet.report.report import write_report
from glassnet.runs import prepare
from tests import crashing
from tests.pages.test_html import Read

VALUES: dict[str, Any] = {
    "trained": 8, "frozen": 120, "frozen_layers": ["body", "<b>"], "sha256": "ab" * 32,
    "layers": {"head": 0.125, "": None}, "unmoved": {},
}  # fmt: skip


def text_of(values: dict[str, Any] | None) -> str:
    return " ".join("".join(Read(changes(values)).texts).split())


def test_the_proof_is_told() -> None:
    text = text_of(VALUES)
    assert "120 weights were frozen (in body and <b>)" in text
    assert f"before and after the training are equal: sha256 {'ab' * 32}." in text
    assert "8 weights were trained. Every trained array has moved." in text
    assert "12.5%" in text
    assert "from 0" in text


def test_merged_weights_are_not_those_of_before() -> None:
    text = text_of(VALUES | {"merged": 100})
    assert "Then adapters were merged into 100 of them: these differ in the model" in text
    assert "adapters" not in text_of(VALUES | {"merged": 0})


def test_arrays_that_did_not_move_are_named_and_without_frozen_ones_there_is_no_hash() -> None:
    unmoved = {"head/bias": None, "head/kernel": "its gradient is 0"}
    text = text_of(VALUES | {"unmoved": unmoved, "sha256": None, "frozen": 0})
    assert "head/bias has not moved." in text
    assert "head/kernel has not moved: its gradient is 0." in text
    assert "Every" not in text
    assert "frozen" not in text


def test_other_runs_say_nothing() -> None:
    assert text_of(None) == ""


@pytest.mark.parametrize(
    "change",
    [
        {"trained": "8"}, {"frozen_layers": [1]}, {"sha256": 3}, {"layers": {"a": "b"}},
        {"unmoved": ["a"]}, {"unmoved": {"a": 1}}, {"merged": "1"}, {"more": 1},
    ],
)  # fmt: skip
def test_other_forms_are_refused(change: dict[str, Any]) -> None:
    assert is_changes(VALUES)
    assert is_changes(None)
    assert not is_changes(VALUES | change)
    assert not is_changes([])


def test_a_report_of_a_fine_tuned_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build = prepare.new_model

    def fine_tuned(data: Any) -> Model:
        model = build(data)
        layer = model.get_layer("dense")
        layer.set_weights([weight * 2 for weight in layer.get_weights()])
        layer.trainable = False
        return model

    crashing.data_file(tmp_path / "data.npz")
    with monkeypatch.context() as patch:
        patch.setattr(prepare, "new_model", fine_tuned)
        run = crashing.train(tmp_path / "run", epochs=1).run
    html = write_report(str(run.folder)).read_text(encoding="utf-8")
    text = " ".join("".join(Read(html).texts).split())
    assert "Changes of the weights" in text
    assert run.read("metrics.json")["changes"]["sha256"] in text
    assert text.count("70 of 188 weights are trained; frozen: dense.") == 2  # network, model card
    assert "96 weights, frozen" in text  # in the diagram
    assert "Trainable" in text
