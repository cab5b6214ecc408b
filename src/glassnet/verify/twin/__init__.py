"""Parity of engines: the same training steps on two engines, compared number by number."""
