"""Locks that end with the process that holds them."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from glassnet import GlassnetError
from glassnet.tuning.locks import FileLocks, Locks, PostgresLocks, is_held, locked
from tests.tuning.postgres import _socket, database  # noqa: F401

HOLD = """
import sys
from glassnet.tuning.locks import FileLocks, PostgresLocks
from pathlib import Path
if sys.argv[1].startswith("postgresql"):
    from sqlalchemy import create_engine
    locks = PostgresLocks(create_engine(sys.argv[1].replace(":", "+psycopg:", 1)), "study")
else:
    locks = FileLocks(Path(sys.argv[1]))
locks.acquire("a", wait=True)
print("locked", flush=True)
input()
"""


@contextmanager
def holder(place: str) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the lock `a`."""
    command = [sys.executable, "-c", HOLD, place]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "locked\n"
        yield process
        process.kill()


@pytest.fixture(params=["file", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The folder or the database of the locks."""
    if request.param == "file":
        return str(tmp_path / "locks")
    return str(request.getfixturevalue("database"))


def locks_in(place: str) -> Locks:
    if not place.startswith("postgresql"):
        return FileLocks(Path(place))
    from sqlalchemy import create_engine

    return PostgresLocks(create_engine(place.replace(":", "+psycopg:", 1)), "study")


def test_a_lock_is_held_by_one_until_it_is_released(place: str) -> None:
    first, second = locks_in(place), locks_in(place)
    assert first.acquire("a", wait=False)
    assert not second.acquire("a", wait=False)
    assert is_held(second, "a")
    assert not is_held(second, "b")
    first.release("a")
    assert not is_held(second, "a")
    with locked(second, "a"):
        assert is_held(first, "a")
    assert not is_held(first, "a")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_lock_ends_with_its_process(place: str, number: signal.Signals) -> None:
    with holder(place) as process:
        locks = locks_in(place)
        assert is_held(locks, "a")
        process.send_signal(number)
        process.wait()
        assert locks.acquire("a", wait=True)  # the server may need a moment to notice
        locks.release("a")


def test_one_waits_for_the_other(place: str) -> None:
    first, second = locks_in(place), locks_in(place)
    order = []
    first.acquire("a", wait=True)

    def take() -> None:
        second.acquire("a", wait=True)
        order.append("second")

    thread = threading.Thread(target=take)
    thread.start()
    time.sleep(0.05)
    order.append("first")
    first.release("a")
    thread.join()
    assert order == ["first", "second"]


def test_a_folder_that_cannot_be_written_is_one_error(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(GlassnetError, match="--out"):
        FileLocks(file / "locks")
