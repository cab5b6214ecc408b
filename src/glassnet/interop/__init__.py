"""Bridges to other libraries: `keras`, its models and files; `weights`, weights alone, PyTorch's too."""
