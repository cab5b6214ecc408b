"""Checks of inputs, targets and augmentation, made once before the first step."""
