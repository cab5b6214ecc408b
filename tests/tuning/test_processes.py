"""Worker processes work where their parent does."""

from contextlib import chdir
from pathlib import Path

from glassnet.tuning.processes import run_workers


def write_here(name: str) -> None:
    Path(name).write_text("here")


def test_workers_of_a_second_call_are_in_the_folder_of_now(tmp_path: Path) -> None:
    for name in ("first", "second"):
        folder = tmp_path / name
        folder.mkdir()
        with chdir(folder):
            run_workers(1, write_here, name, watch=lambda: None)
        assert [path.name for path in folder.iterdir()] == [name]
