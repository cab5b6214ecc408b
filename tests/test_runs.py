"""A run's folder: what it takes for its own, and what it reads."""

from pathlib import Path

import pytest

from glassnet.errors import GlassnetError
from glassnet.runs import CONFIG_FILE, Run


def test_a_folder_of_somebody_else_s_is_never_taken(tmp_path: Path) -> None:
    theirs = tmp_path / "thesis"
    theirs.mkdir()
    (theirs / "chapter.tex").write_text("ten years")
    with pytest.raises(GlassnetError, match="exists already.* Choose another --name"):
        Run.create(tmp_path, "thesis", "data", again=True)
    assert (theirs / "chapter.tex").read_text() == "ten years"


@pytest.mark.parametrize("left", [(), (f".{CONFIG_FILE}.0a1b.part",)])
def test_what_a_killed_process_left_may_begin_again(tmp_path: Path, left: tuple[str, ...]) -> None:
    (tmp_path / "a").mkdir()
    for name in left:
        (tmp_path / "a" / name).touch()
    with pytest.raises(GlassnetError, match="exists already"):
        Run.create(tmp_path, "a", "data")
    run = Run.create(tmp_path, "a", "data", again=True)
    run.sweep()
    assert not list(run.folder.iterdir())


def test_remove_takes_only_its_own_files(tmp_path: Path) -> None:
    run = Run.create(tmp_path, "a", "data")
    run.write(CONFIG_FILE, {})
    (run.folder / "notes.txt").write_text("mine")
    assert not run.remove()
    assert [path.name for path in run.folder.iterdir()] == ["notes.txt"]
    (run.folder / "notes.txt").unlink()
    assert run.remove()
    assert not run.folder.exists()
