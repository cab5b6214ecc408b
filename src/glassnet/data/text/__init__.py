"""Texts: data sets of them, and the tokenizers that turn them into rows of ids."""
