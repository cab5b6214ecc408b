"""Bridges to other libraries' models and file formats, one folder per library: Keras."""
