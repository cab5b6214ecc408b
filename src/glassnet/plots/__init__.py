"""Plots, drawn with Matplotlib in one style. Each is a function of arrays."""
