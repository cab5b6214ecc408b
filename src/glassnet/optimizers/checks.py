"""Checks of numbers among the fields of optimizers and schedules."""

import math

from glassnet.core.arrays import whole_number
from glassnet.core.errors import GlassnetError


class Checks:
    """The checks that optimizers and schedules share. A field that is missing or None passes."""

    def _check_positive(self, *names: str) -> None:
        for name in names:
            if (value := getattr(self, name, None)) is not None and not 0 < value < math.inf:
                raise self._error(f"{name} must be a number > 0, got {value}.")

    def _check_nonnegative(self, *names: str) -> None:
        for name in names:
            if (value := getattr(self, name, None)) is not None and not 0 <= value < math.inf:
                raise self._error(f"{name} must be a number ≥ 0, got {value}.")

    def _set_whole(self, name: str, least: int = 1) -> None:
        """Check that a field is a whole number, and convert it to an int."""
        if (value := getattr(self, name)) is not None:
            whole = whole_number(value, f"{type(self).__name__}: {name}", least)
            object.__setattr__(self, name, whole)

    def _error(self, what: str, fix: str = "") -> GlassnetError:
        return GlassnetError(what, where=type(self).__name__, fix=fix)
