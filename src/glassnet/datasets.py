"""Data sets under Keras's name of the module, as Keras returns them; `load` returns more."""

from glassnet.core.keras_namespaces import hint_at_missing
from glassnet.data.keras_datasets import digits as digits
from glassnet.data.keras_datasets import fashion_mnist as fashion_mnist

hint_at_missing(__name__)
