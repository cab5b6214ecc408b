"""Errors, arrays and trees of them, the registry, files: what all other packages build on."""
