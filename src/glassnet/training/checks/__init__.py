"""Checks of inputs, targets and augmentation, done once before the first step."""
