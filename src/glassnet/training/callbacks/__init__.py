"""Callbacks, which observe training and can stop it: base.py, and one file per callback."""

from glassnet.training.callbacks.base import Callback, Record, Request
from glassnet.training.callbacks.base import checked_callbacks as checked_callbacks
from glassnet.training.callbacks.csv_logger import CSVLogger
from glassnet.training.callbacks.early_stopping import EarlyStopping
from glassnet.training.callbacks.lambda_callback import LambdaCallback
from glassnet.training.callbacks.learning_rate_scheduler import LearningRateScheduler
from glassnet.training.callbacks.max_time import MaxTime
from glassnet.training.callbacks.model_checkpoint import ModelCheckpoint
from glassnet.training.callbacks.reduce_lr_on_plateau import ReduceLROnPlateau
from glassnet.training.callbacks.tensorboard import TensorBoard
from glassnet.training.callbacks.terminate_on_nan import TerminateOnNaN
from glassnet.training.callbacks.unfreeze import Unfreeze

__all__ = [
    "CSVLogger",
    "Callback",
    "EarlyStopping",
    "LambdaCallback",
    "LearningRateScheduler",
    "MaxTime",
    "ModelCheckpoint",
    "Record",
    "ReduceLROnPlateau",
    "Request",
    "TensorBoard",
    "TerminateOnNaN",
    "Unfreeze",
]
