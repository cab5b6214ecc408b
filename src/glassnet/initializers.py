"""The initializers under Keras's name of the module; they are in layers/initializers.py."""

from glassnet.core.keras_namespaces import hint_at_missing
from glassnet.layers import initializers
from glassnet.layers.initializers import *
from glassnet.layers.initializers import get as get

hint_at_missing(__name__, initializers)
