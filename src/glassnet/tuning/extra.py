"""Optuna, which the extra `tune` installs."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from glassnet.core.errors import GlassnetError


def require_optuna(where: str = "glassnet tune") -> None:
    """Raise if Optuna is not installed."""
    if find_spec("optuna") is None:
        raise GlassnetError(
            "optuna is not installed.", where=where, fix="Run: pip install 'glassnet[tune]'"
        )


_LEVEL = threading.RLock()  # while the level of Optuna's messages is another


@contextmanager
def quiet() -> Iterator[None]:
    """Context in which Optuna's messages are warnings and errors only; then as the user set it."""
    from optuna import logging

    with _LEVEL:
        before = logging.get_verbosity()
        logging.set_verbosity(max(before, logging.WARNING))
        try:
            yield
        finally:
            logging.set_verbosity(before)
