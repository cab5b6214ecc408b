"""The one error that glassnet raises for anything a person can mend."""

from collections.abc import Iterable
from difflib import get_close_matches

_LONGEST = 1000  # characters


class GlassnetError(ValueError):
    """What was wrong, where, and how to mend it.

    `where` names the place (a layer, a file, an option, a row); `fix` is one sentence that says
    what to do. Both become part of the message, so that printing the error is enough.
    """

    def __init__(self, what: str, *, where: str = "", fix: str = "") -> None:
        self.what, self.where, self.fix = what, where, fix
        message = f"{where}: {what}" if where else what
        super().__init__(f"{message} {fix}" if fix else message)

    def inside(self, where: str) -> "GlassnetError":
        """The same error, seen from the place around it; what a file holds may be long."""
        what = self.what if len(self.what) <= _LONGEST else f"{self.what[:_LONGEST]}…"
        return GlassnetError(
            what, where=f"{where}: {self.where}" if self.where else where, fix=self.fix
        )


def unknown(kind: str, name: object, choices: Iterable[str], *, where: str = "") -> GlassnetError:
    """The error for a name that is not among `choices`, with the nearest one suggested."""
    known = sorted(choices)
    small = {choice.lower(): choice for choice in known}
    near = get_close_matches(str(name).lower(), small, n=1, cutoff=0.5)
    hint = f"Did you mean {small[near[0]]!r}? " if near else ""
    return GlassnetError(
        f"unknown {kind} {str(name)!r:.80}.", where=where, fix=f"{hint}Known: {', '.join(known)}."
    )
