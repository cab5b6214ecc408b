"""Doubts about data that are noticed while they are read: logged as warnings, or collected.

The doctor collects them, so that its findings contain them.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from glassnet.core.errors import GlassnetError

log = logging.getLogger(__name__)

_COLLECTED: ContextVar[list[GlassnetError] | None] = ContextVar("collected", default=None)


def doubt(what: str, where: str, fix: str) -> None:
    """Log a warning about the data, or add it to those that are collected."""
    error, collected = GlassnetError(what, where=where, fix=fix), _COLLECTED.get()
    if collected is None:
        log.warning(f"warning: {error}")
    elif str(error) not in map(str, collected):  # data may be read twice
        collected.append(error)


@contextmanager
def collected_doubts() -> Iterator[list[GlassnetError]]:
    """Context that collects the doubts in a list instead of logging them."""
    doubts: list[GlassnetError] = []
    token = _COLLECTED.set(doubts)
    try:
        yield doubts
    finally:
        _COLLECTED.reset(token)
