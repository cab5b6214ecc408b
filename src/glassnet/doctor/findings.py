"""What the doctor says: a sentence, its place, and how to mend it."""

from collections.abc import Iterable
from dataclasses import dataclass

from glassnet.core.errors import GlassnetError


class DoctorWarning(UserWarning):
    """Something in model or data that training would survive, but hardly as it was meant."""


@dataclass(frozen=True)
class Finding:
    """One fault. An "error" stops training, a "warning" doesn't."""

    level: str
    what: str
    where: str
    fix: str

    def __str__(self) -> str:
        return str(self.error())

    def error(self) -> GlassnetError:
        """The same as the error that is raised."""
        return GlassnetError(self.what, where=self.where, fix=self.fix)

    @classmethod
    def of(cls, error: GlassnetError) -> "Finding":
        """What was raised, as a finding."""
        return cls("error", error.what, error.where, error.fix)


def warning(what: str, where: str, fix: str) -> Finding:
    """A finding that doesn't stop training."""
    return Finding("warning", what, where, fix)


def stop(findings: Iterable[Finding]) -> list[Finding]:
    """The warnings; raises the first error among the findings."""
    findings = list(findings)
    for finding in findings:
        if finding.level == "error":
            raise finding.error()
    return findings
