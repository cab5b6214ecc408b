"""Keras 3 and glassnet: the same network there and here, trained by either, weights both ways.

Only the files in this folder import Keras, and only when they are used.
"""
