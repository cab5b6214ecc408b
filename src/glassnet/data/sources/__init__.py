"""Data sources: one file for each built-in data set and each file format."""
