"""The model that a training starts from: found again or not, and recognized by its weights."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from glassnet.core.errors import GlassnetError
from glassnet.model.model import Model
from glassnet.runs.repeat import repeat_run
from glassnet.runs.resume import resume_training
from glassnet.runs.run import START_FILE
from glassnet.runs.settings import Settings
from glassnet.runs.source import Source
from glassnet.training.callbacks.backup_and_restore import FILES
from tests import crashing


@pytest.fixture
def tuned(tmp_path: Path) -> Path:
    """A run that was fine-tuned from tmp_path/source.safetensors."""
    crashing.data_file(tmp_path / "data.npz")
    crashing.train(tmp_path / "run", "numpy+from")
    return tmp_path / "run"


def test_the_run_records_where_it_started(tuned: Path) -> None:
    config = json.loads((tuned / "config.json").read_text())
    source = Source.of(Settings(from_=str(tuned.parent / "source.safetensors")))
    assert source is not None
    assert config["from"]["sha256"] == source.sha256
    assert config["from"]["head"] == "dense_2"
    assert config["from"]["new"] == []
    assert config["settings"]["network"] == "source"
    assert "scaling" not in config["settings"]
    assert "hidden" not in config["settings"]


def test_a_run_is_resumed_without_its_source_and_can_t_be_repeated(tuned: Path) -> None:
    whole = crashing.result(tuned)
    (tuned.parent / "source.safetensors").rename(tuned.parent / "elsewhere")
    with pytest.raises(GlassnetError, match="is gone: the run was fine-tuned from it"):
        repeat_run(tuned, out=str(tuned.parent))
    for name in (*FILES, "model.safetensors", "metrics.json", "history.jsonl"):
        (tuned / name).unlink()
    resume_training(tuned)  # from the beginning
    assert crashing.result(tuned)["model"] == whole["model"]


def test_other_weights_are_no_longer_the_source(tuned: Path) -> None:
    path = tuned.parent / "source.safetensors"
    assert repeat_run(tuned, out=str(tuned.parent)).identical
    other = Model.load(path)
    other.params["dense"]["kernel"][0, 0] += 1
    other.save(path)
    with pytest.raises(GlassnetError, match="has other weights than the run was started from"):
        repeat_run(tuned, out=str(tuned.parent))


def test_without_any_copy_the_run_can_t_be_resumed(tuned: Path) -> None:
    for name in (*FILES, START_FILE, "metrics.json", "history.jsonl"):
        (tuned / name).unlink()
    shutil.rmtree(tuned.parent / "source")
    (tuned.parent / "source.safetensors").unlink()
    with pytest.raises(GlassnetError, match="no such run or model file"):
        resume_training(tuned)


def test_a_model_of_other_data_is_refused(tuned: Path) -> None:
    source = Source.of(Settings(from_=str(tuned)))
    assert source is not None
    source.require_kind("numbers", "digits")
    with pytest.raises(GlassnetError, match="reads arrays of numbers; sms contains texts"):
        source.require_kind("texts", "sms")
    with pytest.raises(GlassnetError, match="glassnet import"):
        replace(source, path="x.keras").require_kind("texts", "sms")


def test_a_fine_tuned_run_is_a_source_of_the_same_network(tuned: Path) -> None:
    source = Source.of(Settings(from_=str(tuned.parent / "source")))
    assert source is not None
    assert source.network == "mlp"
    crashing.train(tuned.parent / "second", "numpy+from", from_=str(tuned), unfreeze_at=None)
    config = json.loads((tuned.parent / "second/config.json").read_text())
    assert config["from"]["path"] == str(tuned)
