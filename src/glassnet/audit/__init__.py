"""What is wrong with the examples themselves: copies, likely label errors, odd ones."""

from glassnet.audit.accuracy import Accuracy, Repeated, repeated
from glassnet.audit.audit import audit
from glassnet.audit.findings import Audit, Copy, Odd, Place, Suspect

__all__ = ["Accuracy", "Audit", "Copy", "Odd", "Place", "Repeated", "Suspect", "audit", "repeated"]
