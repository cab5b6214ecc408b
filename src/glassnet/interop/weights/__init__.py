"""Weights alone from elsewhere: PyTorch's state dicts and safetensors, paired with our layers.

Only `torch_file` imports PyTorch, and only to read its own files.
"""
