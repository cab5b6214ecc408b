"""Worker processes work where their parent does."""

import threading
import time
from contextlib import chdir
from pathlib import Path

import pytest

from glassnet.core.errors import GlassnetError
from glassnet.tuning.processes import WATCH, run_workers


def write_here(name: str) -> None:
    Path(name).write_text("here")


def test_workers_of_a_second_call_are_in_the_folder_of_now(tmp_path: Path) -> None:
    for name in ("first", "second"):
        folder = tmp_path / name
        folder.mkdir()
        with chdir(folder):
            run_workers(1, write_here, name, watch=lambda: None)
        assert [path.name for path in folder.iterdir()] == [name]


def test_an_error_while_watching_is_raised_once_and_not_by_a_thread() -> None:
    """A database that was stopped: the error is that of the command, without a traceback."""
    calls = []

    def watch() -> None:
        calls.append(threading.current_thread() is threading.main_thread())
        raise GlassnetError("the database is gone.")

    with pytest.raises(GlassnetError, match="gone"):
        run_workers(1, time.sleep, 2.5 * WATCH, watch=watch)
    assert calls == [False, True]
