"""Bridges to other libraries: `keras` for its models and files, `weights` for weights alone."""
