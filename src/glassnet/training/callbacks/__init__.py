"""What may watch training: the protocol in base.py, and a file for each callback."""

from glassnet.training.callbacks.base import Callback, Record, Request, checked_callbacks
from glassnet.training.callbacks.early_stopping import EarlyStopping

__all__ = ["Callback", "EarlyStopping", "Record", "Request", "checked_callbacks"]
