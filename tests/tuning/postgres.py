"""A PostgreSQL server for tests, from the system's package, in a folder of its own."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

_NUMBERS = count()
_PLACES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))  # Debian's


def _program(name: str) -> str | None:
    return shutil.which(name, path=os.pathsep.join([*map(str, _PLACES[-1:]), os.environ["PATH"]]))


@pytest.fixture
def database(_socket: str) -> str:
    """The URL of a new database of a server that listens on a Unix socket only."""
    import psycopg

    name = f"test_{next(_NUMBERS)}"
    with psycopg.connect(f"host={_socket} user=test dbname=postgres", autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}".encode())
    return f"postgresql://test@/{name}?host={_socket}"


@pytest.fixture(scope="session")
def _socket() -> Iterator[str]:
    """The folder of the server's socket."""
    pytest.importorskip("psycopg", reason="psycopg is not installed: glassnet[postgresql]")
    initdb, control = _program("initdb"), _program("pg_ctl")
    if initdb is None or control is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = user if user in names else "nobody"  # the server refuses to run as root
    with tempfile.TemporaryDirectory(prefix="glassnet-pg-") as folder:  # short: a socket's path
        if os.getuid() == 0:
            shutil.chown(folder, user)
        data = Path(folder, "data")

        def run(*command: str) -> None:
            options = {"user": user, "cwd": folder} if os.getuid() == 0 else {"cwd": folder}
            done = subprocess.run(command, capture_output=True, text=True, **options)  # type: ignore[call-overload]
            assert done.returncode == 0, done.stdout + done.stderr

        run(initdb, "-D", str(data), "-U", "test", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
        run(control, "-D", str(data), "-l", f"{folder}/log", "-w", "-o", options, "start")
        try:
            yield folder
        finally:
            run(control, "-D", str(data), "-m", "immediate", "-w", "stop")
