"""A run's folder: what it takes for its own, and what it reads."""

import json
import math
import os
from pathlib import Path

import pytest

from glassnet.core.errors import GlassnetError
from glassnet.model.model import Model
from glassnet.runs.run import CONFIG_FILE, HISTORY_FILE, HistoryFile, Run
from glassnet.training.callbacks import Record
from glassnet.training.callbacks.backup_and_restore import FILES


def test_a_folder_of_somebody_else_s_is_never_taken(tmp_path: Path) -> None:
    theirs = tmp_path / "thesis"
    theirs.mkdir()
    (theirs / "chapter.tex").write_text("ten years")
    with pytest.raises(GlassnetError, match=r"already exists.* Choose another --name"):
        Run.create(tmp_path, "thesis", "data")
    assert (theirs / "chapter.tex").read_text() == "ten years"


@pytest.mark.parametrize("left", [(), (f".{CONFIG_FILE}.0a1b.part",)])
def test_what_a_killed_process_left_may_begin_again(tmp_path: Path, left: tuple[str, ...]) -> None:
    (tmp_path / "a").mkdir()
    for name in left:
        (tmp_path / "a" / name).touch()
    run = Run.create(tmp_path, "a", "data")
    run.remove_partial_files()
    assert not list(run.folder.iterdir())


def test_a_path_that_is_not_unicode_is_refused_before_there_is_a_folder(tmp_path: Path) -> None:
    with pytest.raises(GlassnetError, match=r"--out: has the path .*\\udcff', which is not valid"):
        Run.create(f"{tmp_path}/\udcff", "a", "data")
    assert not list(tmp_path.iterdir())
    run = Run.create(tmp_path, "a", "data")
    with pytest.raises(GlassnetError, match=r"config\.json: has the path 'b\\udcff', which is not"):
        run.write(CONFIG_FILE, {"a": "a", "path": Path("b\udcff"), "c": "c"})
    assert not list(run.folder.iterdir())


def test_a_folder_named_for_its_data_has_a_printable_name(tmp_path: Path) -> None:
    assert Run.create(tmp_path, None, "a\x1b[31m\u202e\udcff b").folder.name == "a__31m___b-1"


def test_remove_takes_only_its_own_files(tmp_path: Path) -> None:
    run = Run.create(tmp_path, "a", "data")
    run.write(CONFIG_FILE, {})
    (run.folder / "notes.txt").write_text("mine")
    assert not run.remove()
    assert [path.name for path in run.folder.iterdir()] == ["notes.txt"]
    (run.folder / "notes.txt").unlink()
    assert run.remove()
    assert not run.folder.exists()


def test_what_is_not_finite_is_null_in_the_files(tmp_path: Path) -> None:
    run = Run.create(tmp_path, "a", "data")
    file = HistoryFile(run)
    file.on_epoch_end(Record(0, 2, logs={"loss": 1.0}, seconds=1.0))
    file.on_epoch_end(Record(1, 2, logs={"loss": math.nan, "f1": math.inf}, seconds=1.0))
    assert "null" in (run.folder / HISTORY_FILE).read_text()
    first, second = run.history()
    assert first["loss"] == 1.0
    assert all(map(math.isnan, (first["f1"], second["loss"], second["f1"])))
    run.write("numbers.json", {"test": {"loss": math.inf, "interval": (0.5, math.nan)}})
    assert run.read("numbers.json") == {"test": {"loss": None, "interval": [0.5, None]}}


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe{}", b"[1]", b'{"epoch": 0}', b'{"epoch": 0.5, "loss": 1.0}',
     b'{"epoch": 0, "loss": "low"}', b'{"epoch": 0, "loss": NaN}', b""],
)  # fmt: skip
def test_a_history_of_a_stranger_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / HISTORY_FILE).write_bytes(content)
    with pytest.raises(GlassnetError, match=HISTORY_FILE):
        Run(tmp_path).history()


def test_what_is_no_file_or_too_large_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / HISTORY_FILE)
    with pytest.raises(GlassnetError, match="is not a file"):
        Run(tmp_path).history()
    (tmp_path / CONFIG_FILE).write_bytes(json.dumps({"a": "b" * 2**22}).encode())
    with pytest.raises(GlassnetError, match="more than 4,194,304"):
        Run(tmp_path).read(CONFIG_FILE)


def test_a_training_that_has_not_ended_says_how_far_it_came(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.write("config.json", {"settings": {"epochs": 4}})
    assert run.unfinished_note == "training has not ended: 0 of 4 epochs are done."
    assert run.resume_hint == ""
    (tmp_path / "history.jsonl").write_text('{"epoch": 0, "loss": 1.0}\n')
    (tmp_path / FILES[0]).write_bytes(b"")
    assert "1 of 4 epochs" in run.unfinished_note
    assert run.resume_hint == f"To resume: glassnet resume {tmp_path}"
    run.write("config.json", {"imported": "a.keras"})
    assert run.unfinished_note == ""
    run.write("config.json", {"settings": {"epochs": 4}})
    run.write("metrics.json", {})
    assert run.unfinished_note == ""


def test_a_history_is_durable_before_training_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its only other copy, the checkpoints, are removed then."""
    flushed: list[Path] = []
    monkeypatch.setattr("glassnet.runs.run.make_durable", flushed.append)
    file = HistoryFile(Run(tmp_path))
    file.on_train_end(Record(0, 2))
    assert not flushed  # interrupted before the first epoch: there is no file
    file.on_epoch_end(Record(0, 2, logs={"loss": 1.0}, seconds=1.0))
    file.on_train_end(Record(1, 2))
    assert flushed == [tmp_path / HISTORY_FILE]


def test_an_error_before_anything_was_learned_leaves_no_folder(tmp_path: Path) -> None:
    for learned in (False, True):
        run = Run.create(tmp_path, "a", "data")
        run.write(CONFIG_FILE, {})
        if learned:
            (run.folder / FILES[0]).write_bytes(b"")
        with pytest.raises(GlassnetError, match="no space"), run.removed_on_error():
            raise GlassnetError("no space left")
        assert run.folder.exists() == learned


def test_an_import_that_was_killed_may_begin_again(tmp_path: Path) -> None:
    run = Run.create(tmp_path, "a", "data")
    run.write(CONFIG_FILE, {"imported": "a.keras"})
    run = Run.create(tmp_path, "a", "data")
    run.write(CONFIG_FILE, {"imported": "a.keras"})
    run.model.touch()
    with pytest.raises(GlassnetError, match="already exists"):
        Run.create(tmp_path, "a", "data")


def test_where_runs_can_not_be_created(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    for out, words in (
        ("file", "is not a folder"), ("file/x", "Not a directory"), ("loop", "is not a folder"),
        ("loop/x", "Too many levels"), ("n" * 300, "File name too long"),
    ):  # fmt: skip
        with pytest.raises(GlassnetError, match=rf"{words}.*--out"):
            Run.create(tmp_path / out, None, "data")


def test_an_empty_history_of_a_run_that_has_ended_is_damage(tmp_path: Path) -> None:
    (tmp_path / HISTORY_FILE).touch()
    with pytest.raises(GlassnetError, match=r"no epochs yet. Train longer"):
        Run(tmp_path).history()
    Run(tmp_path).write("metrics.json", {})
    with pytest.raises(GlassnetError, match="damaged"):
        Run(tmp_path).history()


def test_a_run_that_does_not_exist_names_those_that_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("runs/nope", "nope", "runs/nope/model.safetensors"):
        with pytest.raises(GlassnetError, match="There are no runs yet"):
            Model.load(folder)
    for i in range(10):
        (tmp_path / f"runs/digits-{i}").mkdir(parents=True)
        Run(tmp_path / f"runs/digits-{i}").write(CONFIG_FILE, {})
        os.utime(tmp_path / f"runs/digits-{i}" / CONFIG_FILE, (i, i))
    absolute = tmp_path / "runs/nope"  # next to the same runs
    for read in (
        lambda: Run("runs/nope").read(CONFIG_FILE),
        lambda: Model.load("nope"),
        lambda: Model.load(absolute),
    ):
        with pytest.raises(GlassnetError, match="no such run") as error:
            read()
        assert "newest first: runs/digits-9, runs/digits-8, " in error.value.fix
        assert error.value.fix.endswith("runs/digits-2, and 2 more.")
