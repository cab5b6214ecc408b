"""Errors, trees of arrays, the registry, files: what every other room stands on."""
