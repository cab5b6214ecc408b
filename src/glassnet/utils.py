"""What Keras has in a module of this name; each is in the room that it belongs to."""

from glassnet.core.keras_namespaces import hint_at_missing
from glassnet.data.scaling import normalize as normalize
from glassnet.data.text.padding import pad_sequences as pad_sequences
from glassnet.model.diagram import plot_model as plot_model
from glassnet.training.checks.targets import to_categorical as to_categorical
from glassnet.training.py_dataset import PyDataset as PyDataset

hint_at_missing(__name__)
