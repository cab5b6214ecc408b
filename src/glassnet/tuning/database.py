"""Databases in which trials are stored, so that many machines can work on one study."""

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from optuna.storages import RDBStorage
from sqlalchemy import NullPool, create_engine

from glassnet.core.errors import GlassnetError
from glassnet.tuning.locks import FileLocks, Locks, PostgresLocks, locked

_TABLES = "tables"  # the lock under which they are created
_WHERE = "--storage"
# A connection whose machine is gone ends within half a minute, and its locks with it.
_KEEPALIVE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
_CONNECTION = {"connect_timeout": 10, **_KEEPALIVE}


def open_database(url: str, study: str, files: FileLocks) -> tuple[RDBStorage, Locks]:
    """Return Optuna's storage in the database of a URL, and the locks of a study in it: those of
    the server, or `files` for SQLite. Raises if the database can't be opened.
    """
    kind = url.partition(":")[0].partition("+")[0]
    if kind not in ("postgresql", "sqlite"):
        raise GlassnetError(
            f"{kind!r} is not a supported database.",
            where=_WHERE,
            fix="Give a URL such as postgresql://user@host/database or sqlite:///FILE; without "
            "--storage, a file in the study's folder is used.",
        )
    if url in ("sqlite://", "sqlite:///", "sqlite:///:memory:"):
        what = "is in memory, where other processes don't see it."
        raise GlassnetError(what, where=_WHERE, fix="Name a file: sqlite:///study.db")
    with _clear_errors():
        if kind == "sqlite":
            return _opened(url, files, {}), files
        url = url.replace("postgresql:", "postgresql+psycopg:", 1)  # the driver, if none is named
        engine = create_engine(url, poolclass=NullPool, connect_args=_CONNECTION)
        database = _opened(url, PostgresLocks(engine, ""), {"connect_args": _CONNECTION})
        return database, PostgresLocks(engine, study)


def _opened(url: str, locks: Locks, options: dict[str, Any]) -> RDBStorage:
    with locked(locks, _TABLES):
        database = RDBStorage(url, engine_kwargs={"pool_pre_ping": True, **options})
    weakref.finalize(database, database.engine.dispose)
    return database


@contextmanager
def _clear_errors() -> Iterator[None]:
    """Context in which the errors of databases and their drivers are one clear error each."""
    try:
        yield
    except ImportError as error:
        fix = "Run: pip install 'glassnet[postgresql]', and write postgresql://..."
        what = f"the database's driver is not installed ({error})."
        raise GlassnetError(what, where=_WHERE, fix=fix) from error
    except Exception as error:  # SQLAlchemy's, of many kinds
        reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        what = f"the database can't be opened: {reason.removesuffix('.')}."
        fix = "Check host, port, user, password and the database's name."
        raise GlassnetError(what, where=_WHERE, fix=fix) from error
