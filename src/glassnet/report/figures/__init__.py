"""Plots of runs: the kinds of plots, what each needs from a run, and how they are drawn."""
