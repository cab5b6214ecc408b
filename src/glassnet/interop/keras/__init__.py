"""The bridge to Keras 3: the same network in both, trained by either, weights converted both ways.

Only the files in this folder import Keras, and only when they are used.
"""
