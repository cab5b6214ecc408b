"""The doctor: checks of model and data that say what is wrong, where, and how to fix it.

`examine` runs before the first epoch, `symptoms` after the last one.
"""

from glassnet.doctor.after_training import symptoms
from glassnet.doctor.checks import (
    CHEAP,
    REST,
    examine,
    glance,
    glance_at_fine_tuning,
    look_back,
    skip_glance,
)
from glassnet.doctor.findings import DoctorWarning, Finding, stop
from glassnet.doctor.subject import Origin, Part, Subject

__all__ = [
    "CHEAP", "REST", "DoctorWarning", "Finding", "Origin", "Part", "Subject", "examine", "glance",
    "glance_at_fine_tuning", "look_back", "skip_glance", "stop", "symptoms",
]  # fmt: skip
