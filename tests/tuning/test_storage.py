"""Where trials are stored."""

import json
import re
import resource
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.trial import FrozenTrial, TrialState, create_trial

from glassnet import GlassnetError
from glassnet.tuning.storage import JOURNAL
from tests.tuning.postgres import _socket, database  # noqa: F401
from tests.tuning.studies import definition_of, storage_in


def waiting(number: int) -> FrozenTrial:
    return create_trial(state=TrialState.WAITING, user_attrs={"number": number})


@pytest.fixture(params=["journal", "sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str | None:
    """The storage of a study."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("database"))
    return None if request.param == "journal" else f"sqlite:///{tmp_path / 'study.db'}"


def test_each_storage_gives_back_what_was_stored(tmp_path: Path, url: str | None) -> None:
    name = tmp_path.name  # all tests share one database
    storage = storage_in(tmp_path, url=url, name=name)
    storage.create([waiting(0), waiting(1)])
    first, second = storage.trials()
    storage.start(first)
    storage.set(first, "worker", {"name": "host", "scores": [0.1 + 0.2]})
    storage.report(first, 1, 1 / 3)
    storage.end(first, TrialState.COMPLETE, 0.1 + 0.2)
    storage.end(second, TrialState.FAIL)
    again = storage_in(tmp_path, url=url, name=name)
    first, second = again.trials()
    assert (first.number, first.state, first.value) == (0, TrialState.COMPLETE, 0.1 + 0.2)
    assert first.user_attrs == {"number": 0, "worker": {"name": "host", "scores": [0.1 + 0.2]}}
    assert first.intermediate_values == {1: 1 / 3}
    assert (second.number, second.state) == (1, TrialState.FAIL)
    sibling = again.sibling("fresh")
    sibling.create([waiting(7)])
    assert [t.user_attrs["number"] for t in storage.sibling("fresh").trials()] == [7]
    assert len(again.trials()) == 2


def test_the_best_of_many_processes_creates_the_study(tmp_path: Path, url: str | None) -> None:
    storages: list[Any] = []
    threads = [
        threading.Thread(
            target=lambda: storages.append(
                storage_in(tmp_path, url=url, name=tmp_path.name).sibling("fresh")
            )
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({storage.study_id for storage in storages}) == 1
    assert len(storages) == 4


def test_another_study_of_the_same_name_is_refused(tmp_path: Path, url: str | None) -> None:
    storage_in(tmp_path, url=url, name=tmp_path.name)
    other = definition_of(seed=1)
    with pytest.raises(GlassnetError, match=r"another study of the name .*Choose another --name"):
        storage_in(tmp_path, other, url, tmp_path.name)
    storage_in(tmp_path, other, url, f"{tmp_path.name}-other")


def test_optuna_opens_the_same_storage(tmp_path: Path) -> None:
    storage = storage_in(tmp_path)
    storage.create([waiting(0)])
    backend = optuna.storages.journal.JournalFileBackend(str(tmp_path / JOURNAL))
    study = optuna.load_study(study_name="study", storage=optuna.storages.JournalStorage(backend))
    assert study.direction == optuna.study.StudyDirection.MAXIMIZE
    assert [t.user_attrs for t in study.trials] == [{"number": 0}]


@pytest.mark.parametrize("rest", ["", '{"op_code": 4, "wor', "{", '{"op_code": 8, "trial_id": 0}'])
def test_the_half_line_of_a_killed_process_is_removed(tmp_path: Path, rest: str) -> None:
    storage_in(tmp_path).create([waiting(0)])
    with open(tmp_path / JOURNAL, "a") as file:
        file.write(rest)
    storage = storage_in(tmp_path)
    assert len(storage.trials()) == 1
    storage.create([waiting(1)])
    assert [t.user_attrs["number"] for t in storage_in(tmp_path).trials()] == [0, 1]
    for line in (tmp_path / JOURNAL).read_text().splitlines():
        json.loads(line)


def test_a_storage_that_is_open_goes_on_after_a_half_line_of_another_process(
    tmp_path: Path,
) -> None:
    ours, theirs = storage_in(tmp_path), storage_in(tmp_path)
    ours.create([waiting(0)])
    with open(tmp_path / JOURNAL, "a") as file:
        file.write('{"op_code": 4, "worker_id": "a very long beginning of a line')
    assert len(theirs.trials()) == 1  # reads to the end of the file
    ours.create([waiting(1)])
    theirs.create([waiting(2)])
    for storage in (ours, theirs):
        assert [t.user_attrs["number"] for t in storage.trials()] == [0, 1, 2]


@pytest.mark.parametrize("content", [b"\x00" * 100 + b"\n", b"no JSON\n{}\n", b'{"op_code": 4}\n'])
def test_a_damaged_journal_is_one_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / JOURNAL).write_bytes(content)
    with pytest.raises(GlassnetError, match=rf"{JOURNAL}.*is damaged"):
        storage_in(tmp_path)


def test_two_processes_write_into_one_journal(tmp_path: Path) -> None:
    program = (
        "from pathlib import Path; from tests.tuning.test_storage import waiting, storage_in\n"
        f"storage = storage_in(Path({str(tmp_path)!r}))\n"
        "for number in range(100): storage.create([waiting(number)])"
    )
    processes = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(2)]
    assert [process.wait() for process in processes] == [0, 0]
    trials = storage_in(tmp_path).trials()
    assert [t.number for t in trials] == list(range(200))
    numbers = sorted(t.user_attrs["number"] for t in trials)
    assert numbers == sorted([*range(100), *range(100)])


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://host/db", r"'mysql' is not a supported database.*postgresql://"),
        ("redis://host", "'redis' is not a supported database"),
        ("study.db", r"'study.db' is not a supported database.*sqlite:///FILE"),
        ("", "'' is not a supported database"),
        ("sqlite:////nowhere/at/all.db", "can't be opened: unable to open database file"),
        ("sqlite:", "can't be opened"),
    ],
)
def test_other_storages_are_one_clear_error(tmp_path: Path, url: str, message: str) -> None:
    with pytest.raises(GlassnetError, match=message) as caught:
        storage_in(tmp_path, url=url)
    assert caught.value.where == "--storage"
    assert "\n" not in str(caught.value)


def test_a_missing_driver_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(GlassnetError, match=r"driver is not installed.*glassnet\[postgresql\]"):
        storage_in(tmp_path, url="postgresql+pg8000://host/db")


@pytest.mark.parametrize(
    "url", ["postgresql://u@127.0.0.1:1/db", "postgresql+psycopg://u@/db?host=/nowhere"]
)
def test_an_unreachable_server_is_one_clear_error(tmp_path: Path, url: str) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(GlassnetError, match=r"can't be opened.*[^.]\. Check host, port") as caught:
        storage_in(tmp_path, url=url)
    assert "\n" not in str(caught.value)


def test_a_database_that_does_not_exist_is_one_clear_error(
    tmp_path: Path,
    database: str,  # noqa: F811
) -> None:
    with pytest.raises(GlassnetError, match='database "none" does not exist'):
        storage_in(tmp_path, url=re.sub("/test_[0-9]+", "/none", database))


def test_a_full_disk_is_one_error_and_nothing_is_lost(tmp_path: Path) -> None:
    storage = storage_in(tmp_path)
    storage.create([waiting(0)])
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = (tmp_path / JOURNAL).stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20, hard))
    try:
        with pytest.raises(GlassnetError, match=rf"{JOURNAL}: can't be written: .*goes on"):
            storage.create([waiting(1)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    storage_in(tmp_path).create([waiting(2)])
    assert [t.user_attrs["number"] for t in storage_in(tmp_path).trials()] == [0, 2]
