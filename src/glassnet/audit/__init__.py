"""What is wrong with the examples themselves: copies, likely label errors, odd ones."""

from glassnet.audit.findings import Audit, Copy, Odd, Place, Suspect
from glassnet.audit.judging import Accuracy, Repeated, repeated
from glassnet.audit.looking import audit

__all__ = ["Accuracy", "Audit", "Copy", "Odd", "Place", "Repeated", "Suspect", "audit", "repeated"]
