"""Findings of the doctor: what is wrong, where, and how to fix it."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from glassnet.core.errors import GlassnetError


class DoctorWarning(UserWarning):
    """A problem in model or data with which training runs, but rarely as intended."""


@dataclass(frozen=True)
class Finding:
    """One problem. Its level is "error", which stops training, or "warning", which doesn't."""

    level: str
    what: str
    where: str
    fix: str

    def __str__(self) -> str:
        return str(self.error())

    def error(self) -> GlassnetError:
        """Return the finding as an error to raise."""
        return GlassnetError(self.what, where=self.where, fix=self.fix)

    def to_dict(self) -> dict[str, str]:
        """Return the finding as JSON values."""
        return asdict(self)

    @classmethod
    def of(cls, error: GlassnetError) -> "Finding":
        """Return a raised error as a finding."""
        return cls("error", error.what, error.where, error.fix)


def warning(what: str, where: str, fix: str) -> Finding:
    """Return a finding that doesn't stop training."""
    return Finding("warning", what, where, fix)


def stop(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings if all are warnings; raise the first error among them."""
    findings = list(findings)
    for finding in findings:
        if finding.level == "error":
            raise finding.error()
    return findings
