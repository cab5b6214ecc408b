"""Runs: one file for each workflow, named like its command."""
