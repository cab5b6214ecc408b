"""`GlassnetError`, the one error that glassnet raises for anything a person can fix."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches

from glassnet.core.terminal import printable

_LONGEST = 1000  # characters


class GlassnetError(ValueError):
    """An error that says what is wrong, where, and how to fix it.

    `where` names the layer, file, option or row; `fix` is one sentence that says what to do.
    Both are part of the message, so printing the error is enough.
    """

    def __init__(self, what: str, *, where: str = "", fix: str = "") -> None:
        self.what, self.where, self.fix = what, where, fix
        place = where.replace("\n", "\\u000a")  # a path with line breaks stays on one line
        message = f"{place}: {what}" if where else what
        super().__init__(printable(f"{message} {fix}" if fix else message))

    def inside(self, where: str) -> "GlassnetError":
        """Return the same error with `where` prefixed and a very long `what` cut off."""
        what = self.what if len(self.what) <= _LONGEST else f"{self.what[:_LONGEST]}…"
        return GlassnetError(
            what, where=f"{where}: {self.where}" if self.where else where, fix=self.fix
        )


@contextmanager
def errors_inside(where: str) -> Iterator[None]:
    """Context in which `where` is prefixed to the place that an error names."""
    try:
        yield
    except GlassnetError as error:
        raise error.inside(where) from error


def unknown(kind: str, name: object, choices: Iterable[str], *, where: str = "") -> GlassnetError:
    """Return the error for a name that is not one of `choices`; suggests the closest one."""
    names = sorted(choices)
    words = set(str(name).lower().split("_"))
    longer = [other for other in names if words <= set(other.lower().split("_"))]
    # Names that have all these words come before those with similar letters.
    hint = did_you_mean(name, longer if len(words) > 1 and longer else names)
    return GlassnetError(
        f"unknown {kind} {str(name)!r:.80}.",
        where=where,
        fix=f"{hint} Known: {', '.join(names):.{_LONGEST}}.".lstrip(),
    )


def did_you_mean(name: object, choices: Iterable[str], cutoff: float = 0.5) -> str:
    """Return a question with the closest of the choices; "" if none is close."""
    by_lowercase = {choice.lower(): choice for choice in choices}
    closest = get_close_matches(str(name).lower(), by_lowercase, n=1, cutoff=cutoff)
    return f"Did you mean {by_lowercase[closest[0]]!r}?" if closest else ""
