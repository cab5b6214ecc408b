"""Texts: text data sets, and the tokenizers that turn texts into rows of ids."""
