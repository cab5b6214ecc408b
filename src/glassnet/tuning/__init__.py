"""Tuning: the search for the settings with which a training, or any function, scores best."""
