"""Verification of the hand-written derivatives: one table of cases, four independent checks."""
