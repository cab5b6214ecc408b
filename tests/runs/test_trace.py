from pathlib import Path

import numpy as np
import pytest

import glassnet as gn
from glassnet.core.errors import GlassnetError
from glassnet.runs.trace import checkpoint_state, trace_run

TEXTS = [f"a {word} film {i % 3}" for i, word in enumerate(["good", "bad"] * 40)]


def trained(folder: Path, **options: object) -> gn.Model:
    one = gn.Sequential([gn.Dense(6, "relu"), gn.Dense(3, "softmax")])
    one.build((4,))
    one.compile("adam", "sparse_categorical_crossentropy")
    backup = gn.BackupAndRestore(folder, delete_checkpoint=False)
    rng = np.random.default_rng(0)
    one.fit(rng.random((20, 4)), rng.integers(0, 3, 20), epochs=2, verbose=0, callbacks=backup)
    one.save(folder / "model.safetensors")
    return one


def test_the_optimizer_s_state_is_that_of_the_checkpoint(tmp_path: Path) -> None:
    one = trained(tmp_path)
    state = checkpoint_state(str(tmp_path), gn.load_model(tmp_path / "model.safetensors"))
    assert state is not None
    assert state.step == 2
    trace = gn.trace(one, np.ones(4), 1, optimizer_state=state)
    momentum = trace.layer("dense").slots["momentum of kernel"].value
    np.testing.assert_allclose(momentum, one._slots["momentum"]["dense"]["kernel"])
    assert not any("first step" in note for note in trace.notes)


def test_a_run_without_one_has_none(tmp_path: Path) -> None:
    one = trained(tmp_path)
    (tmp_path / "checkpoint.safetensors").unlink()
    assert checkpoint_state(str(tmp_path), one) is None


def test_a_checkpoint_that_can_t_be_read_is_reported(tmp_path: Path, messages: list[str]) -> None:
    one = trained(tmp_path)
    (tmp_path / "checkpoint.safetensors").write_bytes(b"damaged")
    assert checkpoint_state(str(tmp_path), one) is None
    assert any("The model file is used" in message for message in messages)


def test_a_text_has_the_predicted_class_or_one_that_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from glassnet.runs.data import chosen_settings
    from glassnet.runs.train import run_training

    monkeypatch.chdir(tmp_path)
    rows = [f"{text},{'good' in text}" for text in TEXTS]
    Path("texts.csv").write_text("\n".join(["text,label", *rows]) + "\n")
    run_training(chosen_settings("texts.csv", target=["label"], epochs=1), name="texts")
    traced = trace_run("runs/texts", "a good film")
    assert traced.prediction.startswith(traced.target)
    assert "the loss is that of the predicted class" in traced.notes[0]
    other = "False" if traced.target == "True" else "True"
    given = trace_run("runs/texts", "a good film", target=other)
    assert given.target == other
    assert given.trace.loss.value > traced.trace.loss.value
    assert str(given.trace.layer("embedding").d_input).startswith("not computed: its inputs are")
    with pytest.raises(GlassnetError, match=r"--target: no class 'maybe'|unknown class 'maybe'"):
        trace_run("runs/texts", "a good film", target="maybe")
