"""The audit of a data set: copies, likely label errors and odd examples."""

from glassnet.audit.accuracy import Accuracy, Repeated, repeated
from glassnet.audit.audit import AUDITED, audit
from glassnet.audit.findings import Audit, Copy, Odd, Place, Suspect

__all__ = [
    "AUDITED",
    "Accuracy",
    "Audit",
    "Copy",
    "Odd",
    "Place",
    "Repeated",
    "Suspect",
    "audit",
    "repeated",
]
