"""The callbacks under Keras's name of the module; they are in training/callbacks."""

from glassnet.core.keras_namespaces import hint_at_missing
from glassnet.training.callbacks import *  # noqa: F403
from glassnet.training.callbacks.backup_and_restore import BackupAndRestore as BackupAndRestore
from glassnet.training.history import History as History

hint_at_missing(__name__)
