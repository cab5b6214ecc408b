"""Runs as pictures: each kind of picture, what it needs of a run, and how it becomes a file."""
