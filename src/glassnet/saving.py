"""Loading under Keras's name of the module; it is in model/configuration.py."""

from glassnet.core.keras_namespaces import hint_at_missing
from glassnet.model.configuration import load_model as load_model

hint_at_missing(__name__)
